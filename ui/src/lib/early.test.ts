import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { askEarly, earlyAnswers, takeEarly } from "./early";

let answer: (text: string, status?: number) => void = () => {};
let requests = 0;

beforeEach(() => {
    requests = 0;
    Object.assign(globalThis, {
        document: { baseURI: "http://server/" },
        fetch: () => {
            requests++;
            return new Promise(done => {
                answer = (text, status = 200) => done(new Response(text, { status }));
            });
        },
    });
});

test("an early answer is given once, to who asks the same", async () => {
    askEarly("runs/table", { a: 1 });
    assert.equal(takeEarly("runs/table", { a: 2 }), undefined);
    assert.equal(takeEarly("runs/groups", { a: 1 }), undefined);
    const taken = takeEarly<{ total: number }>("runs/table", { a: 1 });
    assert.equal(takeEarly("runs/table", { a: 1 }), undefined);
    answer('{"total": 7}');
    assert.equal((await taken)?.total, 7);
    assert.equal(requests, 1);
});

test("nobody waits for long, and a refusal is told to who takes it", async () => {
    askEarly("runs/table", {});
    await earlyAnswers(1);
    answer('{"error_code": "INVALID", "message": "no"}', 400);
    await earlyAnswers(60_000);
    assert.ok(!process.getActiveResourcesInfo().includes("Timeout"), "it still waits");
    await assert.rejects(takeEarly("runs/table", {})!, /no/);
    await earlyAnswers(60_000); // of nothing
});
