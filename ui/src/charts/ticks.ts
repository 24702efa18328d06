// Where an axis has its ticks and what stands at them, for canvas and SVG alike.
import { metricText } from "~/lib/format";
import type { Axis } from "./buckets";

export interface Ticks {
    at: number[];
    labels: string[];
}

export type Scale = "number" | "log" | "time" | "duration";

/** What the horizontal axis measures. */
export const scaleOf = (x: Axis, log: boolean): Scale =>
    log ? "log" : x === "time" ? "time" : x === "relative" ? "duration" : "number";

/** About `count` ticks from `min` to `max`. */
export function ticks(min: number, max: number, count: number, scale: Scale): Ticks {
    if (!(max > min) || !Number.isFinite(max - min)) return { at: [], labels: [] };
    if (scale === "log" && min > 0) return logTicks(min, max, count);
    if (scale === "time") return timeTicks(min, max, count);
    if (scale === "duration") return durationTicks(min, max, count);
    const step = niceStep((max - min) / Math.max(1, count));
    const at = multiples(min, max, step);
    return { at, labels: at.map(v => tickNumber(v, step)) };
}

/** The smallest of 1, 2 or 5 times a power of ten that is at least `rough`. */
export function niceStep(rough: number): number {
    const power = 10 ** Math.floor(Math.log10(rough));
    const times = [1, 2, 5, 10].find(t => t * power >= rough * (1 - 1e-9)) ?? 10;
    return times * power;
}

function multiples(min: number, max: number, step: number): number[] {
    const first = Math.ceil(min / step - 1e-9);
    const last = Math.floor(max / step + 1e-9);
    const at: number[] = [];
    // Multiplying keeps the ticks free of the errors that adding would pile up.
    for (let k = first; k <= last && at.length < 1000; k++) at.push(clean(k * step, step));
    return at;
}

const clean = (v: number, step: number) =>
    Number(v.toFixed(Math.min(100, Math.max(0, 2 - Math.floor(Math.log10(step))))));

const plain = new Intl.NumberFormat("en", { maximumFractionDigits: 12, useGrouping: true });

function tickNumber(v: number, step: number): string {
    const size = Math.abs(v);
    if (v === 0) return "0";
    if (size >= 1e13) return v.toExponential(2).replace(/\.?0+e\+/, "e");
    if (size >= 1e6)
        return trim((v / scaleBy(size)).toFixed(places(step / scaleBy(size)))) + unit(size);
    if (size < 1e-4) return v.toExponential(Math.max(0, places(step) - places10(size)));
    return plain.format(v);
}

const places = (step: number) =>
    Math.min(20, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
const places10 = (size: number) => -Math.floor(Math.log10(size));
const trim = (t: string) => (t.includes(".") ? t.replace(/\.?0+$/, "") : t);
const scaleBy = (size: number) => (size >= 1e9 ? 1e9 : 1e6);
const unit = (size: number) => (size >= 1e9 ? " G" : " M");

function logTicks(min: number, max: number, count: number): Ticks {
    const low = Math.floor(Math.log10(min));
    const high = Math.ceil(Math.log10(max));
    const decades = high - low;
    const every = Math.max(1, Math.ceil(decades / Math.max(1, count)));
    const times = decades <= 2 ? [1, 2, 5] : [1];
    const at: number[] = [];
    for (let e = low; e <= high; e++)
        for (const t of times) {
            const v = Number(`${t}e${e}`);
            if (v >= min && v <= max && (e - low) % every === 0) at.push(v);
        }
    if (at.length < 2 && max / min < 10) return ticks(min, max, count, "number");
    return { at, labels: at.map(logNumber) };
}

const logNumber = (v: number) =>
    v >= 1e-3 && v < 1e6 ? plain.format(v) : v.toExponential().replace("e+", "e");

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const units = [
    [day, "d"],
    [hour, "h"],
    [minute, "m"],
    [second, "s"],
] as const;

// prettier-ignore
const durations = [
    1, 2, 5, 10, 20, 50, 100, 200, 500,
    second, 2 * second, 5 * second, 10 * second, 15 * second, 30 * second,
    minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
    hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day,
];

function timeStep(span: number, count: number): number {
    const rough = span / Math.max(1, count);
    return durations.find(d => d >= rough) ?? niceStep(rough / day) * day;
}

function durationTicks(min: number, max: number, count: number): Ticks {
    const step = timeStep(max - min, count);
    const at = multiples(min, max, step);
    return { at, labels: at.map(t => durationText(t, step)) };
}

/** "1h 30m", "2.5s", "40ms"; `step` is the smallest difference that must show. */
export function durationText(ms: number, step = 1): string {
    if (Math.abs(ms) < step / 2) return "0";
    const parts: string[] = [];
    let rest = Math.round(Math.abs(ms));
    if (rest < second) parts.push(`${rest}ms`);
    else
        for (const [size, name] of units) {
            // Seconds take all that is left, with as many digits as the step needs.
            const n = size === second ? rest / size : Math.floor(rest / size);
            rest -= n * size;
            if (n > 0) parts.push(trim(n.toFixed(step < second ? 3 : 0)) + name);
        }
    return (ms < 0 ? "-" : "") + parts.join(" ");
}

function timeTicks(min: number, max: number, count: number): Ticks {
    const step = timeStep(max - min, count);
    // Whole days and hours are those of the place where one sits.
    const shift = new Date(min).getTimezoneOffset() * minute;
    const at = multiples(min - shift, max - shift, step).map(t => t + shift);
    let before = "";
    const labels = at.map(t => {
        const { date, clock } = timeText(t, step);
        const text = step >= day ? date : date === before ? clock : `${date} ${clock}`;
        before = date;
        return text;
    });
    return { at, labels };
}

function timeText(t: number, step: number) {
    const d = new Date(t);
    const two = (n: number) => String(n).padStart(2, "0");
    const ms = step < second ? `.${String(d.getMilliseconds()).padStart(3, "0")}` : "";
    const seconds = step < minute ? `:${two(d.getSeconds())}${ms}` : "";
    return {
        date: `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`,
        clock: `${two(d.getHours())}:${two(d.getMinutes())}${seconds}`,
    };
}

/** One place on the horizontal axis, in full. */
export function xText(x: number, scale: Scale): string {
    if (scale === "duration") return durationText(x);
    if (scale !== "time") return Number.isInteger(x) ? plain.format(x) : metricText(x);
    const { date, clock } = timeText(x, second);
    return `${date} ${clock}`;
}
