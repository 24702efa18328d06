// Arithmetic of ranges: what is seen of an axis, and how zooming and panning change it.
import type { Range } from "./buckets";
import type { Line } from "./lines";

export interface Fit {
    log: boolean;
    /** Leave out what lies beyond the 5th and 95th of a hundred. */
    clip: boolean;
}

/** The values from `low` to `high` that the vertical axis shows for lines between two x. */
export function fitY(lines: readonly Line[], x: Range, how: Fit): [low: number, high: number] {
    const [low, high] = how.clip ? middle(lines, x) : extremes(lines, x);
    if (low > high) return how.log ? [0.1, 1] : [0, 1];
    return how.log ? padLog(low, high) : pad(low, high);
}

function extremes(lines: readonly Line[], x: Range): [number, number] {
    let low = Infinity;
    let high = -Infinity;
    for (const line of lines)
        for (let i = 0; i < line.x.length; i++) {
            const at = line.x[i]!;
            if (at < x.start || at > x.end) continue;
            const bottom = line.low?.[i] ?? line.raw?.[i] ?? line.y[i];
            const top = line.high?.[i] ?? line.raw?.[i] ?? line.y[i];
            if (bottom != null && bottom < low) low = bottom;
            if (top != null && top > high) high = top;
        }
    return [low, high];
}

/** As many values are looked at, evenly picked, so that moving stays quick. */
const sample = 20_000;

function middle(lines: readonly Line[], x: Range): [number, number] {
    const all = lines.reduce((n, l) => n + l.x.length, 0);
    const every = Math.max(1, Math.ceil(all / sample));
    const seen: number[] = [];
    let n = 0;
    for (const line of lines)
        for (let i = 0; i < line.x.length; i++) {
            const at = line.x[i]!;
            if (at < x.start || at > x.end || n++ % every !== 0) continue;
            const v = line.raw?.[i] ?? line.y[i];
            if (v != null) seen.push(v);
        }
    if (seen.length === 0) return [Infinity, -Infinity];
    const sorted = Float64Array.from(seen).sort();
    const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!;
    return [at(0.05), at(0.95)];
}

const margin = 0.05;
/** Beyond this the length of a range would be infinite, and nothing could be drawn. */
const widest = Number.MAX_VALUE / 4;

function pad(low: number, high: number): [number, number] {
    const inside = (v: number) => Math.max(-widest, Math.min(widest, v));
    const [from, to] = [inside(low), inside(high)];
    const room = from === to ? Math.abs(from) * 0.1 || 1 : (to - from) * margin;
    return [from - room, to + room];
}

function padLog(low: number, high: number): [number, number] {
    const room = Math.max((high / low) ** margin, 1.05);
    return [low / room, high * room];
}

/** A range `factor` times as long around a place that stays where it is. */
export function zoom(range: Range, at: number, factor: number): Range {
    return {
        start: at - (at - range.start) * factor,
        end: at + (range.end - at) * factor,
    };
}

export const pan = (range: Range, by: number): Range => ({
    start: range.start + by,
    end: range.end + by,
});

/** Zooming on a logarithmic axis is done on the logarithms. */
export function onLog(range: Range, change: (r: Range) => Range): Range {
    const changed = change({ start: Math.log10(range.start), end: Math.log10(range.end) });
    return { start: 10 ** changed.start, end: 10 ** changed.end };
}

/** The wider range that is asked for, so that panning a little finds lines there already. */
export function widened(range: Range, whole: Range | undefined): Range {
    const room = (range.end - range.start) / 2;
    const wide = { start: Math.floor(range.start - room), end: Math.ceil(range.end + room) };
    if (!whole || whole.end < range.start || whole.start > range.end) return wide;
    return {
        start: Math.max(wide.start, Math.floor(whole.start)),
        end: Math.min(wide.end, Math.ceil(whole.end)),
    };
}

/** In the address: "100..2000". */
export const rangeCodec = {
    parse(text: string): Range | undefined {
        const [start, end, more] = text.split("..").map(t => (t === "" ? NaN : Number(t)));
        const valid =
            more === undefined &&
            Number.isFinite(start) &&
            Number.isFinite(end) &&
            start! < end!;
        return valid ? { start: start!, end: end! } : undefined;
    },
    format: (r: Range | undefined) =>
        r ? `${+r.start.toPrecision(12)}..${+r.end.toPrecision(12)}` : "",
};
