// Where the columns are. Three lead every row and stay in sight: the check box, whether the run is
// drawn, and its name; pinned columns come after them, the others scroll.
import type { ColumnId } from "~/lib/runs";
import { columnWidths } from "~/lib/runs";
import { widthFor } from "./columns";

export const rowHeight = 28;
export const headHeight = 34;

/** Columns before the pinned ones: check box, drawn, name. */
export const leading = 3;
export const nameColumn = 2;
const selectWidth = 32;
const drawnWidth = 54;
const nameWidth = 220;
/** Of a window narrower than this nothing but the name stays in sight. */
const narrow = 640;

export interface Layout {
    pinned: readonly ColumnId[];
    free: readonly ColumnId[];
    /** Left edges of the leading and the pinned columns, in pixels. */
    fixed: { left: number; width: number }[];
    /** Width of all that stays in sight. */
    fixedWidth: number;
    /** How many columns there are in all. */
    count: number;
}

/** `pinned` and `free` in order; `room` is the width of the table's window. */
export function layOut(
    pinned: readonly ColumnId[],
    free: readonly ColumnId[],
    room: number,
): Layout {
    const tight = room > 0 && room < narrow;
    const name = columnWidths.value.get("run_name") ?? nameWidth;
    const stay = tight ? [] : pinned;
    const widths = [
        selectWidth,
        drawnWidth,
        tight ? Math.min(name, Math.max(96, room * 0.45 - selectWidth - drawnWidth)) : name,
        ...stay.map(widthFor),
    ];
    let left = 0;
    const fixed = widths.map(width => {
        const at = { left, width };
        left += width;
        return at;
    });
    const rest = tight ? [...pinned, ...free] : free;
    return {
        pinned: stay,
        free: rest,
        fixed,
        fixedWidth: left,
        count: widths.length + rest.length,
    };
}

/** The column at a place among all; undefined for the leading ones, which have no id. */
export function columnAt(layout: Layout, place: number): ColumnId | undefined {
    const at = place - leading;
    if (at < 0) return place === nameColumn ? "run_name" : undefined;
    return layout.pinned[at] ?? layout.free[at - layout.pinned.length];
}

/** Where a key leads among rows from -1 (the header) to rows - 1; undefined if nowhere. */
export function target(
    key: string,
    at: { row: number; column: number },
    rows: number,
    columns: number,
    page: number,
): { row: number; column: number } | undefined {
    const { row, column } = at;
    const to: Record<string, [number, number]> = {
        ArrowUp: [row - 1, column],
        ArrowDown: [row + 1, column],
        ArrowLeft: [row, column - 1],
        ArrowRight: [row, column + 1],
        PageUp: [Math.max(row - page, 0), column],
        PageDown: [row + page, column],
        Home: [row, 0],
        End: [row, columns - 1],
        "Ctrl+Home": [0, 0],
        "Ctrl+End": [rows - 1, columns - 1],
    };
    const found = to[key];
    if (!found) return undefined;
    return {
        row: Math.max(-1, Math.min(rows - 1, found[0])),
        column: Math.max(0, Math.min(columns - 1, found[1])),
    };
}
