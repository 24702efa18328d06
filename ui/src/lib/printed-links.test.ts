import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf } from "./printed-links";

test("addresses that clients print lead to the pages", () => {
    assert.equal(placeOf("#/experiments/3"), "/experiments/3");
    assert.equal(placeOf("#/experiments/3/runs/ab12"), "/runs/ab12");
    assert.equal(placeOf("#/experiments/3/runs/ab12?tab=x"), "/runs/ab12");
    assert.equal(placeOf("#/experiments/3/runs/ab12/artifacts"), "/runs/ab12?tab=artifacts");
    assert.equal(placeOf("#/experiments/3/runs/ab12/traces"), "/runs/ab12");
    assert.equal(placeOf("#/experiments/3/traces?o=1"), "/experiments/3");
    assert.equal(placeOf("#/experiments/3/evaluation-runs?selectedRunUuid=ab12"), "/runs/ab12");
    assert.equal(placeOf("#/experiments/3/evaluation-runs"), "/experiments/3");
    assert.equal(placeOf("#/experiments/3/prompts/ask"), "/prompts/ask");
    assert.equal(placeOf("#/experiments/3/models/m-1"), "/experiments/3");
    assert.equal(placeOf("#/models/a%2Fb%20c/versions/2"), "/models/a%2Fb%20c/2");
    assert.equal(
        placeOf("#/compare-runs?runs=%5B%22a%22,%22b%22%5D&experiments=%5B%221%22%5D"),
        "/compare?runs=a,b",
    );
});

test("anything else leads nowhere", () => {
    for (const hash of ["", "#", "#main", "#/x", "#/compare-runs?runs=a", "#/models/%E0"])
        assert.equal(placeOf(hash), undefined, hash);
});
