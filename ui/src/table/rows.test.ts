import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { colourTag, type TableQuery } from "~/lib/question";
import type { TreeQuery } from "./question";
import { isGroup, isRun, RowTree } from "./rows";

// ---- A server of 1,000 runs, of which run 3 has two children

let asked: TableQuery[] = [];
let refuse = false;
/** Added to what metrics are. */
let shift = 0;

function answer(path: string, ask: TableQuery & { by?: string[] }): object {
    if (path.endsWith("runs/groups"))
        return {
            total: 2,
            groups: [
                { group: [{ field: ask.by![0], value: "a" }], runs: 2, metrics: [{ mean: 5 }] },
                { group: [{ field: ask.by![0] }], runs: 1, metrics: [null] },
            ],
        };
    const below = ask.filter === "tags.mlflow.parentRunId = 'r3'" || ask.group !== undefined;
    const total = below ? 2 : 1000;
    const from = ask.offset ?? 0;
    const count = Math.max(0, Math.min(total - from, ask.max_results ?? 100));
    const name = (place: number) => (below ? `c${place}` : `r${place}`);
    const chosen = ask.differing
        ? { metrics: ["loss"], params: [], tags: [colourTag] }
        : undefined;
    return {
        total,
        ...(chosen && {
            keys: chosen,
            columns: { runs: total, metrics: [], params: [], tags: [] },
        }),
        runs: Array.from({ length: count }, (_, i) => ({
            run_id: name(from + i),
            run_name: name(from + i),
            children: name(from + i) === "r3" ? 2 : 0,
            metrics: (chosen ?? ask).metrics?.map(() => from + i + shift),
            params: ask.params?.map(() => null),
            tags: ask.tags?.map(() => null),
        })),
    };
}

beforeEach(() => {
    asked = [];
    refuse = false;
    shift = 0;
    Object.assign(globalThis, {
        document: { baseURI: "http://server/" },
        fetch: async (address: string, init: RequestInit) => {
            const ask = JSON.parse(init.body as string) as TableQuery;
            asked.push(ask);
            return refuse
                ? new Response(JSON.stringify({ message: "no" }), { status: 400 })
                : new Response(JSON.stringify(answer(new URL(address).pathname, ask)));
        },
    });
});

const settle = () => new Promise(done => setTimeout(done, 20));

function tree(more: Partial<TreeQuery> = {}): RowTree {
    const which = { experiment_ids: ["1"] };
    return new RowTree({ which, orderBy: [], nested: false, groupBy: [], ...more });
}

const key = (t: RowTree, index: number) => t.at(index)?.key;

test("only the pages that are looked at are fetched, from any place", async () => {
    const t = tree();
    t.want(0, 30, ["metrics.loss"]);
    await settle();
    assert.equal(t.length, 1000);
    t.want(520, 560, ["metrics.loss"]);
    await settle();
    const row = t.at(555);
    assert.ok(isRun(row));
    assert.equal(row.values["metrics.loss"], 555);
    assert.ok(!isRun(t.at(300)));
    assert.equal(t.at(1000), undefined);
    assert.deepEqual(
        asked.map(a => a.offset),
        [0, 500],
    );
});

test("a new column is fetched alone and joins the others", async () => {
    const t = tree();
    t.want(0, 30, ["metrics.a"]);
    await settle();
    t.want(0, 30, ["metrics.a", "params.p"]);
    await settle();
    assert.deepEqual(asked[1]!.metrics, []);
    assert.deepEqual(asked[1]!.params, ["p"]);
    const row = t.at(7);
    assert.ok(isRun(row));
    assert.deepEqual(row.values, { "metrics.a": 7, "params.p": null });
});

test("the first page says which columns there are, and has their values", async () => {
    const which = { experiment_ids: ["1"] };
    const t = new RowTree({ which, orderBy: [], nested: false, groupBy: [] }, found => {
        assert.equal(found.runs, 1000);
        return ["state", "metrics.loss", "metrics.unsent"];
    });
    t.want(0, 30, []);
    await settle();
    const row = t.at(7);
    assert.ok(isRun(row));
    assert.deepEqual(row.values, { "metrics.loss": 7 });
    t.want(0, 30, ["state", "metrics.loss"]);
    await settle();
    assert.equal(asked.length, 1, "everything wanted is there");
    t.want(0, 30, ["state", "metrics.loss", "metrics.unsent"]);
    await settle();
    assert.deepEqual(asked[1]!.metrics, ["unsent"]);
    assert.equal(asked[1]!.differing, undefined);
});

test("children are unfolded below their parent and folded again", async () => {
    const t = tree({ nested: true });
    t.want(0, 30, []);
    await settle();
    assert.equal(t.at(3)?.open, false);
    assert.equal(t.at(4)?.open, undefined);
    t.setOpen(["r3"]);
    await settle();
    assert.equal(t.length, 1002);
    assert.deepEqual([key(t, 3), key(t, 4), key(t, 5), key(t, 6)], ["r3", "c0", "c1", "r4"]);
    assert.equal(t.at(4)?.depth, 1);
    assert.equal(t.indexOf("c1"), 5);
    assert.equal(t.indexOf("r9"), 11);
    t.setOpen([]);
    assert.equal(t.length, 1000);
    assert.equal(key(t, 4), "r4");
});

test("groups are unfolded into groups, then runs", async () => {
    const t = tree({ groupBy: ["params.p", "tags.t"] });
    t.want(0, 30, ["metrics.a"]);
    await settle();
    const first = t.at(0);
    assert.ok(isGroup(first));
    assert.equal(first.spreads["metrics.a"]?.mean, 5);
    t.setOpen(['["a"]', '["a",null]']);
    await settle();
    await settle();
    assert.deepEqual(
        [0, 1, 2, 3, 4, 5].map(i => key(t, i)),
        ['["a"]', '["a","a"]', '["a",null]', "c0", "c1", "[null]"],
    );
    assert.deepEqual(asked.at(-1)!.group, [
        { field: "params.p", value: "a" },
        { field: "tags.t" },
    ]);
});

test("groups keep the columns that they had when others come", async () => {
    const t = tree({ groupBy: ["params.p"] });
    t.want(0, 30, ["state", "metrics.a"]);
    await settle();
    t.want(0, 30, ["state", "metrics.a", "metrics.b"]);
    await settle();
    const first = t.at(0);
    assert.ok(isGroup(first));
    assert.deepEqual(Object.keys(first.spreads), ["metrics.a", "metrics.b"]);
    assert.equal(asked.length, 2);
});

test("what changes while it is fetched is fetched again", async () => {
    const t = tree();
    t.want(0, 30, []);
    await settle();
    t.refresh();
    t.refresh();
    await settle();
    assert.ok(asked.length >= 3, `${asked.length} requests`);
    const before = asked.length;
    t.want(0, 30, []);
    await settle();
    assert.equal(asked.length, before, "nothing is left to fetch");
});

test("what did not change stays what it was", async () => {
    const t = tree();
    t.want(0, 30, ["metrics.a"]);
    await settle();
    const [before, other] = [t.at(7), t.at(8)];
    assert.equal(t.at(7), before);
    t.refresh();
    await settle();
    assert.equal(asked.length, 2);
    assert.equal(t.at(7), before);
    shift = 1;
    t.refresh();
    await settle();
    const now = t.at(8);
    assert.ok(isRun(now) && now !== other);
    assert.equal(now.values["metrics.a"], 9);
});

test("a refusal is told, and gone after the next answer", async () => {
    const t = tree();
    refuse = true;
    t.want(0, 30, []);
    await settle();
    assert.equal(t.error.value?.message, "no");
    refuse = false;
    t.refresh();
    await settle();
    assert.equal(t.error.value, undefined);
    assert.equal(t.length, 1000);
});
