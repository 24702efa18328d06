// What the server says about the runs that lib/runs.ts names.
import { keepPreviousData } from "@tanstack/query-core";
import { own, send } from "./api";
import { learnColours } from "./colours";
import { takeEarly } from "./early";
import { anyOf } from "./filter";
import { cache, useQuery } from "./query";
import { orderBy, tableBody, which, type TableQuery, type Which } from "./question";
import { alsoShown, drawnAtMost, isShown, pins, showMode, solo } from "./runs";
import type { LifecycleStage, MetricValue } from "./types";

/** What a person wants to know of a run's status; CRASHED is running in name only. */
export type RunState = "SCHEDULED" | "RUNNING" | "FINISHED" | "FAILED" | "KILLED" | "CRASHED";

/** A row of runs/table; values in the order in which their keys were asked for. */
export interface RunRow {
    run_id: string;
    run_name: string;
    experiment_id: string;
    status: string;
    state: RunState;
    start_time: number;
    end_time?: number;
    lifecycle_stage: LifecycleStage;
    user_id?: string;
    parent_run_id?: string;
    children?: number;
    last_seen?: number;
    metrics?: (MetricValue | null)[];
    params?: (string | null)[];
    tags?: (string | null)[];
    aggregates?: ({ min?: number; max?: number; count: number } | null)[];
}

export interface TablePage {
    total: number;
    offset: number;
    generation: number;
    runs: RunRow[];
    /** Whose values the rows have, and what there is, where the server chose columns. */
    keys?: { metrics: string[]; params: string[]; tags: string[] };
    columns?: Columns;
}

/** A piece of the list of runs. Their colours are learned on the way. */
export async function fetchRuns(ask: TableQuery, signal?: AbortSignal): Promise<TablePage> {
    const body = tableBody(ask);
    const page = await (takeEarly<TablePage>("runs/table", body) ??
        send<TablePage>(own("runs/table"), body, signal ? { signal } : {}));
    const colour = body.tags.length - 1;
    learnColours(page.runs.map(r => [r.run_id, r.tags?.[colour] ?? undefined]));
    return page;
}

/** Most ids that one answer has. */
export const maxIds = 100_000;

/** Ids of the runs that are found, in order, from `offset` on. */
export async function fetchIds(ask: TableQuery): Promise<{ total: number; run_ids: string[] }> {
    return send(own("runs/table"), { max_results: maxIds, ...ask, ids_only: true });
}

export type GroupValue = NonNullable<Which["group"]>[number];

/** Runs with equal values of the fields that were asked for. */
export interface RunGroup {
    group: GroupValue[];
    runs: number;
    last_start_time?: number;
    metrics?: ({ runs: number; min?: number; mean?: number; max?: number } | null)[];
}

export interface GroupQuery extends Which {
    by: readonly string[];
    metrics?: readonly string[];
}

export async function fetchGroups(
    ask: GroupQuery,
    signal?: AbortSignal,
): Promise<{ total: number; generation: number; groups: RunGroup[] }> {
    return send(own("runs/groups"), ask, signal ? { signal } : {});
}

export interface KeyColumn {
    key: string;
    runs: number;
    distinct: number;
    more?: boolean;
    differs: boolean;
    numeric?: boolean;
    min?: number;
    max?: number;
    values?: string[];
}
export interface Columns {
    runs: number;
    generation: number;
    metrics: KeyColumn[];
    params: KeyColumn[];
    tags: KeyColumn[];
    truncated?: boolean;
}

const columnsKey = (what: Which) => ["runs", "columns", what];

/** Which keys the found runs have and where they differ. */
export function useColumns(enabled = true) {
    const what = which.value;
    return useQuery<Columns>({
        queryKey: columnsKey(what),
        queryFn: ({ signal }) => send(own("runs/columns"), what, { signal }),
        enabled: enabled && what.experiment_ids.length > 0,
        placeholderData: keepPreviousData,
    });
}

/** What useColumns() gives for these runs, since their rows said it. */
export const learnColumns = (what: Which, columns: Columns) =>
    cache.setQueryData(columnsKey(what), columns);

/** Most lines that are drawn, and most runs that metrics/buckets takes. */
export const maxDrawn = 200;

/** The runs that are drawn, in the order of the table, pinned and singly shown ones first.
 *  `total` counts the runs that were found, of which at most `maxDrawn` are here. */
export function useShownRuns(enabled = true): {
    runs: RunRow[];
    total: number;
    pending: boolean;
    error: Error | null;
} {
    const what = which.value;
    const order_by = orderBy.value;
    const some = enabled && what.experiment_ids.length > 0;
    const wanted = Math.min(maxDrawn, drawnAtMost(showMode.value));
    const listed = useQuery<TablePage>({
        queryKey: ["runs", "shown", what, order_by, wanted],
        queryFn: ({ signal }) =>
            fetchRuns({ ...what, order_by, max_results: Math.max(wanted, 1) }, signal),
        enabled: some,
        placeholderData: keepPreviousData,
    });
    const single = [...new Set([solo.value, ...pins.value, ...alsoShown.value])]
        .filter(id => id !== "")
        .slice(0, maxDrawn);
    const extra = useQuery<TablePage>({
        queryKey: ["runs", "single", what.experiment_ids, single],
        queryFn: ({ signal }) =>
            fetchRuns(
                {
                    experiment_ids: what.experiment_ids,
                    filter: anyOf("run_id", single),
                    run_view_type: "ALL",
                    max_results: single.length,
                },
                signal,
            ),
        enabled: some && single.length > 0,
        placeholderData: keepPreviousData,
    });
    const found = new Map<string, RunRow>();
    if (single.length > 0)
        for (const run of extra.data?.runs ?? [])
            if (isShown(run, Infinity)) found.set(run.run_id, run);
    for (const [place, run] of (listed.data?.runs ?? []).entries())
        if (isShown(run, place)) found.set(run.run_id, run);
    return {
        runs: [...found.values()].slice(0, maxDrawn),
        total: listed.data?.total ?? 0,
        pending: some && listed.isPending,
        error: listed.error ?? extra.error,
    };
}
