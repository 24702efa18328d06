// Values as people read them. Without Intl: the first use of it takes longer than all of a table.
import type { MetricValue } from "./types";

/** Five significant digits, or an exponent where they would not show the size. */
export function metricText(value: MetricValue | null | undefined): string {
    if (value === null || value === undefined) return "";
    if (typeof value === "string")
        return value === "NaN" ? "NaN" : value.replace("Infinity", "∞");
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-4 || size >= 1e7)) return value.toExponential(3);
    return String(Number(value.toPrecision(5)));
}

/** 1234567 -> "1,234,567" */
export const count = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

/** "1 run", "3 runs" */
export const counted = (n: number, one: string, many = `${one}s`): string =>
    `${count(n)} ${n === 1 ? one : many}`;

/** Milliseconds as their two largest units: "3 d 4 h", "12 min 3 s", "350 ms". */
export function durationText(ms: number): string {
    if (ms < 1000) return `${Math.max(0, Math.round(ms))} ms`;
    if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
    const s = Math.floor(ms / 1000);
    const units = [
        [86_400, "d"],
        [3_600, "h"],
        [60, "min"],
        [1, "s"],
    ] as const;
    const at = units.findIndex(([size]) => s >= size);
    const [size, name] = units[at]!;
    const next = units[at + 1];
    const rest = next ? Math.floor((s % size) / next[0]) : 0;
    return `${Math.floor(s / size)} ${name}${rest > 0 ? ` ${rest} ${next![1]}` : ""}`;
}

/** "now", "5 min ago", "3 d ago"; the day, once it is long ago. */
export function agoText(time: number, now: number): string {
    const s = (now - time) / 1000;
    if (s < 5) return "now";
    if (s < 60) return `${Math.floor(s)} s ago`;
    if (s < 3600) return `${Math.floor(s / 60)} min ago`;
    if (s < 86_400) return `${Math.floor(s / 3600)} h ago`;
    if (s < 30 * 86_400) return `${Math.floor(s / 86_400)} d ago`;
    return timeText(time).slice(0, "2026-01-31".length);
}

/** Day and time of day, here: "2026-01-31 09:05:00". */
export function timeText(time: number): string {
    const t = new Date(time);
    const two = (n: number) => String(n).padStart(2, "0");
    const day = [t.getFullYear(), two(t.getMonth() + 1), two(t.getDate())].join("-");
    return `${day} ${[t.getHours(), t.getMinutes(), t.getSeconds()].map(two).join(":")}`;
}

/** The order of names as people expect it: "layer 2" before "layer 10". */
export function byName(a: string, b: string): number {
    const parts = (text: string) => text.split(/(\d+)/);
    const [x, y] = [parts(a), parts(b)];
    for (let i = 0; i < x.length && i < y.length; i++) {
        // Texts and numbers take turns, in both.
        const by = i % 2 === 1 ? Number(x[i]) - Number(y[i]) : byLetters(x[i]!, y[i]!);
        if (by !== 0) return by;
    }
    return x.length - y.length || byLetters(a, b);
}

/** Small and capital letters are alike, unless nothing else tells texts apart. */
function byLetters(a: string, b: string): number {
    const [x, y] = [a.toLowerCase(), b.toLowerCase()];
    return x < y ? -1 : x > y ? 1 : 0;
}

/** Bytes with a decimal unit: "1.2 MB". */
export function sizeText(bytes: number): string {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let at = 0;
    let size = bytes;
    for (; size >= 999.5 && at < units.length - 1; at++) size /= 1000;
    return `${at === 0 || size >= 100 ? Math.round(size) : size.toPrecision(2)} ${units[at]}`;
}
