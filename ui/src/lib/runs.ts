// Which runs are looked at, and how: the one state that the runs table, the charts and the
// comparison share. All of it is in the address, but for the selection, which may be of any size.
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import {
    flag,
    list,
    match,
    oneOf,
    param,
    path,
    query,
    setQuery,
    text,
    type Codec,
} from "./router";

/** The experiments of the address /experiments/1,2. */
export const experimentIds: ReadonlySignal<readonly string[]> = computed(() => {
    const ids = match("/experiments/:ids", path.value)?.ids ?? "";
    return ids.split(",").filter(id => /^\d+$/.test(id));
});

/** The place of the runs of experiments. */
export const experimentsPath = (ids: readonly string[]): string =>
    `/experiments/${ids.join(",")}`;

export type View = "table" | "charts" | "compare";
export const view = param<View>("view", oneOf("table", "charts", "compare"), "table");

// ---- Which runs

/** In the filter language, as typed. */
export const filter = param("q", text, "");
/** Only runs in whose name this regular expression is found. */
export const nameRegex = param("name", text, "");
export const stage = param("stage", oneOf("active", "deleted"), "active");
/** Children below their parents, instead of all runs in one list. */
export const nested = param("nested", flag, false);

/** One key of the order: a column, and its direction. */
export interface SortKey {
    readonly column: ColumnId;
    readonly descending: boolean;
}
const sortKeys: Codec<readonly SortKey[]> = {
    parse: t =>
        list.parse(t)?.map(s => ({ column: s.replace(/^-/, ""), descending: s[0] === "-" })),
    format: v => list.format(v.map(s => (s.descending ? "-" : "") + s.column)),
};
/** Empty: newest first. */
export const order = param<readonly SortKey[]>("sort", sortKeys, []);

/** How many sort keys the server takes. */
export const maxSortKeys = 64;

// ---- Columns

/** A column by name: "metrics.loss" is the latest value, "min.loss" and "max.loss" are those over
 *  all steps; "params.lr", "tags.team", or an attribute such as "status". */
export type ColumnId = string;
export type ColumnKind = "metrics" | "min" | "max" | "params" | "tags" | "attribute";
export interface Column {
    readonly kind: ColumnKind;
    /** The key of the metric, param or tag; the name of the attribute. */
    readonly key: string;
}

export function columnOf(id: ColumnId): Column {
    const found = /^(metrics|min|max|params|tags)\.(.+)$/s.exec(id);
    return found
        ? { kind: found[1] as ColumnKind, key: found[2]! }
        : { kind: "attribute", key: id };
}

/** Columns in order, after those that always are there; empty: those that differ. */
export const columns = param<readonly ColumnId[]>("cols", list, []);
/** Columns that stay when the others scroll. */
export const pinnedColumns = param<readonly ColumnId[]>("fix", list, []);
/** Group by these, the first one outermost. */
export const groupBy = param<readonly ColumnId[]>("group", list, []);

/** What is unfolded: ids of runs, and groups as their values in JSON. */
export const expanded = param<readonly string[]>("open", list, []);

const widths: Codec<ReadonlyMap<ColumnId, number>> = {
    parse: t => {
        const pairs = list.parse(t)?.map(w => /^(.*):(\d{2,4})$/s.exec(w));
        return new Map(pairs?.flatMap(p => (p ? [[p[1]!, Number(p[2])] as const] : [])));
    },
    format: v => list.format([...v].map(([id, w]) => `${id}:${Math.round(w)}`)),
};
/** Pixels of columns that were resized. */
export const columnWidths = param<ReadonlyMap<ColumnId, number>>("width", widths, new Map());

// ---- Which of them are drawn

/** Which runs are drawn before single ones were shown or hidden. */
export const showModes = ["first10", "first20", "first100", "all", "running", "none"] as const;
export type ShowMode = (typeof showModes)[number];
export const showMode = param<ShowMode>("show", oneOf(...showModes), "first20");
/** Runs that are hidden, and that are drawn, whatever the mode says. */
export const hidden = param<readonly string[]>("hide", list, []);
export const alsoShown = param<readonly string[]>("also", list, []);
/** If not empty, nothing but this run is drawn. */
export const solo = param("solo", text, "");
/** Runs that stay on top of the table and are drawn. */
export const pins = param<readonly string[]>("pin", list, []);

const modeCounts: Partial<Record<ShowMode, number>> = {
    first10: 10,
    first20: 20,
    first100: 100,
};

/** How many runs of the list the mode draws at most. */
export const drawnAtMost = (mode: ShowMode): number =>
    mode === "none" ? 0 : (modeCounts[mode] ?? Infinity);

/** Whether a run is drawn; `place` is its number in the list, from 0. */
export function isShown(run: { run_id: string; state: string }, place: number): boolean {
    const id = run.run_id;
    if (solo.value !== "") return id === solo.value;
    if (hidden.value.includes(id)) return false;
    if (alsoShown.value.includes(id) || pins.value.includes(id)) return true;
    if (showMode.value === "running") return run.state === "RUNNING";
    return place < drawnAtMost(showMode.value);
}

const without = (ids: readonly string[], gone: ReadonlySet<string>) =>
    ids.filter(id => !gone.has(id));

/** Shows or hides runs. */
export function setShown(ids: readonly string[], shown: boolean): void {
    const these = new Set(ids);
    const show = without(alsoShown.value, these);
    const hide = without(hidden.value, these);
    (shown ? show : hide).push(...these);
    setQuery({
        also: show.length ? list.format(show) : undefined,
        hide: hide.length ? list.format(hide) : undefined,
        solo: undefined,
    });
}

/** Draws by a mode alone; single choices are forgotten. */
export function setShowMode(mode: ShowMode): void {
    setQuery({
        show: mode === "first20" ? undefined : mode,
        also: undefined,
        hide: undefined,
        solo: undefined,
    });
}

export function togglePins(ids: readonly string[]): void {
    const have = new Set(pins.value);
    const all = ids.every(id => have.has(id));
    pins.set(all ? without(pins.value, new Set(ids)) : [...new Set([...pins.value, ...ids])]);
}

// ---- Selection

/** Ids of the runs that were selected for an action. */
export const selection = signal<ReadonlySet<string>>(new Set());

/** The query string that a saved view keeps: all but what only this window cares about. */
export const viewQuery = computed(() => {
    const kept = new URLSearchParams(query.value);
    for (const name of ["embed", "open"]) kept.delete(name);
    return kept.toString();
});
