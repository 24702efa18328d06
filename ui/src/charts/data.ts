// The lines of a metric from the server: all of the axis, and in detail what was zoomed to.
import type { Query } from "@tanstack/query-core";
import { useMemo } from "preact/hooks";
import { askAgain, cache, useQuery } from "~/lib/query";
import {
    bucketsFor,
    fetchAgainst,
    fetchBuckets,
    mergeRuns,
    splice,
    type Axis,
    type MetricBuckets,
    type Range,
} from "./buckets";
import { widened } from "./scale";

interface Wanted {
    metric: string;
    runs: readonly string[];
    /** "step", "time", "relative" or "metric:KEY". */
    axis: string;
    /** Pixels that a line has. */
    width: number;
    /** The part in sight, if it is not all. */
    range?: Range | undefined;
}

/** What one request is about; its place in the cache. */
interface Part extends Wanted {
    buckets: number;
}

const keyOf = (part: Part) => ["buckets", part] as const;

const otherMetric = (axis: string) => /^metric:(.+)$/s.exec(axis)?.[1];

function fetchPart(part: Part, runs: readonly string[], signal?: AbortSignal) {
    const { metric, axis, buckets, range } = part;
    const against = otherMetric(axis);
    if (against !== undefined)
        return fetchAgainst({ runs, key: metric, against, buckets }, signal);
    return fetchBuckets({ runs, keys: [metric], x: axis as Axis, buckets, range }, signal).then(
        all => all[0]!,
    );
}

/** Another picture of the same axis may stand until the right one comes. */
const until = (axis: string) => (old: MetricBuckets | undefined, query: unknown) => {
    const before = (query as Query | undefined)?.queryKey[1] as Part | undefined;
    return before?.axis === axis ? old : undefined;
};

function usePart(part: Part, enabled: boolean) {
    return useQuery<MetricBuckets>({
        queryKey: keyOf(part),
        queryFn: ({ signal }) => fetchPart(part, part.runs, signal),
        placeholderData: until(part.axis),
        staleTime: 60_000, // what changes is told by events
        enabled,
    });
}

/** Widths differ by a few pixels as windows do; that is no reason to ask again. */
const widthStep = 128;

export function useMetric({ range, ...wanted }: Wanted) {
    const width = Math.ceil(wanted.width / widthStep) * widthStep;
    const measured = wanted.width > 0 && wanted.runs.length > 0;
    const count = wanted.runs.length;
    const base = usePart({ ...wanted, width, buckets: bucketsFor(width, count) }, measured);
    const whole = base.isPlaceholderData ? undefined : extentOf(base.data);
    const zoomed = range !== undefined && otherMetric(wanted.axis) === undefined;
    const detail = usePart(
        {
            ...wanted,
            width,
            // What is asked for is twice as wide as what is seen.
            buckets: bucketsFor(2 * width, count),
            ...(zoomed && { range: widened(range, whole) }),
        },
        measured && zoomed && whole !== undefined,
    );
    // Lines are made of this: it must stay the same object while nothing new has come.
    const data = useMemo(
        () => (zoomed && base.data && detail.data ? splice(base.data, detail.data) : base.data),
        [zoomed, base.data, detail.data],
    );
    return { data, whole: extentOf(base.data), error: base.error ?? detail.error, base };
}

export function extentOf(metric: MetricBuckets | undefined): Range | undefined {
    if (metric?.start === undefined || metric.end === undefined) return undefined;
    return { start: metric.start, end: metric.end };
}

type Lines = Query<MetricBuckets>;

const allLines = () => cache.getQueryCache().findAll({ queryKey: ["buckets"] }) as Lines[];

const again = ({ queryKey }: Lines) => askAgain({ queryKey, exact: true });

/** Asks anew for the lines of runs that changed, in all charts that are in sight. Those that are
 *  not ask when they are looked at. */
export async function refresh(changed: ReadonlySet<string>): Promise<void> {
    await Promise.all(
        allLines().map(async query => {
            const part = query.queryKey[1] as Part;
            const runs = part.runs.filter(id => changed.has(id));
            if (runs.length === 0) return;
            const { data, fetchStatus } = query.state;
            if (!query.isActive() || data === undefined || fetchStatus === "fetching") {
                void again(query); // nobody else waits for all of it
                return;
            }
            const news = await fetchPart(part, runs);
            // Other answers that came meanwhile may be older in other runs, or newer in these.
            if (query.state.data !== data) void again(query);
            else cache.setQueryData(query.queryKey, mergeRuns(data, news));
        }),
    );
}

/** Asks anew for lines that are from before a generation. */
export async function refreshOlder(generation: number): Promise<void> {
    const isOlder = ({ state }: Lines) => (state.data?.generation ?? 0) < generation;
    await Promise.all(
        allLines().map(async query => {
            // What is awaited may be new enough.
            await query.promise?.catch(() => undefined);
            if (isOlder(query)) await again(query);
        }),
    );
}
