import assert from "node:assert/strict";
import { test } from "node:test";
import type { Columns, KeyColumn } from "~/lib/runs-data";
import { arrange, automatic } from "./columns";

const column = (key: string, more: Partial<KeyColumn> = {}): KeyColumn => ({
    key,
    runs: 10,
    distinct: 3,
    differs: true,
    ...more,
});
const found = (more: Partial<Columns>): Columns => ({
    runs: 10,
    generation: 1,
    metrics: [],
    params: [],
    tags: [],
    ...more,
});

test("what differs is shown, metrics first, and what is the same is not", () => {
    const shown = automatic(
        found({
            metrics: [column("val/loss"), column("rare", { runs: 2 }), column("acc")],
            params: [column("lr"), column("seed", { differs: false, distinct: 1 })],
            tags: [column("team"), column("mlflow.user")],
        }),
        1,
    );
    assert.deepEqual(shown.slice(3), [
        "metrics.val/loss",
        "metrics.acc",
        "metrics.rare",
        "params.lr",
        "tags.team",
    ]);
});

test("many metrics do not push the params out of sight", () => {
    const metrics = Array.from({ length: 30 }, (_, i) => column(`m${i}`));
    const shown = automatic(found({ metrics, params: [column("lr")] }), 1);
    assert.equal(shown.indexOf("params.lr"), 9);
    assert.equal(shown.length, 3 + 30 + 1);
});

test("a param with another value in each run comes last", () => {
    const path = column("output_dir", { distinct: 10, numeric: false });
    const shown = automatic(found({ params: [path, column("lr")], tags: [] }), 1);
    assert.deepEqual(shown.slice(3), ["params.lr", "params.output_dir"]);
});

test("a single run shows all it has; several experiments are named", () => {
    const one = found({ runs: 1, params: [column("lr", { differs: false, runs: 1 })] });
    assert.ok(automatic(one, 1).includes("params.lr"));
    assert.ok(automatic(one, 2).includes("experiment"));
});

test("pinned columns stand first, in their own order, even if not chosen", () => {
    assert.deepEqual(arrange(["a", "b", "c"], ["c", "x"]), {
        pinned: ["c", "x"],
        free: ["a", "b"],
    });
});
