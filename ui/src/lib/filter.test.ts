import assert from "node:assert/strict";
import { test } from "node:test";
import { and, anyOf, between, equals, orderTerm } from "./filter";

test("keys and texts are quoted as the language wants it", () => {
    assert.equal(equals("params.lr", "0.1"), "params.lr = '0.1'");
    assert.equal(equals("params.learning rate", "it's"), 'params.`learning rate` = "it\'s"');
    assert.equal(equals("metrics.a`b", 0.25), 'metrics."a`b" = 0.25');
    assert.equal(equals("tags.mlflow.source.name", null), "tags.mlflow.source.name IS NULL");
    assert.equal(equals("tags.t", `'"`), `tags.t LIKE '_"'`);
    assert.equal(between("metrics.loss", 0, 1e-7), "metrics.loss BETWEEN 0 AND 1e-7");
    assert.equal(anyOf("run_id", ["a", "b"]), "run_id IN ('a', 'b')");
});

test("conditions are added once, and bind as they are read", () => {
    assert.equal(and("", "a = 1"), "a = 1");
    assert.equal(and("a = 1 AND b = 2", "b = 2"), "a = 1 AND b = 2");
    assert.equal(and("a = 1 or b = 2", "c = 3"), "(a = 1 or b = 2) AND c = 3");
});

test("an extreme is ordered by its metric", () => {
    assert.equal(orderTerm({ column: "metrics.x/y", descending: true }), "metrics.`x/y` DESC");
    assert.equal(orderTerm({ column: "run_name", descending: false }), "run_name ASC");
});
