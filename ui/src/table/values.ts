// The values of runs, by column: asked for in as many requests as the server's limits make them.
import { columnOf, type ColumnId } from "~/lib/runs";
import type { TableQuery } from "~/lib/question";
import { fetchRuns, type Columns, type RunRow } from "~/lib/runs-data";
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

interface Values {
    total: number;
    /** Nothing that was changed before is missing. */
    generation: number;
    rows: RunValues[];
}

/** A run without its lists of values, which are there by column. */
const bare = ({ metrics: _m, params: _p, tags: _t, aggregates: _a, ...run }: RunRow): RunRow =>
    run;

/** Whether nothing of a run would be drawn differently. */
export const sameRun = (a: RunValues, b: RunValues): boolean =>
    equal(a.run, b.run) && equal(a.values, b.values);

function equal(a: object, b: object): boolean {
    const [x, y] = [a as Record<string, unknown>, b as Record<string, unknown>];
    for (const key in x) if (x[key] !== y[key]) return false;
    for (const key in y) if (!(key in x)) return false;
    return true;
}

/** Runs with the values of any number of columns. */
export async function fetchValues(
    ask: TableQuery,
    columns: readonly ColumnId[],
    signal?: AbortSignal,
): Promise<Values> {
    let rows: RunValues[] = [];
    let total = 0;
    let generation = Infinity;
    for (const some of askable(columns)) {
        const keys = keysOf(some);
        const answer = await fetchRuns({ ...ask, ...keys }, signal);
        total = answer.total;
        generation = Math.min(generation, answer.generation);
        const valuesOf = valueReader(keys, some);
        const before = new Map(rows.map(r => [r.run.run_id, r.values]));
        rows = answer.runs.map(run => ({
            run: bare(run),
            values: { ...before.get(run.run_id), ...valuesOf(run) },
        }));
    }
    return { total, generation, rows };
}

/** Runs with the values of the columns that `choose` takes, as far as the server sent them along with
 *  what it said of all columns. */
export async function fetchChosen(
    ask: TableQuery,
    choose: (found: Columns) => readonly ColumnId[],
    signal?: AbortSignal,
): Promise<Values & { columns: ColumnId[] }> {
    const { total, generation, runs, keys, columns } = await fetchRuns(ask, signal);
    if (signal?.aborted || !keys || !columns)
        return { total, generation, rows: [], columns: [] };
    const here = { ...keys, aggregates: [] };
    const sent = choose(columns).filter(id => isSent(id, here));
    const valuesOf = valueReader(here, sent);
    const rows = runs.map(run => ({ run: bare(run), values: valuesOf(run) }));
    return { total, generation, rows, columns: sent };
}

function isSent(id: ColumnId, keys: Keys): boolean {
    const { kind, key } = columnOf(id);
    if (kind === "attribute") return true;
    return kind !== "min" && kind !== "max" && keys[kind].includes(key);
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

/** How the value of a column is read from a row that came with these keys. */
function reader(id: ColumnId, asked: Keys): ((run: RunRow) => Value) | undefined {
    const { kind, key } = columnOf(id);
    if (kind === "attribute") return undefined;
    if (kind === "min" || kind === "max") {
        const at = asked.aggregates.indexOf(key);
        return run => run.aggregates?.[at]?.[kind] ?? null;
    }
    const at = asked[kind].indexOf(key);
    return run => run[kind]?.[at] ?? null;
}

/** Gives for each row the values of its columns. */
function valueReader(
    asked: Keys,
    columns: readonly ColumnId[],
): (run: RunRow) => Record<ColumnId, Value | undefined> {
    const readers = columns.flatMap(id => {
        const read = reader(id, asked);
        return read ? [[id, read] as const] : [];
    });
    return run => {
        const values: Record<ColumnId, Value | undefined> = {};
        for (const [id, read] of readers) values[id] = read(run);
        return values;
    };
}
