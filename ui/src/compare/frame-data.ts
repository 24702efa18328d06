// Frames from the server: of all runs that a filter finds, and of a few that are at hand.
import { keepPreviousData } from "@tanstack/query-core";
import { useMemo } from "preact/hooks";
import { useQuery } from "~/lib/query";
import { columnOf, type ColumnId } from "~/lib/runs";
import { orderBy, which, type Which } from "~/lib/question";
import { fetchRuns, type RunRow, type TablePage } from "~/lib/runs-data";
import type { Run } from "~/lib/types";
import type { Loaded } from "./drawings";
import { makeFrame, type Frame, type Raw } from "./frame";

/** Most runs that are drawn, and how many come with one request. */
export const mostRuns = 10_000;
const pageSize = 1000;

type Kind = "metrics" | "params" | "tags";

/** The keys of a kind in the order in which they are asked for. */
const keysOf = (fields: readonly ColumnId[], kind: Kind) =>
    fields.map(columnOf).flatMap(c => (c.kind === kind ? [c.key] : []));

async function fetchFrame(
    what: Which,
    order_by: readonly string[],
    fields: readonly ColumnId[],
    signal: AbortSignal,
): Promise<Frame> {
    const kinds = {
        metrics: keysOf(fields, "metrics"),
        params: keysOf(fields, "params"),
        tags: keysOf(fields, "tags"),
    };
    const page = (offset: number): Promise<TablePage> =>
        fetchRuns({ ...what, ...kinds, order_by, offset, max_results: pageSize }, signal);
    const first = await page(0);
    const more: Promise<TablePage>[] = [];
    for (let at = pageSize; at < Math.min(first.total, mostRuns); at += pageSize)
        more.push(page(at));
    const runs = [first, ...(await Promise.all(more))].flatMap(p => p.runs);
    return makeFrame(runs, fields, (i, field) => rowValue(runs[i]!, field, kinds));
}

function rowValue(run: RunRow, field: ColumnId, keys: Record<Kind, string[]>): Raw {
    const { kind, key } = columnOf(field);
    if (kind === "metrics" || kind === "params" || kind === "tags")
        return run[kind]?.[keys[kind].indexOf(key)];
    return attribute(run, key);
}

function attribute(
    info: { start_time: number; end_time?: number; status: string; user_id?: string },
    key: string,
): Raw {
    const { start_time, end_time, status, user_id } = info;
    if (key === "start_time") return start_time;
    if (key === "duration") return end_time ? (end_time - start_time) / 1000 : null;
    if (key === "status") return status;
    return user_id ?? null;
}

/** Of the runs that the address of an experiment speaks of. */
export function useFoundFrame(fields: readonly ColumnId[]): Loaded {
    const what = which.value;
    const order = orderBy.value;
    const { data, error } = useQuery<Frame>({
        queryKey: ["runs", "frame", what, order, fields],
        queryFn: ({ signal }) => fetchFrame(what, order, fields, signal),
        placeholderData: keepPreviousData,
    });
    // Of other fields the old values are no use.
    const whole = data && fields.every(f => data.columns.has(f));
    return { frame: whole ? data : undefined, error };
}

/** Of runs that were read in full. */
export const useFrameOf = (runs: readonly Run[]) =>
    function useRunsFrame(fields: readonly ColumnId[]): Loaded {
        const frame = useMemo(
            () =>
                makeFrame(
                    runs.map(r => r.info),
                    fields,
                    (i, field) => runValue(runs[i]!, field),
                ),
            [runs, fields.join("\n")],
        );
        return { frame };
    };

function runValue({ info, data }: Run, field: ColumnId): Raw {
    const { kind, key } = columnOf(field);
    if (kind === "metrics") return data.metrics?.find(m => m.key === key)?.value;
    if (kind === "params") return data.params?.find(p => p.key === key)?.value;
    if (kind === "tags") return data.tags?.find(t => t.key === key)?.value;
    return attribute(info, key);
}
