import assert from "node:assert/strict";
import { test } from "node:test";
import { list, match, number, oneOf } from "./router";

test("a pattern gives its segments decoded", () => {
    assert.deepEqual(match("/models/:name", "/models/a%2Fb"), { name: "a/b" });
    assert.deepEqual(match("/models/:name", "/models/a/"), { name: "a" });
    assert.equal(match("/models/:name", "/models/a/1"), undefined);
    assert.equal(match("/models/:name", "/models/%E0"), undefined);
    assert.deepEqual(match("", "/"), {});
});

test("codecs give back what they wrote and refuse the rest", () => {
    const names = ["a,b", "ü", "", "x"];
    assert.deepEqual(list.parse(list.format(names)), names);
    assert.equal(list.parse("%E0"), undefined);
    assert.equal(number.parse("1e3"), 1000);
    assert.equal(number.parse(" "), undefined);
    assert.equal(oneOf("a", "b").parse("c"), undefined);
});
