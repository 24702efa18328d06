import assert from "node:assert/strict";
import { test } from "node:test";
import { smooth, smoothingCodec, unsmoothed } from "./smooth";

const near = (got: readonly (number | null)[], want: (number | null)[]) =>
    assert.deepEqual(
        got.map(v => (v === null ? null : +v.toFixed(6))),
        want,
    );

test("an average over points has no pull towards zero", () => {
    const flat = [5, 5, 5, 5];
    near(smooth([0, 1, 2, 3], flat, { kind: "steps", amount: 0.9 }, 3), flat);
    near(
        smooth([0, 1], [1, 3], { kind: "steps", amount: 0.5 }, 1),
        [1, 3.5 / 1.5].map(v => +v.toFixed(6)),
    );
});

test("an average over the axis does not mind how densely it was sampled", () => {
    const at = (every: number) => {
        const x = Array.from({ length: 1000 / every + 1 }, (_, i) => i * every);
        const y = x.map(v => (v < 500 ? 0 : 1));
        return smooth(x, y, { kind: "time", amount: 0.95 }, 1000).at(-1)!;
    };
    assert.ok(Math.abs(at(1) - at(10)) < 1e-3);
});

test("far points weigh less over the axis", () => {
    const [, b] = smooth([0, 1000], [0, 1], { kind: "time", amount: 0.9 }, 1000);
    assert.ok(b! > 0.999);
});

test("a window is narrower at the ends", () => {
    near(smooth([], [0, 3, 6, 0, 3], { kind: "window", amount: 5 }, 4), [0, 3, 2.4, 3, 3]);
});

test("gaps stay and no smoothing is the line itself", () => {
    near(smooth([0, 1, 2], [1, null, 1], { kind: "steps", amount: 0.9 }, 2), [1, null, 1]);
    near(smooth([0, 1, 2], [1, null, 3], { kind: "window", amount: 3 }, 2), [1, null, 3]);
    const y = [1, 2];
    assert.equal(smooth([0, 1], y, unsmoothed, 1), y);
    assert.equal(smooth([4], [1], { kind: "time", amount: 0.9 }, 0).length, 1);
});

test("the address keeps a smoothing and refuses nonsense", () => {
    const s = { kind: "time", amount: 0.95 } as const;
    assert.deepEqual(smoothingCodec.parse(smoothingCodec.format(s)), s);
    for (const bad of ["time", "time:1", "window:1", "cubic:3", "steps:x"])
        assert.equal(smoothingCodec.parse(bad), undefined);
});
