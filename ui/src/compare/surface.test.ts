import assert from "node:assert/strict";
import { test } from "node:test";
import { makeAxis } from "./axes";
import { makeFrame } from "./frame";
import { surfaceOf } from "./surface";

const runs = ["a", "b", "c", "d", "e"].map(id => ({ run_id: id, run_name: id }));
const data: Record<string, (number | null)[]> = {
    x: [0, 0, 1, 1, 0.5],
    y: [0, 1, 0, 1, null],
    rising: [0, 0, 10, 10, 99],
    flat: [3, 3, 3, 3, 3],
};
const frame = makeFrame(runs, Object.keys(data), (run, field) => data[field]![run]);
const axis = (field: string) => makeAxis(frame, field, false)!;
const surface = (z: string) => surfaceOf(axis("x"), axis("y"), axis(z).values);

test("a surface rises where the values do", () => {
    const { levels, ends } = surface("rising")!;
    assert.deepEqual(ends, [0, 99]);
    assert.equal(levels[0]!.value, 0);
    assert.equal(levels.at(-1)!.value, 10 * (11 / 12), "a run without a place raises nothing");
    const places = levels
        .at(-1)!
        .coordinates.flat(2)
        .map(p => p[0]!);
    assert.ok(Math.min(...places) > 36, "what is high lies in the right half");
});

test("what is the same everywhere has no surface", () => {
    assert.equal(surface("flat"), undefined);
});
