import assert from "node:assert/strict";
import { test } from "node:test";
import { bucketsFor, mergeRuns, pair, splice, type MetricBuckets } from "./buckets";

const metric = (key: string, ...series: MetricBuckets["series"]): MetricBuckets => ({
    generation: 1,
    key,
    start: 0,
    end: 99,
    width: 10,
    series,
});

test("buckets are pixels within what the server takes", () => {
    assert.equal(bucketsFor(612.3, 3), 613);
    assert.equal(bucketsFor(5000, 3), 2000);
    assert.equal(bucketsFor(2000, 200, 10), 1000);
    assert.equal(bucketsFor(0, 0), 1);
});

test("two metrics are paired by their buckets of steps", () => {
    const loss = metric("loss", {
        run_id: "a",
        points: 40,
        x: [9, 19, 39],
        last: [3, 2, 1],
        min: [2, 1, 0],
        max: [4, 3, 2],
        nan: [12, 95],
    });
    const epoch = metric("epoch", {
        run_id: "a",
        points: 3,
        x: [5, 15, 25],
        last: [0.5, 1.5, 2.5],
    });
    const made = pair(loss, epoch);
    assert.deepEqual(made, {
        key: "loss",
        generation: 1,
        start: 0.5,
        end: 1.5,
        series: [
            {
                run_id: "a",
                points: 40,
                x: [0.5, 1.5],
                last: [3, 2],
                min: [2, 1],
                max: [4, 3],
                nan: [1.5],
            },
        ],
    });
    assert.deepEqual(pair(loss, metric("epoch")).series, []);
});

test("news about some runs leave the others alone", () => {
    const line = (run_id: string, last: number) => ({
        run_id,
        points: 1,
        x: [0],
        last: [last],
    });
    const old = metric("loss", line("a", 1), line("b", 2));
    const merged = mergeRuns(old, { ...metric("loss", line("b", 3), line("c", 4)), end: 120 });
    assert.deepEqual(
        merged.series.map(s => [s.run_id, s.last[0]]),
        [
            ["a", 1],
            ["b", 3],
            ["c", 4],
        ],
    );
    assert.equal(merged.end, 120);
    assert.equal(mergeRuns({ key: "loss", generation: 1, series: [] }, old).start, 0);
});

test("a detail takes the place of its part of the coarse line", () => {
    const base = metric(
        "loss",
        {
            run_id: "a",
            points: 90,
            x: [9, 19, 29],
            last: [1, 2, 3],
            max: [5, 6, 7],
            nan: [3, 14],
        },
        { run_id: "b", points: 2, x: [0, 99], last: [1, 1] },
    );
    const fine = { run_id: "a", points: 3, x: [11, 12], last: [8, 9], nan: [14] };
    const made = splice(base, {
        key: "loss",
        generation: 1,
        start: 10,
        end: 20,
        width: 1,
        series: [fine],
    });
    const [a, b] = made.series;
    assert.deepEqual(a!.x, [9, 11, 12, 29]);
    assert.deepEqual(a!.last, [1, 8, 9, 3]);
    assert.deepEqual(a!.max, [5, 8, 9, 7]);
    assert.deepEqual(a!.min, [1, 8, 9, 3]);
    assert.deepEqual(a!.nan, [3, 14]);
    assert.equal(b!.run_id, "b");
    assert.equal(splice(base, { key: "loss", generation: 1, series: [] }), base);
});
