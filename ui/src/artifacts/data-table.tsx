// A table of texts: rows in view only, sorted by a click on a column's head.
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { counted } from "~/lib/format";
import { useVirtualRows } from "~/parts/virtual-rows";
import "~/parts/sorted-table.css";
import { cut } from "./cut";

export type DataRow = readonly string[];

/** Columns that are drawn. */
export const MAX_COLUMNS = 200;
/** Characters of a cell, which has one line. */
const MAX_CELL = 500;
/** Rows whose texts decide how wide a column is and whether it holds numbers. */
const SAMPLE = 200;

interface Sort {
    column: number;
    down: boolean;
}

interface Look {
    numeric: boolean;
    width: number;
}

const isNumber = (text: string) => text === "" || !Number.isNaN(Number(text));

function looksOf(columns: readonly string[], rows: readonly DataRow[]): Look[] {
    const sample = rows.slice(0, SAMPLE);
    return columns.map((name, i) => {
        const texts = sample.map(r => r[i] ?? "");
        const longest = Math.max(name.length + 2, ...texts.map(t => t.length));
        return {
            numeric: texts.some(t => t !== "") && texts.every(isNumber),
            width: Math.min(360, Math.max(48, longest * 7.5 + 18)),
        };
    });
}

function sorted(rows: readonly DataRow[], sort: Sort | undefined, numeric: boolean) {
    if (!sort) return rows;
    const { column, down } = sort;
    const compare = numeric
        ? (a: string, b: string) => Number(a) - Number(b)
        : (a: string, b: string) => a.localeCompare(b, "en", { numeric: true });
    return [...rows].sort((a, b) => {
        const x = a[column] ?? "";
        const y = b[column] ?? "";
        // What is empty comes last, whichever way the rest goes.
        if (x === "" || y === "") return Number(x === "") - Number(y === "");
        return down ? compare(y, x) : compare(x, y);
    });
}

export function DataTable({
    label,
    columns,
    rows,
    cell,
}: {
    /** What a screen reader calls the table. */
    label: string;
    columns: readonly string[];
    rows: readonly DataRow[];
    /** Draws a cell; its text if absent. */
    cell?: (text: string) => ComponentChildren;
}) {
    const [sort, setSort] = useState<Sort>();
    const shown = columns.slice(0, MAX_COLUMNS);
    const looks = useMemo(() => looksOf(shown, rows), [columns, rows]);
    const ordered = useMemo(
        () => sorted(rows, sort, sort ? looks[sort.column]!.numeric : false),
        [rows, sort, looks],
    );
    const { scroller, first, end, before, after } = useVirtualRows(ordered.length);
    const turn = (column: number) =>
        setSort(s =>
            s?.column !== column
                ? { column, down: false }
                : s.down
                  ? undefined
                  : { column, down: true },
        );
    return (
        <>
            {columns.length > MAX_COLUMNS && (
                <p class="hint">
                    The first {MAX_COLUMNS} of {counted(columns.length, "column")} are shown.
                </p>
            )}
            <div class="data" ref={scroller} tabIndex={0} role="group" aria-label={label}>
                <table
                    class="sorted-table"
                    aria-label={label}
                    aria-rowcount={ordered.length + 1}
                >
                    <thead>
                        <tr aria-rowindex={1}>
                            {shown.map((name, i) => (
                                <th
                                    key={i}
                                    scope="col"
                                    class={looks[i]!.numeric ? "number" : undefined}
                                    style={{ width: `${looks[i]!.width}px` }}
                                    aria-sort={
                                        sort?.column !== i
                                            ? undefined
                                            : sort.down
                                              ? "descending"
                                              : "ascending"
                                    }
                                >
                                    <button
                                        type="button"
                                        title={cut(name)}
                                        onClick={() => turn(i)}
                                    >
                                        {cut(name, MAX_CELL) || " "}
                                    </button>
                                </th>
                            ))}
                        </tr>
                    </thead>
                    <tbody>
                        <Space height={before} />
                        {ordered.slice(first, end).map((row, k) => (
                            <tr key={first + k} aria-rowindex={first + k + 2}>
                                {shown.map((_, i) => (
                                    <td
                                        key={i}
                                        class={looks[i]!.numeric ? "number" : undefined}
                                        title={cut(row[i] ?? "")}
                                    >
                                        {cell
                                            ? cell(row[i] ?? "")
                                            : cut(row[i] ?? "", MAX_CELL)}
                                    </td>
                                ))}
                            </tr>
                        ))}
                        <Space height={after} />
                    </tbody>
                </table>
            </div>
        </>
    );
}

function Space({ height }: { height: number }) {
    return height > 0 ? <tr aria-hidden="true" style={{ height: `${height}px` }} /> : null;
}
