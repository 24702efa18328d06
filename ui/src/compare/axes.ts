// Parallel axes: where each run crosses each of them, and which runs the brushes leave.
import type { ColumnId } from "~/lib/runs";
import { categories, extent, place, valueAt, type Frame } from "./frame";

/** A part of an axis, in its values; of an axis of texts, in numbers of its texts. */
export interface Brush {
    readonly low: number;
    readonly high: number;
}

export interface ParallelAxis {
    readonly field: ColumnId;
    readonly domain: readonly [number, number];
    readonly log: boolean;
    /** In order from below; undefined for numbers. */
    readonly texts?: readonly string[];
    /** The value of each run; NaN if it has none. */
    readonly values: Float64Array;
}

export function makeAxis(
    frame: Frame,
    field: ColumnId,
    log: boolean,
): ParallelAxis | undefined {
    const column = frame.columns.get(field);
    if (!column) return undefined;
    if (column.kind === "number") {
        const domain = extent(column.numbers, log);
        // An axis on which nothing lies is kept, so that it can be taken away.
        return {
            field,
            domain: domain ?? [0, 1],
            log: log && !!domain,
            values: column.numbers,
        };
    }
    const texts = categories(column.texts);
    const number = new Map(texts.map((t, i) => [t, i]));
    return {
        field,
        domain: [-0.5, Math.max(0.5, texts.length - 0.5)],
        log: false,
        texts,
        values: Float64Array.from(column.texts, t => (t === null ? NaN : number.get(t)!)),
    };
}

/** From 0 (below) to 1; NaN if the run does not cross the axis. */
export const placeOn = (axis: ParallelAxis, run: number): number =>
    place(axis.values[run]!, axis.domain, axis.log);

export const valueOn = (axis: ParallelAxis, p: number): number =>
    valueAt(p, axis.domain, axis.log);

/** For each run 1 if it is within all brushes. Runs without a value are beyond any brush. */
export function brushed(
    axes: readonly ParallelAxis[],
    brushes: ReadonlyMap<ColumnId, Brush>,
    runs: number,
): Uint8Array {
    const kept = new Uint8Array(runs).fill(1);
    for (const axis of axes) {
        const brush = brushes.get(axis.field);
        if (!brush) continue;
        for (let i = 0; i < runs; i++) {
            const v = axis.values[i]!;
            if (!(v >= brush.low && v <= brush.high)) kept[i] = 0;
        }
    }
    return kept;
}

/** The run whose line is nearest to a point between two axes; -1 if none is within `reach`.
 *  `x` is where the point is between them, from 0 to 1; `y` and `reach` are places on the axes. */
export function nearestRun(
    left: ParallelAxis,
    right: ParallelAxis,
    x: number,
    y: number,
    reach: number,
    kept: Uint8Array,
): number {
    let best = -1;
    let least = reach;
    for (let i = 0; i < kept.length; i++) {
        if (!kept[i]) continue;
        const at = placeOn(left, i) * (1 - x) + placeOn(right, i) * x;
        const away = Math.abs(at - y);
        if (away < least) [best, least] = [i, away];
    }
    return best;
}

/** In the address: "params.lr:0.001:0.1". The field may hold anything, so it is what is left. */
export const brushCodec = {
    parse(items: readonly string[]): ReadonlyMap<ColumnId, Brush> {
        const brushes = new Map<ColumnId, Brush>();
        for (const item of items) {
            const found = /^(.+):([^:]+):([^:]+)$/s.exec(item);
            const [low, high] = [Number(found?.[2]), Number(found?.[3])];
            if (found && low <= high) brushes.set(found[1]!, { low, high });
        }
        return brushes;
    },
    format: (brushes: ReadonlyMap<ColumnId, Brush>): string[] =>
        // Every digit, lest rounding leave out the run at the end of an axis.
        [...brushes].map(([field, b]) => `${field}:${b.low}:${b.high}`),
};
