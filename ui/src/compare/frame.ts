// Runs as columns of values, for drawings over many runs.
import { columnOf, type ColumnId } from "~/lib/runs";

/** Values of one field, one for each run, as they were logged. NaN and null: the run has none. */
export type Values = { texts: readonly (string | null)[] } & (
    { kind: "number"; numbers: Float64Array } | { kind: "text" }
);

export interface Frame {
    readonly ids: readonly string[];
    readonly names: readonly string[];
    readonly columns: ReadonlyMap<ColumnId, Values>;
}

/** As the server has it: metrics may be "NaN" or infinite. */
export type Raw = string | number | null | undefined;

/** Texts that all read as numbers are numbers. */
export function column(raw: readonly Raw[]): Values {
    const texts = raw.map(t => (t == null ? null : String(t)));
    const numbers = new Float64Array(raw.length).fill(NaN);
    for (const [i, v] of raw.entries()) {
        if (v === null || v === undefined || v === "") continue;
        const n = Number(v);
        if (Number.isNaN(n) && v !== "NaN") return { kind: "text", texts };
        // What is infinite has no place on an axis.
        if (Number.isFinite(n)) numbers[i] = n;
    }
    return { kind: "number", texts, numbers };
}

export function makeFrame(
    runs: readonly { run_id: string; run_name: string }[],
    fields: readonly ColumnId[],
    value: (run: number, field: ColumnId) => Raw,
): Frame {
    return {
        ids: runs.map(r => r.run_id),
        names: runs.map(r => r.run_name || r.run_id),
        columns: new Map(
            fields.map(field => [field, column(runs.map((_, i) => value(i, field)))]),
        ),
    };
}

/** What a field is called where there is little room. */
export function fieldLabel(id: ColumnId): string {
    const { kind, key } = columnOf(id);
    if (kind === "min" || kind === "max") return `${kind} ${key}`;
    return kind === "attribute" ? key.replaceAll("_", " ") : key;
}

/** The ends of the finite values; undefined if there are none. */
export function extent(numbers: Float64Array, positive = false): [number, number] | undefined {
    let low = Infinity;
    let high = -Infinity;
    for (const v of numbers) {
        if (Number.isNaN(v) || (positive && v <= 0)) continue;
        if (v < low) low = v;
        if (v > high) high = v;
    }
    return low <= high ? [low, high] : undefined;
}

/** Where a value is between two others, from 0 to 1, on a straight or logarithmic scale. */
export function place(v: number, [low, high]: readonly [number, number], log = false): number {
    if (log && v <= 0) return NaN;
    const at = log ? Math.log10 : (n: number) => n;
    return high === low ? 0.5 : (at(v) - at(low)) / (at(high) - at(low));
}

/** The value that is at a place; the inverse of place(). */
export function valueAt(
    p: number,
    [low, high]: readonly [number, number],
    log = false,
): number {
    if (!log) return low + p * (high - low);
    return 10 ** (Math.log10(low) + p * (Math.log10(high) - Math.log10(low)));
}

/** Different texts in order, numbers in them by size. */
export function categories(texts: readonly (string | null)[]): string[] {
    const put = new Intl.Collator("en", { numeric: true }).compare;
    return [...new Set(texts.filter(t => t !== null))].sort(put);
}
