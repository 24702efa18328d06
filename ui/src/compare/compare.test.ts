import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run } from "~/lib/types";
import { brushCodec, brushed, makeAxis, nearestRun, placeOn, valueOn } from "./axes";
import { brushFilter } from "./brush-filter";
import { boxes } from "./boxes";
import { differences, heat } from "./difference";
import { column, makeFrame, place, valueAt } from "./frame";
import { imageSeries, pictureAt } from "./imageseries";
import { inside, nearestPoint, spearman, trend } from "./plane";
import { folded, textDiff } from "./textdiff";

const run = (id: string, params: object, metrics: object, status = "FINISHED"): Run =>
    ({
        info: { run_id: id, status, start_time: 0, end_time: 2000, user_id: "ada" },
        data: {
            params: Object.entries(params).map(([key, value]) => ({ key, value })),
            metrics: Object.entries(metrics).map(([key, value]) => ({ key, value })),
        },
    }) as Run;

test("rows tell what differs, a missing value included", () => {
    const rows = differences([
        run("a", { lr: "0.1", seed: "1" }, { loss: 1 }),
        run("b", { lr: "0.2", seed: "1" }, { loss: 1, f1: "NaN" }),
    ]);
    const differing = rows.filter(r => r.differs).map(r => [r.kind, r.key, ...r.values]);
    assert.deepEqual(differing, [
        ["params", "lr", "0.1", "0.2"],
        ["metrics", "f1", null, "NaN"],
    ]);
    assert.deepEqual(rows.find(r => r.key === "duration in s")!.values, [2, 2]);
});

test("warmth is the place among the numbers of a row", () => {
    assert.deepEqual(heat([1, 3, null, 2]), [0, 1, undefined, 0.5]);
    assert.deepEqual(heat([1, 1]), [undefined, undefined]);
});

test("a column is of numbers only if all of it is", () => {
    assert.equal(column(["1", "2e3", null, "NaN", 4]).kind, "number");
    assert.deepEqual(column(["1", "two", null]), { kind: "text", texts: ["1", "two", null] });
    const infinite = column(["Infinity", 1]);
    assert.ok(infinite.kind === "number" && Number.isNaN(infinite.numbers[0]));
});

const runs = ["a", "b", "c", "d"].map(id => ({ run_id: id, run_name: id }));
const data: Record<string, (string | number | null)[]> = {
    "params.lr": ["0.001", "0.01", "1e-1", null],
    "params.optimizer": ["sgd", "adam", "sgd", "lion"],
    "metrics.loss": [3, 2, 1, 0],
};
const frame = makeFrame(runs, Object.keys(data), (i, field) => data[field]![i]);

test("axes place numbers, logarithms and texts", () => {
    const lr = makeAxis(frame, "params.lr", true)!;
    assert.deepEqual(
        [0, 1, 2, 3].map(i => +placeOn(lr, i).toFixed(6)),
        [0, 0.5, 1, NaN],
    );
    assert.ok(Math.abs(valueOn(lr, 0.5) - 0.01) < 1e-9);
    const optimizer = makeAxis(frame, "params.optimizer", false)!;
    assert.deepEqual(optimizer.texts, ["adam", "lion", "sgd"]);
    assert.equal(placeOn(optimizer, 3), 0.5);
    assert.equal(makeAxis(frame, "params.other", false), undefined);
    assert.equal(place(5, [5, 5]), 0.5);
    assert.equal(valueAt(0.5, [1, 3]), 2);
});

test("brushes leave the runs within all of them", () => {
    const axes = ["params.lr", "metrics.loss"].map(f => makeAxis(frame, f, false)!);
    const kept = (...b: [string, number, number][]) => [
        ...brushed(axes, new Map(b.map(([f, low, high]) => [f, { low, high }])), 4),
    ];
    assert.deepEqual(kept(), [1, 1, 1, 1]);
    assert.deepEqual(kept(["metrics.loss", 0, 2]), [0, 1, 1, 1]);
    assert.deepEqual(kept(["metrics.loss", 0, 2], ["params.lr", 0, 0.05]), [0, 1, 0, 0]);
    const brushes = new Map([["metrics.a:b", { low: 1e-7, high: 2 }]]);
    assert.deepEqual(brushCodec.parse(brushCodec.format(brushes)), brushes);
    assert.equal(brushCodec.parse(["x:2:1", "nonsense", "a:b:c"]).size, 0);
});

test("brushes become conditions, of texts as they were logged", () => {
    const brushes = new Map([
        ["metrics.loss", { low: 0, high: 1.5 }],
        ["params.lr", { low: 0.005, high: 0.2 }],
        ["duration", { low: 0, high: 1 }],
    ]);
    assert.equal(
        brushFilter("status = 'FINISHED'", brushes, frame),
        "status = 'FINISHED' AND metrics.loss BETWEEN 0 AND 1.5 AND params.lr IN ('0.01', '1e-1')",
    );
});

test("the nearest line between two axes", () => {
    const [lr, loss] = ["params.lr", "metrics.loss"].map(f => makeAxis(frame, f, false)!);
    const all = new Uint8Array(4).fill(1);
    assert.equal(nearestRun(lr!, loss!, 0, 0.99, 0.1, all), 2);
    assert.equal(nearestRun(lr!, loss!, 1, 0.99, 0.1, all), 0);
    assert.equal(nearestRun(lr!, loss!, 0, 0.99, 0.1, new Uint8Array(4)), -1);
});

test("a lasso, a trend, and ranks", () => {
    const ring = [
        { x: 0, y: 0 },
        { x: 4, y: 0 },
        { x: 4, y: 4 },
        { x: 2, y: 1 },
        { x: 0, y: 4 },
    ];
    assert.equal(inside({ x: 1, y: 1 }, ring), true);
    assert.equal(inside({ x: 2, y: 3 }, ring), false);
    assert.equal(inside({ x: 9, y: 1 }, ring), false);
    const line = trend([0, 1, 2].map(x => ({ x, y: 3 * x + 1 })))!;
    assert.deepEqual([line.slope, line.intercept, line.r2], [3, 1, 1]);
    assert.equal(trend([0, 1, 2].map(y => ({ x: 5, y }))), undefined);
    assert.equal(
        nearestPoint([{ x: 0, y: 0 }, undefined, { x: 3, y: 4 }], { x: 3, y: 3 }, 2),
        2,
    );
    assert.equal(nearestPoint([{ x: 0, y: 0 }], { x: 3, y: 3 }, 2), -1);
    const f = Float64Array.from;
    assert.equal(
        spearman(f.call(Float64Array, [1, 2, 9]), f.call(Float64Array, [3, 2, 1])),
        -1,
    );
    assert.equal(
        spearman(f.call(Float64Array, [1, 1, 1]), f.call(Float64Array, [3, 2, 1])),
        undefined,
    );
});

test("boxes have quartiles, whiskers and outliers", () => {
    const values = Float64Array.from([1, 2, 3, 4, 100, 7, NaN]);
    const groupOf = ["a", "a", "a", "a", "a", "b", "b"];
    const [a, b] = boxes(["a", "b", "c"], groupOf, values);
    assert.deepEqual(
        [a!.q1, a!.median, a!.q3, a!.low, a!.high, a!.outliers],
        [2, 3, 4, 1, 4, [100]],
    );
    assert.deepEqual([b!.count, b!.median], [1, 7]);
});

test("texts differ by the fewest lines", () => {
    const edits = (a: string, b: string) =>
        textDiff(a, b).map(e => ({ same: " ", gone: "-", new: "+" })[e.kind] + e.line);
    assert.deepEqual(edits("a\nb\nc", "a\nx\nc"), [" a", "-b", "+x", " c"]);
    assert.deepEqual(edits("a\nb\nc\nd", "b\nc\ne\nd"), ["-a", " b", " c", "+e", " d"]);
    assert.deepEqual(edits("x", "x"), [" x"]);
    assert.deepEqual(edits("", "a"), ["-", "+a"]);
    assert.deepEqual(edits("a\nc\na\nb", "c\na\nb\nz"), ["-a", " c", " a", " b", "+z"]);
});

test("a difference gives back both texts, whatever they are", () => {
    let state = 7;
    const next = (n: number) => (state = (state * 1103515245 + 12345) % 2147483648) % n;
    for (let round = 0; round < 200; round++) {
        const make = () => Array.from({ length: next(12) }, () => "abcd"[next(4)]).join("\n");
        const [a, b] = [make(), make()];
        const edits = textDiff(a, b);
        const side = (not: string) =>
            edits
                .filter(e => e.kind !== not)
                .map(e => e.line)
                .join("\n");
        assert.equal(side("new"), a);
        assert.equal(side("gone"), b);
    }
    const long = (c: string) => Array.from({ length: 3000 }, (_, i) => c + i).join("\n");
    assert.equal(textDiff(long("a"), long("b")).length, 6000);
});

test("far from changes lines are folded", () => {
    const text = Array.from({ length: 20 }, (_, i) => String(i));
    const edits = folded(textDiff(text.join("\n"), [...text.slice(0, 19), "x"].join("\n")), 1);
    assert.deepEqual(
        edits.map(e => e?.line ?? null),
        [null, "18", "19", "x"],
    );
});

test("pictures of one subject are found by their names", () => {
    const series = imageSeries([
        "images/dog%step%10%timestamp%1%u.png",
        "images/dog%step%10%timestamp%1%u%compressed.webp",
        "images/dog+step+2+timestamp+1+u.png",
        "samples/s_001.png",
        "samples/s_010.png",
        "plot.png",
        "7.png",
        "notes.txt",
    ]);
    assert.deepEqual(
        series.map(s => [s.name, s.steps.map(t => t.step)]),
        [
            ["7.png", [0]],
            ["images/dog", [2, 10]],
            ["plot.png", [0]],
            ["samples/s.png", [1, 10]],
        ],
    );
    assert.equal(series[1]!.steps[1]!.path, "images/dog%step%10%timestamp%1%u.png");
    assert.equal(pictureAt(series[1], 9)!.step, 2);
    assert.equal(pictureAt(series[1], 0)!.step, 2);
    assert.equal(pictureAt(undefined, 0), undefined);
});
