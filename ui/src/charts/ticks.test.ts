import assert from "node:assert/strict";
import { test } from "node:test";
import { durationText, niceStep, ticks, xText } from "./ticks";

test("steps are 1, 2 or 5 times a power of ten", () => {
    assert.equal(niceStep(0.013), 0.02);
    assert.equal(niceStep(0.1), 0.1);
    assert.equal(niceStep(51), 100);
});

test("ticks are round numbers without noise", () => {
    assert.deepEqual(ticks(0, 0.7, 7, "number").labels, [
        "0",
        "0.1",
        "0.2",
        "0.3",
        "0.4",
        "0.5",
        "0.6",
        "0.7",
    ]);
    assert.deepEqual(ticks(0, 2e6, 4, "number").labels, [
        "0",
        "500,000",
        "1 M",
        "1.5 M",
        "2 M",
    ]);
    assert.deepEqual(ticks(-1e-5, 1e-5, 2, "number").labels, ["-1e-5", "0", "1e-5"]);
    assert.deepEqual(ticks(0, 4e300, 2, "number").labels, ["0", "2e300", "4e300"]);
    assert.deepEqual(ticks(1, 1, 5, "number").at, []);
    assert.deepEqual(ticks(0, Infinity, 5, "number").at, []);
});

test("a logarithmic axis has decades, and more where there are few", () => {
    assert.deepEqual(ticks(1e-4, 10, 6, "log").labels, [
        "1e-4",
        "0.001",
        "0.01",
        "0.1",
        "1",
        "10",
    ]);
    assert.deepEqual(ticks(1, 60, 6, "log").at, [1, 2, 5, 10, 20, 50]);
    assert.deepEqual(ticks(2.1, 2.6, 5, "log").at, [2.1, 2.2, 2.3, 2.4, 2.5, 2.6]);
    assert.ok(ticks(1e-30, 1e30, 6, "log").at.length <= 7);
});

test("times and durations have ticks at whole hours and minutes", () => {
    assert.deepEqual(ticks(0, 3_600_000, 4, "duration").labels, [
        "0",
        "15m",
        "30m",
        "45m",
        "1h",
    ]);
    const day = new Date(2026, 10, 25, 9, 50).getTime();
    const { at, labels } = ticks(day, day + 3_600_000, 4, "time");
    assert.deepEqual(labels, ["2026-11-25 10:00", "10:15", "10:30", "10:45"]);
    assert.equal(new Date(at[0]!).getMinutes(), 0);
    assert.equal(ticks(day, day + 40 * 86_400_000, 4, "time").labels[0], "2026-12-03");
});

test("durations say what a step needs", () => {
    assert.deepEqual(
        [0, 950, 1500, 90_000, 90_000_000, -2000].map(ms => durationText(ms)),
        ["0", "950ms", "1.5s", "1m 30s", "1d 1h", "-2s"],
    );
    assert.equal(durationText(3_605_250, 250), "1h 5.25s");
    assert.equal(durationText(3_605_000, 5000), "1h 5s");
});

test("places on the axis are told in full", () => {
    assert.equal(xText(1_234_567, "number"), "1,234,567");
    assert.equal(xText(0.5, "log"), "0.5");
    assert.equal(xText(new Date(2026, 0, 2, 3, 4, 5).getTime(), "time"), "2026-01-02 03:04:05");
});
