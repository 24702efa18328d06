import assert from "node:assert/strict";
import { test } from "node:test";
import { columnAt, layOut, target } from "./layout";

test("pinned columns stay, unless the window is narrow", () => {
    const wide = layOut(["a"], ["b", "c"], 1200);
    assert.equal(wide.fixed.length, 4);
    assert.equal(wide.count, 6);
    assert.deepEqual(
        [2, 3, 4, 5].map(i => columnAt(wide, i)),
        ["run_name", "a", "b", "c"],
    );
    const narrow = layOut(["a"], ["b", "c"], 400);
    assert.equal(narrow.fixed.length, 3);
    assert.ok(narrow.fixedWidth < 240);
    assert.equal(columnAt(narrow, 3), "a");
});

test("keys move within the table and its header", () => {
    const at = { row: 0, column: 3 };
    const move = (key: string, from = at) => target(key, from, 50, 6, 20);
    assert.deepEqual(move("ArrowUp"), { row: -1, column: 3 });
    assert.deepEqual(move("ArrowUp", { row: -1, column: 3 }), { row: -1, column: 3 });
    assert.deepEqual(move("PageDown", { row: 40, column: 0 }), { row: 49, column: 0 });
    assert.deepEqual(move("Ctrl+End"), { row: 49, column: 5 });
    assert.equal(move("a"), undefined);
});
