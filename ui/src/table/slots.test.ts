import assert from "node:assert/strict";
import { test } from "node:test";
import { slots } from "./slots";

const of = (keys: string, before: ReadonlyMap<string, number>, held?: string) =>
    slots([...keys], before, held);

test("what stays keeps its element, what is new takes one that is free", () => {
    const first = of("abcd", new Map());
    assert.deepEqual([...first.values()], [0, 1, 2, 3]);
    const second = of("cdef", first);
    assert.deepEqual(Object.fromEntries(second), { c: 2, d: 3, e: 0, f: 1 });
    const third = of("xyz", second);
    assert.deepEqual([...third.values()], [0, 1, 2]);
    assert.deepEqual([...of("vwxyz", third).values()].sort(), [0, 1, 2, 3, 4]);
});

test("the element that has the focus is not given to another", () => {
    const first = of("abc", new Map());
    assert.deepEqual(Object.fromEntries(of("bcd", first, "a")), { b: 1, c: 2, d: 3 });
    assert.deepEqual(Object.fromEntries(of("bcd", first, "b")), { b: 1, c: 2, d: 0 });
});
