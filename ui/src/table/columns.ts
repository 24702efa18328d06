// Which columns the table has, what they are called and how wide they are.
import { byName } from "~/lib/format";
import {
    columnOf,
    columns as chosen,
    columnWidths,
    pinnedColumns,
    type Column,
    type ColumnId,
} from "~/lib/runs";
import type { Columns, KeyColumn } from "~/lib/runs-data";

interface Attribute {
    label: string;
    width: number;
    right?: boolean; // numbers are aligned there
    /** What the server can order by; absent if it cannot. */
    sort?: string;
    /** What the server can group by. */
    group?: string;
}

/** Columns that every run has. */
export const attributes: Readonly<Record<string, Attribute>> = {
    state: { label: "Status", width: 96, sort: "status", group: "status" },
    start_time: { label: "Started", width: 112, sort: "start_time" },
    duration: { label: "Duration", width: 96, right: true },
    end_time: { label: "Ended", width: 112, sort: "end_time" },
    user_id: { label: "User", width: 96, sort: "user_id", group: "user_id" },
    experiment: { label: "Experiment", width: 140, group: "experiment_id" },
    run_id: { label: "Run id", width: 272, sort: "run_id" },
};

/** Tags that are worth a name of their own. */
const tagLabels: Readonly<Record<string, string>> = {
    "mlflow.source.name": "Source",
    "mlflow.source.git.commit": "Commit",
    "mlflow.source.type": "Source type",
    "mlflow.user": "User tag",
    "mlflow.note.content": "Description",
};

const widthOf: Record<Column["kind"], number> = {
    metrics: 104,
    min: 104,
    max: 104,
    params: 112,
    tags: 112,
    attribute: 112,
};

export const minWidth = 48;
const maxWidth = 900;

/** What a column is headed by, and what kind it is where that does not show. */
export function labelOf(id: ColumnId): { label: string; kind: string } {
    const { kind, key } = columnOf(id);
    if (kind === "attribute")
        return {
            label: key === "run_name" ? "Name" : (attributes[key]?.label ?? key),
            kind: "",
        };
    if (kind === "min" || kind === "max") return { label: key, kind };
    if (kind === "tags") return { label: tagLabels[key] ?? key, kind: "tag" };
    return { label: key, kind: kind === "params" ? "param" : "" };
}

/** The label with its kind, for where it stands alone. */
export function fullLabel(id: ColumnId): string {
    const { label, kind } = labelOf(id);
    return kind === "" ? label : `${label} (${kind})`;
}

/** The column that shows what is grouped by: status -> state. */
export const groupAttribute = (field: string): ColumnId =>
    Object.entries(attributes).find(([, a]) => a.group === field)?.[0] ?? field;

export const isNumeric = (id: ColumnId): boolean => {
    const { kind, key } = columnOf(id);
    return kind === "attribute" ? attributes[key]?.right === true : kind in numeric;
};
const numeric = { metrics: true, min: true, max: true };

/** What to order by for a column; undefined where that cannot be done. */
export function sortColumn(id: ColumnId): ColumnId | undefined {
    const { kind, key } = columnOf(id);
    if (kind === "attribute") return key === "run_name" ? key : attributes[key]?.sort;
    return kind === "min" || kind === "max" ? undefined : id;
}

/** What to group by for a column; undefined where that cannot be done. */
export function groupColumn(id: ColumnId): ColumnId | undefined {
    const { kind, key } = columnOf(id);
    if (kind === "attribute") return attributes[key]?.group;
    return kind === "params" || kind === "tags" ? id : undefined;
}

export function widthFor(id: ColumnId): number {
    const { kind, key } = columnOf(id);
    const usual = (kind === "attribute" && attributes[key]?.width) || widthOf[kind];
    return columnWidths.value.get(id) ?? Math.max(usual, headerWidth(id));
}

/** So that the longest names are cut, but no common one. */
const headerWidth = (id: ColumnId) => Math.min(180, 40 + 7 * labelOf(id).label.length);

/** Another width; undefined for the usual one. */
export function resize(id: ColumnId, width: number | undefined): void {
    const next = new Map(columnWidths.value);
    if (width === undefined) next.delete(id);
    else next.set(id, Math.round(Math.min(maxWidth, Math.max(minWidth, width))));
    columnWidths.set(next, "replace");
}

/** The first metrics come before the params: they are what one looks for. */
const firstMetrics = 6;

/** Params with a value of its own in each run tell runs apart no better than their names do. */
const tellsApart = (c: KeyColumn, runs: number): boolean =>
    !c.more && !(c.distinct === c.runs && c.runs === runs && runs > 2 && !c.numeric);

/** What people judge runs by comes before what only explains them. */
const telling = [
    /(^|[^a-z])(val|valid|validation|eval|test)([^a-z]|$)/i,
    /loss|acc|f1|auc|score|error|precision|recall|perplexity|reward|bleu|rouge|iou|map|rmse|mae/i,
];
const weight = (key: string): number => telling.filter(t => t.test(key)).length;

/** Most runs have it first, then by name, so that val/loss does not jump about. */
const byUse = (a: KeyColumn, b: KeyColumn): number => b.runs - a.runs || byName(a.key, b.key);

/** The columns that nobody had to choose: what differs between the runs. */
export function automatic(found: Columns | undefined, experiments: number): ColumnId[] {
    const always = [
        "state",
        "start_time",
        "duration",
        ...(experiments > 1 ? ["experiment"] : []),
    ];
    if (!found) return always;
    const differing = (all: readonly KeyColumn[]) =>
        // Of a single run everything is new.
        all.filter(c => c.differs || found.runs === 1).sort(byUse);
    const metrics = differing(found.metrics)
        .sort((a, b) => weight(b.key) - weight(a.key))
        .map(c => `metrics.${c.key}`);
    const params = differing(found.params);
    const tellingParams = params.filter(c => tellsApart(c, found.runs));
    const tags = differing(found.tags).filter(
        c => !c.key.startsWith("mlflow.") && tellsApart(c, found.runs),
    );
    return [
        ...always,
        ...metrics.slice(0, firstMetrics),
        ...tellingParams.map(c => `params.${c.key}`),
        ...tags.map(c => `tags.${c.key}`),
        ...metrics.slice(firstMetrics),
        ...params.filter(c => !tellingParams.includes(c)).map(c => `params.${c.key}`),
    ];
}

/** The columns in use, pinned ones first. */
export function arrange(
    wanted: readonly ColumnId[],
    pinned: readonly ColumnId[],
): { pinned: ColumnId[]; free: ColumnId[] } {
    const first = new Set(pinned);
    return { pinned: [...first], free: wanted.filter(id => !first.has(id)) };
}

// ---- Changes by people. Whoever changes automatic columns chooses them from then on.

/** Adds a column at the end, or behind `beside`; or takes it away. */
export function showColumn(
    id: ColumnId,
    shown: boolean,
    now: readonly ColumnId[],
    beside?: ColumnId,
): void {
    if (!shown) pinnedColumns.set(pinnedColumns.value.filter(c => c !== id));
    const rest = now.filter(c => c !== id);
    const at = beside === undefined ? -1 : rest.indexOf(beside);
    if (shown) rest.splice(at < 0 ? rest.length : at + 1, 0, id);
    chosen.set(rest);
}

export function pinColumn(id: ColumnId): void {
    const now = pinnedColumns.value;
    pinnedColumns.set(now.includes(id) ? now.filter(c => c !== id) : [...now, id]);
}

/** Puts a column where another one is. */
export function moveColumn(id: ColumnId, to: ColumnId, now: readonly ColumnId[]): void {
    const param = pinnedColumns.value.includes(id) ? pinnedColumns : chosen;
    const all = param === chosen ? now : pinnedColumns.value;
    const target = all.indexOf(to);
    if (target < 0 || id === to) return;
    const rest = all.filter(c => c !== id);
    rest.splice(target, 0, id);
    param.set(rest);
}

/** One place to the left (-1) or to the right (1); false if there is none. */
export function shiftColumn(id: ColumnId, by: -1 | 1, now: readonly ColumnId[]): boolean {
    const pinned = pinnedColumns.value;
    const all = pinned.includes(id) ? pinned : now.filter(c => !pinned.includes(c));
    const to = all[all.indexOf(id) + by];
    if (to === undefined) return false;
    moveColumn(id, to, now);
    return true;
}
