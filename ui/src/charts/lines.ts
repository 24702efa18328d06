// What a chart draws for a run: the server's buckets, smoothed, with gaps where values are NaN.
import type { MetricBuckets, Series } from "./buckets";
import { smooth, type Smoothing, type Values } from "./smooth";

/** How a run looks, in the chart and in its legend. */
export interface LineStyle {
    readonly id: string;
    readonly name: string;
    readonly colour: string;
    readonly dash: readonly number[];
}

export interface Line extends LineStyle {
    readonly x: readonly number[];
    /** What is drawn; null is a gap. */
    readonly y: Values;
    /** The line itself, if `y` is smoothed. */
    readonly raw?: Values;
    /** Extremes of the points in each bucket, if there are buckets with several. */
    readonly low?: Values;
    readonly high?: Values;
    /** Where values are not finite. */
    readonly nan: readonly number[];
    readonly inf: readonly number[];
    readonly negInf: readonly number[];
    readonly points: number;
}

export interface LineOptions {
    smoothing: Smoothing;
    /** Length of the whole axis. */
    span: number;
    /** Values that a logarithmic axis cannot show become gaps. */
    logX?: boolean;
    logY?: boolean;
}

export function makeLines(
    metric: MetricBuckets,
    styles: ReadonlyMap<string, LineStyle>,
    options: LineOptions,
): Line[] {
    return metric.series.flatMap(s => {
        const style = styles.get(s.run_id);
        return style ? [makeLine(s, metric, style, options)] : [];
    });
}

function makeLine(s: Series, grid: MetricBuckets, style: LineStyle, o: LineOptions): Line {
    const cut = withGaps(s, grid);
    const kept = o.logX ? drop(cut, i => cut.x[i]! <= 0) : cut;
    const fit = (v: Values) => (o.logY ? v.map(n => (n !== null && n > 0 ? n : null)) : v);
    const last = fit(kept.last);
    const y = smooth(kept.x, last, o.smoothing, o.span);
    return {
        ...style,
        x: kept.x,
        y,
        ...(y !== last && { raw: last }),
        ...(kept.low && { low: fit(kept.low) }),
        ...(kept.high && { high: fit(kept.high) }),
        nan: s.nan ?? [],
        inf: s.inf ?? [],
        negInf: s.neg_inf ?? [],
        points: s.points,
    };
}

interface Columns {
    x: readonly number[];
    last: Values;
    low?: Values | undefined;
    high?: Values | undefined;
}

/** Puts a gap where a bucket holds nothing but NaN or infinite values. */
function withGaps(s: Series, { start, width }: MetricBuckets): Columns {
    const all: Columns = { x: s.x, last: s.last, low: s.min, high: s.max };
    const odd = [...(s.nan ?? []), ...(s.inf ?? []), ...(s.neg_inf ?? [])];
    if (odd.length === 0 || start === undefined || width === undefined) return all;
    const bucket = (x: number) => Math.floor((x - start) / width);
    const filled = new Set(s.x.map(bucket));
    const holes = odd.filter(x => !filled.has(bucket(x)));
    if (holes.length === 0) return all;
    const places = [
        ...s.x.map((x, i) => ({ x, i })),
        ...[...new Set(holes)].map(x => ({ x, i: -1 })),
    ].sort((a, b) => a.x - b.x);
    const pick = (v: number[]): Values => places.map(({ i }) => (i < 0 ? null : v[i]!));
    return {
        x: places.map(p => p.x),
        last: pick(s.last),
        low: s.min && pick(s.min),
        high: s.max && pick(s.max),
    };
}

function drop(c: Columns, gone: (i: number) => boolean): Columns {
    const kept = c.x.flatMap((_, i) => (gone(i) ? [] : [i]));
    const pick = <T>(v: readonly T[]) => kept.map(i => v[i]!);
    return {
        x: pick(c.x),
        last: pick(c.last),
        low: c.low && pick(c.low),
        high: c.high && pick(c.high),
    };
}

/** Whether the metric is a single value of each run, which bars show better than dots. */
export const isSingle = (metric: MetricBuckets): boolean =>
    metric.series.length > 0 && metric.series.every(s => s.points === 1);
