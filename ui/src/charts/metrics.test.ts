import assert from "node:assert/strict";
import { test } from "node:test";
import { groupMetrics, matching, moved } from "./metrics";

test("groups are prefixes, plain metrics first and the hardware last", () => {
    const keys = ["val/loss", "system/cpu", "loss", "train/a/b", "train/a", "zoo/x", "/odd"];
    assert.deepEqual(
        groupMetrics(keys).map(g => [g.name, g.keys.join()]),
        [
            ["", "/odd,loss,val/loss,zoo/x"],
            ["train", "train/a,train/a/b"],
            ["system", "system/cpu"],
        ],
    );
});

test("metrics without company come after the groups if none of them is plain", () => {
    const keys = ["layer0/norm", "layer1/norm", "val/loss", "val/acc", "system/cpu"];
    assert.deepEqual(
        groupMetrics(keys).map(g => g.name),
        ["val", "", "system"],
    );
});

test("numbers in names are in order of size, and moved keys come first", () => {
    assert.deepEqual(groupMetrics(["l10", "l9", "l1"], ["l10"])[0]!.keys, ["l10", "l1", "l9"]);
    assert.deepEqual(moved(["a", "b", "c"], "a", 1), ["b", "a", "c"]);
    assert.deepEqual(moved(["a", "b", "c"], "c", -1), ["c", "a", "b"]);
});

test("keys by regular expression", () => {
    assert.deepEqual(matching(["Loss", "acc"], "^lo"), ["Loss"]);
    assert.deepEqual(matching(["Loss", "acc"], ""), ["Loss", "acc"]);
    assert.equal(matching(["a"], "("), undefined);
});
