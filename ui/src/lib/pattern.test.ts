import assert from "node:assert/strict";
import { test } from "node:test";
import { compiled, split } from "./pattern";

test("what a pattern finds stands between what it does not", () => {
    assert.deepEqual(split("calm-fox-12", "FOX|\\d+"), ["calm-", "fox", "-", "12", ""]);
    assert.deepEqual(split("calm-fox", "(?-i)FOX"), ["calm-fox"]);
    assert.deepEqual(split("fox", "x*"), ["fo", "x", ""]);
    assert.deepEqual(split("fox", ""), ["fox"]);
    assert.deepEqual(split("fox", "("), ["fox"]);
});

test("a pattern that may never end is not tried", () => {
    const name = `${"a".repeat(40)}!`;
    for (const pattern of [
        "(a+)+$",
        ".*.*.*.*.*.*.*.*.*.*~",
        `${"(a|a)".repeat(40)}~`,
        `${"a?".repeat(40)}${"a".repeat(40)}~`,
    ])
        assert.deepEqual(split(name, pattern), [name]);
    assert.deepEqual(split("a".repeat(251), "a"), ["a".repeat(251)]);
    assert.deepEqual(split("loss (val)", "\\(val\\)"), ["loss ", "(val)", ""]);
});

test("case matters only where the pattern says so", () => {
    assert.equal(compiled("^LO")?.test("loss"), true);
    assert.equal(compiled("(?-i)^LO")?.test("loss"), false);
    assert.equal(compiled("["), undefined);
});
