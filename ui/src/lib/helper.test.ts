import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Helper } from "./helper";

/** Workers that answer when the test says so. */
class Puppet {
    onmessage: (message: { data: object }) => void = () => {};
    onerror: (error: { message: string }) => void = () => {};
    orders: string[] = [];
    ended = false;
    constructor() {
        puppets.push(this);
    }
    postMessage(order: string) {
        this.orders.push(order);
    }
    terminate() {
        this.ended = true;
    }
}

let puppets: Puppet[] = [];
const settle = () => new Promise(done => setTimeout(done));
const helper = (patienceMs = 60_000) =>
    new Helper<string, string>("x.js", "http://server/", patienceMs);

beforeEach(() => {
    puppets = [];
    Object.assign(globalThis, { Worker: Puppet });
});

test("one order after another goes to the same worker", async () => {
    const some = helper();
    const [first, second] = [some.ask("a"), some.ask("b")];
    await settle();
    assert.deepEqual(puppets[0]!.orders, ["a"]);
    puppets[0]!.onmessage({ data: { answer: "A" } });
    assert.equal(await first, "A");
    await settle();
    puppets[0]!.onmessage({ data: { problem: "no" } });
    await assert.rejects(second, /no/);
    assert.equal(puppets.length, 1);
});

test("what is stopped is refused at once, and the next order is not kept waiting", async () => {
    const some = helper();
    const first = some.ask("a");
    await settle();
    const second = some.ask("b");
    some.stop();
    await assert.rejects(first, /no longer/);
    await settle();
    assert.ok(puppets[0]!.ended);
    assert.deepEqual(puppets[1]!.orders, ["b"]);
    puppets[1]!.onmessage({ data: { answer: "B" } });
    assert.equal(await second, "B");
    some.stop();
    assert.ok(puppets[1]!.ended, "a worker without an order is ended too");
});

test("what takes too long is refused, and a new worker takes what comes next", async () => {
    const some = helper(1);
    await assert.rejects(some.ask("slow"), /too long/);
    const next = assert.rejects(some.ask("b"), /too long/);
    await settle();
    assert.ok(puppets[0]!.ended);
    assert.deepEqual(puppets[1]!.orders, ["b"]);
    await next;
});

test("a worker that breaks refuses its order", async () => {
    const order = helper().ask("a");
    await settle();
    puppets[0]!.onerror({ message: "broken" });
    await assert.rejects(order, /broken/);
    assert.ok(puppets[0]!.ended);
});
