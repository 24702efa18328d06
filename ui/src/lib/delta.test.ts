import assert from "node:assert/strict";
import { test } from "node:test";
import { delta, deltaText, verdict } from "./delta";

test("deltas are those of numbers, in hundredths of the baseline's size", () => {
    assert.deepEqual(delta(3, -2), { by: 5, percent: 250 });
    assert.deepEqual(delta("0.5", "0.25"), { by: 0.25, percent: 100 });
    assert.deepEqual(delta(1, 0), { by: 1 });
    assert.equal(delta("NaN", 1), undefined);
    assert.equal(delta("adam", "sgd"), undefined);
});

test("deltas have a sign, and a percentage where there is one", () => {
    assert.equal(deltaText({ by: 0.25, percent: 100 }), "+0.25 (+100 %)");
    assert.equal(deltaText({ by: -2, percent: -0.06 }), "-2 (-0.1 %)");
    assert.equal(deltaText({ by: 1, percent: 3e7 }), "+1 (+3e7 %)");
    assert.equal(deltaText({ by: 1 }), "+1");
});

test("names of metrics tell which way is better, or do not", () => {
    assert.equal(verdict("val/loss", -1), "better");
    assert.equal(verdict("test_accuracy", -1), "worse");
    assert.equal(verdict("macro-F1", 0.1), "better");
    assert.equal(verdict("grad_norm", 1), undefined);
    assert.equal(verdict("accuracy_loss", 1), undefined);
    assert.equal(verdict("loss", 0), undefined);
});
