import assert from "node:assert/strict";
import { test } from "node:test";
import {
    agoText,
    byName,
    count,
    counted,
    durationText,
    metricText,
    sizeText,
    timeText,
} from "./format";

test("numbers keep five digits and show their size", () => {
    assert.equal(metricText(0.123456789), "0.12346");
    assert.equal(metricText(0), "0");
    assert.equal(metricText(123456), "123460");
    assert.equal(metricText(1.5e-7), "1.500e-7");
    assert.equal(metricText(-2.5e9), "-2.500e+9");
    assert.equal(metricText("-Infinity"), "-∞");
    assert.equal(metricText("NaN"), "NaN");
    assert.equal(metricText(null), "");
});

test("durations and ages take two units at most", () => {
    assert.equal(durationText(350), "350 ms");
    assert.equal(durationText(9_900), "9.9 s");
    assert.equal(durationText(61_000), "1 min 1 s");
    assert.equal(durationText(3_600_000), "1 h");
    assert.equal(durationText(90_000_000), "1 d 1 h");
    assert.equal(agoText(0, 4_000), "now");
    assert.equal(agoText(0, 7_200_000), "2 h ago");
});

test("counts and sizes", () => {
    assert.equal(counted(1, "run"), "1 run");
    assert.equal(counted(1234, "run"), "1,234 runs");
    assert.equal(count(1_234_567), "1,234,567");
    assert.equal(sizeText(999), "999 B");
    assert.equal(sizeText(1_234_567), "1.2 MB");
});

test("times are read in the order of the calendar", () => {
    const time = new Date(2026, 0, 31, 9, 5).getTime();
    assert.equal(timeText(time), "2026-01-31 09:05:00");
    assert.equal(agoText(time, time + 31 * 86_400_000), "2026-01-31");
});

test("names with numbers are put in order by these", () => {
    const names = ["layer 10", "val/loss", "Layer 2", "layer", "acc", "val/loss2"];
    const sorted = ["acc", "layer", "Layer 2", "layer 10", "val/loss", "val/loss2"];
    assert.deepEqual([...names].sort(byName), sorted);
    assert.equal(byName("x", "x"), 0);
});
