import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetricBuckets, Series } from "./buckets";
import { average } from "./average";
import { isSingle, makeLines, type Line } from "./lines";
import { nearest, nearestIndex, readAt, stops } from "./readout";
import { fitY, onLog, rangeCodec, widened, zoom } from "./scale";
import { unsmoothed } from "./smooth";

const style = (id: string) => ({ id, name: id, colour: "#000", dash: [] });
const styles = new Map(["a", "b"].map(id => [id, style(id)]));
const plain = { smoothing: unsmoothed, span: 100 };

function lines(series: Partial<Series>[], options = {}, width = 1): Line[] {
    const metric: MetricBuckets = {
        key: "loss",
        generation: 1,
        start: 0,
        end: 100,
        width,
        series: series.map((s, i) => ({
            run_id: "ab"[i]!,
            points: s.x!.length,
            x: [],
            last: [],
            ...s,
        })),
    };
    return makeLines(metric, styles, { ...plain, ...options });
}

test("a bucket with nothing but NaN is a gap, one with a value besides is not", () => {
    const [line] = lines([{ x: [9, 29], last: [1, 2], nan: [5, 12, 14] }], {}, 10);
    assert.deepEqual(line!.x, [9, 12, 14, 29]);
    assert.deepEqual(line!.y, [1, null, null, 2]);
    assert.deepEqual(line!.nan, [5, 12, 14]);
});

test("what a logarithm cannot show becomes a gap, or is left out along x", () => {
    const given = { x: [0, 1, 2], last: [5, 0, 7], min: [1, -1, 7], max: [9, 2, 7] };
    const [y] = lines([given], { logY: true });
    assert.deepEqual(y!.y, [5, null, 7]);
    assert.deepEqual(y!.low, [1, null, 7]);
    const [x] = lines([given], { logX: true });
    assert.deepEqual(x!.x, [1, 2]);
    assert.deepEqual(x!.high, [2, 7]);
});

test("a smoothed line keeps the raw one, and runs without a style are not drawn", () => {
    const smoothing = { kind: "steps", amount: 0.5 } as const;
    const [line, none] = lines([{ x: [0, 1], last: [0, 3] }], { smoothing });
    assert.deepEqual(line!.raw, [0, 3]);
    assert.equal(line!.y[1], 2);
    assert.equal(none, undefined);
    const stray = {
        key: "k",
        generation: 1,
        series: [{ run_id: "z", points: 1, x: [0], last: [1] }],
    };
    assert.deepEqual(makeLines(stray, styles, plain), []);
    assert.equal(isSingle(stray), true);
    assert.equal(isSingle({ key: "k", generation: 1, series: [] }), false);
});

test("the vertical range covers every extreme in sight, and only what is in sight", () => {
    const all = lines([
        { x: [0, 50, 100], last: [1, 1, 500], min: [1, -10, 1], max: [1, 10, 900] },
    ]);
    const [low, high] = fitY(all, { start: 0, end: 60 }, { log: false, clip: false });
    assert.ok(low < -10 && low > -12 && high > 10 && high < 12);
    assert.deepEqual(fitY([], { start: 0, end: 1 }, { log: false, clip: false }), [0, 1]);
    const flat = lines([{ x: [0], last: [5] }]);
    assert.deepEqual(fitY(flat, { start: 0, end: 1 }, { log: false, clip: false }), [4.5, 5.5]);
});

test("clipping leaves out what is rare and far", () => {
    const x = Array.from({ length: 100 }, (_, i) => i);
    const all = lines([{ x, last: x.map(i => (i === 50 ? 1e9 : 1 + i / 100)) }]);
    const seen = { start: 0, end: 99 };
    assert.ok(fitY(all, seen, { log: false, clip: true })[1] < 3);
    assert.ok(fitY(all, seen, { log: false, clip: false })[1] > 1e9);
});

test("a logarithmic range stays positive, and huge ones finite", () => {
    const all = lines([{ x: [0, 1], last: [1e-9, 1] }], { logY: true });
    const [low] = fitY(all, { start: 0, end: 1 }, { log: true, clip: false });
    assert.ok(low > 0 && low < 1e-9);
    const huge = lines([{ x: [0, 1], last: [-1.7e308, 1.7e308] }]);
    assert.ok(
        Number.isFinite(fitY(huge, { start: 0, end: 1 }, { log: false, clip: false })[0]),
    );
});

test("zooming keeps the place under the pointer", () => {
    assert.deepEqual(zoom({ start: 0, end: 100 }, 25, 0.5), { start: 12.5, end: 62.5 });
    const { start, end } = onLog({ start: 1, end: 100 }, r => zoom(r, 1, 0.5));
    assert.deepEqual([start, end].map(Math.log10), [0.5, 1.5]);
});

test("the range asked for is wider than what is seen, within the whole", () => {
    assert.deepEqual(widened({ start: 100, end: 200 }, { start: 0, end: 210 }), {
        start: 50,
        end: 210,
    });
    assert.deepEqual(widened({ start: 900, end: 950 }, { start: 0, end: 210 }), {
        start: 875,
        end: 975,
    });
});

test("ranges in the address", () => {
    assert.deepEqual(rangeCodec.parse("-5..1e3"), { start: -5, end: 1000 });
    for (const bad of ["", "1", "..3", "3..3", "4..3", "1..2..3", "a..b"])
        assert.equal(rangeCodec.parse(bad), undefined);
    assert.equal(rangeCodec.format({ start: 0.1 + 0.2, end: 7 }), "0.3..7");
});

test("readings are sorted, and the nearest line is that of the screen", () => {
    const all = lines([
        { x: [0, 10, 20], last: [1, 2, 3], min: [0, 2, 3], max: [1, 2, 3] },
        { x: [0, 20], last: [9, 9] },
    ]);
    const read = readAt(all, 2, { start: 0, end: 20 });
    assert.deepEqual(
        read.map(r => [r.line.id, r.x, r.value, r.low]),
        [
            ["b", 0, 9, undefined],
            ["a", 0, 1, 0],
        ],
    );
    assert.equal(nearest(read, 100, v => 100 * v)!.line.id, "a");
    assert.equal(
        nearest([], 0, v => v),
        undefined,
    );
});

test("a run that ended long before says nothing", () => {
    const all = lines([
        { x: [0, 10], last: [1, 2] },
        { x: [0, 100], last: [9, 9] },
    ]);
    assert.deepEqual(
        readAt(all, 80, { start: 0, end: 100 }).map(r => r.line.id),
        ["b"],
    );
});

test("the nearest point passes over gaps and copes with curves", () => {
    const [line] = lines([{ x: [0, 10], last: [1, 2], nan: [4] }]);
    assert.equal(line!.x[nearestIndex(line!, 4)], 0);
    const curve = { ...line!, x: [5, 1, 9], y: [1, 2, 3] };
    assert.equal(nearestIndex(curve, 2), 1);
    assert.equal(nearestIndex({ ...line!, x: [], y: [] }, 0), -1);
    assert.deepEqual(stops([line!, curve], { start: 0, end: 9 }), [0, 1, 5, 9]);
});

test("the mean of a group goes between the points of its runs", () => {
    const all = lines([
        { x: [0, 10], last: [0, 10] },
        { x: [0, 5, 10, 20], last: [2, 7, 12, 50], nan: [30] },
    ]);
    const mean = average(all, style("group"));
    assert.deepEqual(mean.x, [0, 5, 10, 20, 30]);
    assert.deepEqual(mean.y, [1, 6, 11, 50, null]);
    assert.deepEqual(mean.low, [0, 5, 10, 50, null]);
    assert.deepEqual(mean.high, [2, 7, 12, 50, null]);
    assert.deepEqual(mean.nan, [30]);
    assert.equal(average([], style("none")).x.length, 0);
});
