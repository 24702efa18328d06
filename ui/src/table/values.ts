// The values of runs, by column: asked for in as many requests as the server's limits make them.
import { columnOf, type ColumnId } from "~/lib/runs";
import { fetchRuns, type RunRow, type TableQuery } from "~/lib/runs-data";
import type { MetricValue } from "~/lib/types";

export type Value = MetricValue | string | null;

/** Keys of each kind, and aggregates, that the server takes in one request. */
const maxKeys = 199; // the colour's tag is one more
const maxAggregates = 20;

type Keys = Required<Pick<TableQuery, "metrics" | "params" | "tags" | "aggregates">>;

export interface RunValues {
    run: RunRow;
    values: Record<ColumnId, Value | undefined>;
}

/** Runs with the values of any number of columns. */
export async function fetchValues(
    ask: TableQuery,
    columns: readonly ColumnId[],
    signal?: AbortSignal,
): Promise<{ total: number; rows: RunValues[] }> {
    let rows: RunValues[] = [];
    let total = 0;
    for (const some of askable(columns)) {
        const keys = keysOf(some);
        const answer = await fetchRuns({ ...ask, ...keys }, signal);
        total = answer.total;
        const before = new Map(rows.map(r => [r.run.run_id, r.values]));
        rows = answer.runs.map(run => ({
            run,
            values: { ...before.get(run.run_id), ...valuesOf(run, keys, some) },
        }));
    }
    return { total, rows };
}

/** Columns in pieces that one request may ask for; at least one piece. */
function askable(columns: readonly ColumnId[]): ColumnId[][] {
    const pieces: ColumnId[][] = [[]];
    let extremes = 0;
    for (const id of columns) {
        const extreme = /^(min|max)\./.test(id);
        if (pieces.at(-1)!.length >= maxKeys || (extreme && extremes >= maxAggregates)) {
            pieces.push([]);
            extremes = 0;
        }
        pieces.at(-1)!.push(id);
        if (extreme) extremes++;
    }
    return pieces;
}

/** What to ask the server for some columns. */
function keysOf(columns: readonly ColumnId[]): Keys {
    const of = (...kinds: string[]) => [
        ...new Set(
            columns
                .map(columnOf)
                .filter(c => kinds.includes(c.kind))
                .map(c => c.key),
        ),
    ];
    return {
        metrics: of("metrics"),
        params: of("params"),
        tags: of("tags"),
        aggregates: of("min", "max"),
    };
}

function valuesOf(
    run: RunRow,
    asked: Keys,
    columns: readonly ColumnId[],
): Record<ColumnId, Value | undefined> {
    const values: Record<ColumnId, Value | undefined> = {};
    for (const id of columns) {
        const { kind, key } = columnOf(id);
        if (kind === "min" || kind === "max")
            values[id] = run.aggregates?.[asked.aggregates.indexOf(key)]?.[kind] ?? null;
        else if (kind !== "attribute")
            values[id] = run[kind]?.[asked[kind].indexOf(key)] ?? null;
    }
    return values;
}
