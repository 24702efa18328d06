// How runs differ: a row for each param, metric and tag.
import { numeric, type Cell } from "~/lib/delta";
import type { Run } from "~/lib/types";

export type RowKind = "attributes" | "params" | "metrics" | "tags";

export interface Row {
    kind: RowKind;
    key: string;
    /** One for each run; null if it has none. */
    values: Cell[];
    differs: boolean;
}

/** Tags that say nothing about how a run was made or went. */
const silentTags = /^mlflow\.(runName|user|runColor|note\.content|log-model\.history)$/;

export function differences(runs: readonly Run[]): Row[] {
    const names: Record<string, (r: Run) => Cell> = {
        status: r => r.info.status,
        user: r => r.info.user_id || null,
        "duration in s": r =>
            r.info.end_time ? (r.info.end_time - r.info.start_time) / 1000 : null,
    };
    const attributes = Object.entries(names).map(([key, of]) =>
        row("attributes", key, runs.map(of)),
    );
    return [
        ...attributes,
        ...rows("params", runs, r => r.data.params ?? []),
        ...rows("metrics", runs, r => r.data.metrics ?? []),
        ...rows("tags", runs, r => (r.data.tags ?? []).filter(t => !silentTags.test(t.key))),
    ];
}

function rows(
    kind: RowKind,
    runs: readonly Run[],
    pairs: (run: Run) => { key: string; value: string | number }[],
): Row[] {
    const maps = runs.map(r => new Map(pairs(r).map(p => [p.key, p.value])));
    const put = new Intl.Collator("en", { numeric: true }).compare;
    const keys = [...new Set(maps.flatMap(m => [...m.keys()]))].sort(put);
    return keys.map(key =>
        row(
            kind,
            key,
            maps.map(m => m.get(key) ?? null),
        ),
    );
}

function row(kind: RowKind, key: string, values: Cell[]): Row {
    return { kind, key, values, differs: values.some(v => v !== values[0]) };
}

/** How warm each value is among its row, from 0 to 1; undefined where there is no number, and
 *  everywhere if all are the same. */
export function heat(values: readonly Cell[]): (number | undefined)[] {
    const numbers = values.map(numeric);
    const some = numbers.filter(n => n !== undefined);
    const [low, high] = [Math.min(...some), Math.max(...some)];
    return numbers.map(n =>
        n === undefined || high === low ? undefined : (n - low) / (high - low),
    );
}
