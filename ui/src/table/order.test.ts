import assert from "node:assert/strict";
import { test } from "node:test";
import { nextOrder } from "./order";

test("a column is pressed through both directions to none", () => {
    const once = nextOrder([], "metrics.loss", false);
    assert.deepEqual(once, [{ column: "metrics.loss", descending: false }]);
    const twice = nextOrder(once, "metrics.loss", false);
    assert.deepEqual(twice, [{ column: "metrics.loss", descending: true }]);
    assert.deepEqual(nextOrder(twice, "metrics.loss", false), []);
});

test("the best comes first: a high accuracy, the newest run", () => {
    assert.equal(nextOrder([], "metrics.acc", false)[0]!.descending, true);
    assert.equal(nextOrder([], "start_time", false)[0]!.descending, true);
    assert.equal(nextOrder([], "params.lr", false)[0]!.descending, false);
});

test("with Shift the other columns keep their say and their rank", () => {
    const a = { column: "params.a", descending: false };
    const b = { column: "params.b", descending: false };
    const both = nextOrder([a], "params.b", true);
    assert.deepEqual(both, [a, b]);
    assert.deepEqual(nextOrder(both, "params.a", true), [{ ...a, descending: true }, b]);
    assert.deepEqual(nextOrder([a, b], "metrics.c", false).length, 1);
});
