// Writes pieces of the filter language and of orderings. What reads them is table/language.ts.
import { columnOf, type Column, type ColumnId, type SortKey } from "./runs";

/** Attributes that a filter knows. */
export const attributes = [
    "run_name",
    "status",
    "start_time",
    "end_time",
    "user_id",
    "run_id",
    "experiment_id",
    "artifact_uri",
] as const;

/** A key behind its kind: metrics.loss, params.`learning rate`. */
export function field({ kind, key }: Column): string {
    if (kind === "attribute") return key;
    const name = kind === "min" || kind === "max" ? "metrics" : kind;
    if (/^[\p{L}\p{N}_.]+$/u.test(key)) return `${name}.${key}`;
    const quote = ["`", '"', "'"].find(q => !key.includes(q)) ?? "`";
    return `${name}.${quote}${key}${quote}`;
}

/** A text between quotes; undefined if it holds both kinds, which the language cannot say. */
function quoted(text: string): string | undefined {
    const quote = ["'", '"'].find(q => !text.includes(q));
    return quote && quote + text + quote;
}

/** "field = value" for what a cell shows; null and undefined say that the run has none. */
export function equals(id: ColumnId, value: string | number | null | undefined): string {
    const name = field(columnOf(id));
    if (value === null || value === undefined) return `${name} IS NULL`;
    if (typeof value === "number") return `${name} = ${value}`;
    const text = quoted(value);
    if (text !== undefined) return `${name} = ${text}`;
    // Whatever stands where the quotes are: the nearest that can be said.
    return `${name} LIKE '${value.replaceAll("'", "_")}'`;
}

/** A number between two others, both included. */
export function between(id: ColumnId, low: number, high: number): string {
    return `${field(columnOf(id))} BETWEEN ${low} AND ${high}`;
}

/** The field has one of these texts. */
export function anyOf(id: ColumnId, values: readonly string[]): string {
    const texts = values.map(quoted).filter(t => t !== undefined);
    return `${field(columnOf(id))} IN (${texts.join(", ")})`;
}

/** A filter with one condition more; a condition that is there already is not doubled. */
export function and(filter: string, more: string): string {
    const old = filter.trim();
    if (old === "" || old === more) return more;
    if (old.split(" AND ").includes(more)) return old;
    return `${/\bor\b/i.test(old) ? `(${old})` : old} AND ${more}`;
}

/** An item of order_by. */
export function orderTerm({ column, descending }: SortKey): string {
    return `${field(columnOf(column))} ${descending ? "DESC" : "ASC"}`;
}
