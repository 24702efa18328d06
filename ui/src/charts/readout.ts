// What lines say at one place of the horizontal axis: for the cursor, and for being read aloud.
import type { Range } from "./buckets";
import type { Line } from "./lines";

export interface Reading {
    line: Line;
    /** Where the nearest point really is. */
    x: number;
    value: number;
    low?: number;
    high?: number;
}

/** How far from the cursor a point may be, as a part of what is seen. */
const reach = 0.04;

/** The nearest point of each line that has one near `x`, greatest value first. */
export function readAt(lines: readonly Line[], x: number, seen: Range): Reading[] {
    const far = (seen.end - seen.start) * reach;
    const found: Reading[] = [];
    for (const line of lines) {
        const i = nearestIndex(line, x);
        if (i < 0) continue;
        // Between two points of a sparse line the nearer one speaks for it.
        const inside = x >= line.x[0]! && x <= line.x.at(-1)!;
        if (!inside && Math.abs(line.x[i]! - x) > far) continue;
        const low = line.low?.[i] ?? undefined;
        const high = line.high?.[i] ?? undefined;
        const several = low !== undefined && high !== undefined && low < high;
        found.push({
            line,
            x: line.x[i]!,
            value: line.y[i]!,
            ...(several && { low, high }),
        });
    }
    return found.sort((a, b) => b.value - a.value);
}

/** Index of the point with a value whose x is nearest; -1 if the line has none. */
export function nearestIndex(line: Line, x: number): number {
    const { x: xs, y } = line;
    if (!isSorted(xs)) return nearestOfAll(line, x);
    let low = 0;
    let high = xs.length;
    while (low < high) {
        const mid = (low + high) >> 1;
        if (xs[mid]! < x) low = mid + 1;
        else high = mid;
    }
    let before = low - 1;
    let after = low;
    while (before >= 0 && y[before] === null) before--;
    while (after < xs.length && y[after] === null) after++;
    if (before < 0) return after < xs.length ? after : -1;
    if (after >= xs.length) return before;
    return x - xs[before]! <= xs[after]! - x ? before : after;
}

const sorted = new WeakMap<readonly number[], boolean>();

function isSorted(xs: readonly number[]): boolean {
    let known = sorted.get(xs);
    if (known === undefined) {
        known = xs.every((x, i) => i === 0 || xs[i - 1]! <= x);
        sorted.set(xs, known);
    }
    return known;
}

function nearestOfAll({ x: xs, y }: Line, x: number): number {
    let best = -1;
    for (let i = 0; i < xs.length; i++)
        if (y[i] !== null && (best < 0 || Math.abs(xs[i]! - x) < Math.abs(xs[best]! - x)))
            best = i;
    return best;
}

/** Of the readings the one whose value is nearest on the screen. */
export function nearest(
    readings: readonly Reading[],
    top: number,
    toPixel: (value: number) => number,
): Reading | undefined {
    let best: Reading | undefined;
    let least = Infinity;
    for (const r of readings) {
        const away = Math.abs(toPixel(r.value) - top);
        if (away < least) [best, least] = [r, away];
    }
    return best;
}

/** Every x at which some line has a point, in order: the places that the arrow keys visit. */
export function stops(lines: readonly Line[], seen: Range): number[] {
    const all = new Set<number>();
    for (const line of lines)
        for (const [i, x] of line.x.entries())
            if (x >= seen.start && x <= seen.end && line.y[i] !== null) all.add(x);
    return [...all].sort((a, b) => a - b);
}
