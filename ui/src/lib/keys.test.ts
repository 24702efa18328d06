import assert from "node:assert/strict";
import { test } from "node:test";
import { commands, keyName, offer } from "./keys";

const press = (key: string, more = {}) =>
    keyName({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

test("keys are named as they are listed", () => {
    assert.equal(press("?", { shiftKey: true }), "?");
    assert.equal(press("K", { ctrlKey: true, shiftKey: true }), "Ctrl+k");
    assert.equal(press("k", { metaKey: true }), "Ctrl+k");
    assert.equal(press("ArrowDown", { shiftKey: true }), "Shift+ArrowDown");
    assert.equal(press("ArrowLeft", { altKey: true }), "Alt+ArrowLeft");
});

test("what was offered last comes first, and goes", () => {
    const command = (label: string) => ({ label, group: "g", run: () => {} });
    const endOuter = offer([command("outer")]);
    const endInner = offer([command("inner")]);
    assert.deepEqual(
        commands.value.map(c => c.label),
        ["inner", "outer"],
    );
    endInner();
    assert.deepEqual(
        commands.value.map(c => c.label),
        ["outer"],
    );
    endOuter();
});
