import { conditionsOf } from "./conditions";
import assert from "node:assert/strict";
import { test } from "node:test";
import { complete, looksLikeName } from "./completion";
import { read, serverPlace } from "./language";

const roles = (filter: string) => read(filter).tokens.map(t => `${t.role}:${t.text}`);

test("a filter falls into its words", () => {
    assert.deepEqual(roles("metrics.loss<0.5 AND tags.`a b` LIKE 'x%'"), [
        "field:metrics.loss",
        "operator:<",
        "value:0.5",
        "join:AND",
        "field:tags.`a b`",
        "operator:LIKE",
        "value:'x%'",
    ]);
});

test("everything that the language has is read without complaint", () => {
    for (const filter of [
        "",
        "a = 1",
        "NOT (a = 'x' OR b != \"y\") AND c BETWEEN 1 AND 2",
        "status IN ('FAILED', 'KILLED') and params.x IS NOT NULL",
        "metrics.\"system/cpu\" >= -1e-3 tags.mlflow.user ILIKE 'a%'",
        "run_id NOT IN ('a') OR (((metrics.x > .5)))",
    ])
        assert.equal(read(filter).error, undefined, filter);
});

test("what is wrong is found where it is", () => {
    const place = (filter: string) => {
        const { error } = read(filter);
        return error && filter.slice(error.from, error.to);
    };
    assert.equal(place("params.a = adam"), "adam");
    assert.equal(place("metrics.a = 'x"), "'x");
    assert.equal(place("metrics.a ~ 5"), "~");
    assert.equal(place("a = 1)"), ")");
    assert.equal(place("a = 1 AND = 2"), "=");
    assert.equal(place("a BETWEEN 1 OR 2"), "OR");
});

test("the server's message tells its place", () => {
    assert.deepEqual(serverPlace("filter, character 14: expected a number"), {
        at: 13,
        text: "expected a number",
    });
    assert.equal(serverPlace("something else"), undefined);
});

const found = {
    runs: 3,
    generation: 1,
    metrics: [{ key: "val/loss", runs: 3, distinct: 3, differs: true, min: 0.1, max: 2 }],
    params: [{ key: "lr", runs: 3, distinct: 2, differs: true, values: ["0.1", "it's"] }],
    tags: [],
};
const labels = (filter: string, cursor = filter.length) =>
    complete(filter, cursor, found).options.map(o => o.label);

test("keys, operators and values are offered where they belong", () => {
    assert.deepEqual(labels("").slice(0, 2), ["metrics.`val/loss`", "params.lr"]);
    assert.deepEqual(labels("los"), ["metrics.`val/loss`"]);
    assert.equal(labels("metrics.`val/loss` ")[0], "<");
    assert.equal(labels("params.lr ")[0], "=");
    assert.deepEqual(labels("params.lr = "), ["0.1", "it's"]);
    assert.deepEqual(labels("params.lr = '0.1' "), ["AND", "OR"]);
    assert.deepEqual(labels("status = 'FI"), ["FINISHED"]);
    assert.deepEqual(labels("metrics.`val/loss` < "), ["0.1", "2"]);
});

test("an option takes the place of the word before the cursor", () => {
    const filter = "params.lr = 'i AND x";
    const { from, to, options } = complete(filter, 14, found);
    assert.equal(filter.slice(from, to), "'i");
    assert.equal(options[0]!.insert, '"it\'s" ');
});

test("conditions are what stands between the ANDs", () => {
    const parts = [
        "metrics.loss < 1",
        "params.lr BETWEEN 0.1 AND 2",
        "NOT status IN ('A', 'B')",
    ];
    assert.deepEqual(conditionsOf(parts.join(" AND ")), parts);
    assert.deepEqual(conditionsOf(parts.join(" and  ")), parts);
    const group = "(user_id = 'a' OR user_id = 'b')";
    assert.deepEqual(conditionsOf(`${group} AND ${parts[0]}`), [group, parts[0]]);
    assert.deepEqual(conditionsOf("status = 'A' params.lr = '1'"), [
        "status = 'A'",
        "params.lr = '1'",
    ]);
    assert.deepEqual(conditionsOf("status = 'A' OR status = 'B'"), []);
    assert.deepEqual(conditionsOf("status = 'A' AND"), []);
    assert.deepEqual(conditionsOf("status ="), []);
});

test("a plain word is taken for a name", () => {
    assert.ok(looksLikeName("calm fox"));
    assert.ok(!looksLikeName("metrics.a > 1"));
    assert.ok(!looksLikeName("  "));
});
