// The lines of metrics as the server cuts them into buckets: what is asked, and what is answered.
import { own, send } from "~/lib/api";

/** The horizontal axis: steps, wall time or time since the run's start (both in milliseconds). */
export type Axis = "step" | "time" | "relative";

/** Both ends belong to it. */
export interface Range {
    readonly start: number;
    readonly end: number;
}

/** One run's line. Items of the arrays belong together: one for each bucket with a finite point. */
export interface Series {
    run_id: string;
    /** How many points there are between the ends of the range. */
    points: number;
    /** Where the last finite point of the bucket is, and its value. */
    x: number[];
    last: number[];
    /** Absent when no bucket holds more than one finite point. */
    first?: number[];
    min?: number[];
    max?: number[];
    count?: number[];
    /** Where values are not finite. */
    nan?: number[];
    inf?: number[];
    neg_inf?: number[];
}

export interface MetricBuckets {
    key: string;
    /** When the answer was made. */
    generation: number;
    start?: number;
    end?: number;
    width?: number;
    series: Series[];
}

export interface Ask {
    runs: readonly string[];
    keys: readonly string[];
    x: Axis;
    buckets: number;
    range?: Range | undefined;
}

/** What the server takes at most: buckets of a line, and items of all lines together. */
export const limits = { buckets: 2000, items: 2_000_000, runs: 200 } as const;

/** How many buckets to ask for a chart of so many pixels. */
export function bucketsFor(pixels: number, runs: number, keys = 1): number {
    const room = Math.floor(limits.items / Math.max(1, runs * keys));
    return Math.max(1, Math.min(Math.ceil(pixels), limits.buckets, room));
}

export async function fetchBuckets(ask: Ask, signal?: AbortSignal): Promise<MetricBuckets[]> {
    const { metrics, generation } = await send<{
        metrics: Omit<MetricBuckets, "generation">[];
        generation: number;
    }>(
        own("metrics/buckets"),
        {
            run_ids: ask.runs,
            metric_keys: ask.keys,
            x: ask.x,
            buckets: ask.buckets,
            ...(ask.range && {
                start: Math.floor(ask.range.start),
                end: Math.ceil(ask.range.end),
            }),
        },
        signal ? { signal } : {},
    );
    return metrics.map(m => ({ ...m, generation }));
}

/** The lines of one metric over the values of another, which are paired by their steps. */
export async function fetchAgainst(
    ask: Omit<Ask, "keys" | "x"> & { key: string; against: string },
    signal?: AbortSignal,
): Promise<MetricBuckets> {
    const both = async (range?: Range) => {
        const { runs, buckets } = ask;
        const keys = [ask.key, ask.against];
        const [y, x] = await fetchBuckets({ runs, keys, x: "step", buckets, range }, signal);
        return { y: y!, x: x! };
    };
    let { y, x } = await both();
    if (y.start !== undefined && x.start !== undefined && !sameGrid(y, x))
        ({ y, x } = await both({
            start: Math.min(y.start, x.start),
            end: Math.max(y.end!, x.end!),
        }));
    return pair(y, x);
}

const sameGrid = (a: MetricBuckets, b: MetricBuckets) =>
    a.start === b.start && a.width === b.width;

/** Lines of `y` whose x are the values that `x` has in the same bucket of steps. Points without
 *  such a partner are left out. */
export function pair(y: MetricBuckets, x: MetricBuckets): MetricBuckets {
    const { start = 0, width = 1 } = y;
    const bucket = (step: number) => Math.floor((step - start) / width);
    const partners = new Map(
        x.series.map(s => [
            s.run_id,
            new Map(s.x.map((step, i) => [bucket(step), s.last[i]!] as const)),
        ]),
    );
    const series = y.series.flatMap(s => {
        const at = partners.get(s.run_id);
        if (!at) return [];
        const kept = s.x.flatMap((step, i) => (at.has(bucket(step)) ? [i] : []));
        const pick = (all: number[] | undefined) => all && kept.map(i => all[i]!);
        const where = (steps: number[] | undefined) =>
            steps?.flatMap(step => at.get(bucket(step)) ?? []);
        const made: Series = {
            run_id: s.run_id,
            points: s.points,
            x: kept.map(i => at.get(bucket(s.x[i]!))!),
            last: pick(s.last)!,
        };
        for (const name of ["first", "min", "max", "count"] as const)
            if (s[name]) made[name] = pick(s[name])!;
        for (const name of ["nan", "inf", "neg_inf"] as const)
            if (s[name]) made[name] = where(s[name])!;
        return [made];
    });
    const generation = Math.min(y.generation, x.generation);
    return { key: y.key, generation, ...extent(series), series };
}

/** Where lines begin and end. */
function extent(series: Series[]): { start?: number; end?: number } {
    let start = Infinity;
    let end = -Infinity;
    for (const s of series)
        for (const x of s.x) {
            if (x < start) start = x;
            if (x > end) end = x;
        }
    return start <= end ? { start, end } : {};
}

/** A new answer about some of the runs in place of what was known of them. */
export function mergeRuns(old: MetricBuckets, changed: MetricBuckets): MetricBuckets {
    const news = new Map(changed.series.map(s => [s.run_id, s]));
    const series = old.series.map(s => {
        const newer = news.get(s.run_id);
        news.delete(s.run_id);
        return newer ?? s;
    });
    series.push(...news.values());
    const start = least(old.start, changed.start, Math.min);
    const end = least(old.end, changed.end, Math.max);
    return {
        ...old,
        ...(start !== undefined && { start }),
        ...(end !== undefined && { end }),
        series,
    };
}

function least(
    a: number | undefined,
    b: number | undefined,
    of: (a: number, b: number) => number,
): number | undefined {
    return a === undefined ? b : b === undefined ? a : of(a, b);
}

/** The detail of a part of the axis, with the coarse lines of all of it to its left and right. */
export function splice(base: MetricBuckets, detail: MetricBuckets): MetricBuckets {
    const { start, end } = detail;
    if (start === undefined || end === undefined) return base;
    const coarse = new Map(base.series.map(s => [s.run_id, s]));
    const series = detail.series.map(fine => {
        const all = coarse.get(fine.run_id);
        coarse.delete(fine.run_id);
        return all ? join(all, fine, { start, end }) : fine;
    });
    // A line without a point in the part still passes through it.
    series.push(...coarse.values());
    return { ...detail, series };
}

function join(all: Series, fine: Series, { start, end }: Range): Series {
    const before = all.x.findIndex(x => x >= start);
    const left = before < 0 ? all.x.length : before;
    const after = all.x.findIndex(x => x > end);
    const right = after < 0 ? all.x.length : after;
    const around = (a: number[], b: number[]) => [...a.slice(0, left), ...b, ...a.slice(right)];
    const outside = (a: number[] = [], b: number[] = []) => [
        ...a.filter(x => x < start),
        ...b,
        ...a.filter(x => x > end),
    ];
    return {
        run_id: fine.run_id,
        points: all.points,
        x: around(all.x, fine.x),
        last: around(all.last, fine.last),
        min: around(all.min ?? all.last, fine.min ?? fine.last),
        max: around(all.max ?? all.last, fine.max ?? fine.last),
        nan: outside(all.nan, fine.nan),
        inf: outside(all.inf, fine.inf),
        neg_inf: outside(all.neg_inf, fine.neg_inf),
    };
}
