// The keyboard in the table: what each key does beside moving about.
import type { ColumnId } from "~/lib/runs";
import { columnWidths } from "~/lib/runs";
import { resize, shiftColumn, widthFor } from "./columns";
import { leading, nameColumn } from "./layout";
import { isRun } from "./rows";
import { select, toggleRow } from "./select";
import { active, focusCell, rowAt, toggleOpen, wantedColumns, type Cell } from "./store";

const widthStep = 16;

/** Moves or resizes the column of a header; whether the key does that. */
function headerKey(key: string, at: Cell, id: ColumnId | undefined): boolean {
    if (at.row >= 0 || id === undefined) return false;
    const width = id === "run_name" ? (columnWidths.value.get(id) ?? 220) : widthFor(id);
    const move = (by: -1 | 1) => {
        if (shiftColumn(id, by, wantedColumns.value))
            focusCell({ row: at.row, column: at.column + by });
    };
    const does: Record<string, () => void> = {
        "Ctrl+ArrowLeft": () => move(-1),
        "Ctrl+ArrowRight": () => move(1),
        "Shift+ArrowLeft": () => resize(id, width - widthStep),
        "Shift+ArrowRight": () => resize(id, width + widthStep),
    };
    does[key]?.();
    return key in does;
}

/** Folds and unfolds on the name; whether the key does that. */
function foldKey(key: string, at: Cell): boolean {
    const node = at.column === nameColumn ? rowAt(at.row) : undefined;
    if (node?.open === undefined) return false;
    const does =
        (key === "ArrowRight" && !node.open) ||
        (key === "ArrowLeft" && node.open) ||
        (key === "Enter" && !isRun(node));
    if (does) toggleOpen(node.key);
    return does;
}

/** Selects the row; whether the key does that. The check box itself knows the space bar. */
function selectKey(key: string, at: Cell): boolean {
    if (at.row < 0 || at.column < nameColumn || (key !== " " && key !== "Shift+ "))
        return false;
    toggleRow(at.row, key !== " ");
    return true;
}

/** What a key does at a cell, if it does not move; whether it did anything. */
export function actKey(key: string, at: Cell, id: ColumnId | undefined): boolean {
    return headerKey(key, at, id) || foldKey(key, at) || selectKey(key, at);
}

/** Whether a key opens the menu of a cell. */
export function opensMenu(key: string, at: Cell): boolean {
    if (key === "ContextMenu" || key === "Shift+F10") return true;
    return at.row < 0 ? key === "Alt+ArrowDown" : key === "Enter" && at.column >= leading;
}

/** Selects both rows of a step with Shift. */
export function extend(from: number, to: number): void {
    for (const row of [from, to]) {
        const node = rowAt(row);
        if (isRun(node)) select(node.run.run_id, true);
    }
}

// ---- Cells as elements

export function cellOf(element: Element): Cell | undefined {
    const column = element.closest<HTMLElement>("[data-column]")?.dataset.column;
    const row = element.closest<HTMLElement>("[data-row]")?.dataset.row;
    if (column === undefined || row === undefined) return undefined;
    return { row: Number(row), column: Number(column) };
}

export function cellElement(grid: Element, { row, column }: Cell): HTMLElement | null {
    return grid.querySelector(`[data-row="${row}"] [data-column="${column}"]`);
}

/** Focuses a cell, or the one thing in it that can be used. */
export function focusElement(grid: Element, at: Cell): void {
    const cell = cellElement(grid, at);
    if (!cell) return;
    const inside = cell.querySelector<HTMLElement>("input, a, .drawn, .label");
    const itself = cell.hasAttribute("tabindex") ? cell : inside;
    itself?.focus({ preventScroll: true });
}

/** After a drawing: what has the focus may have gone to another place (its column was moved, rows
 *  came in above), or was drawn anew and lost it (a row arrived from the server). */
export function keepFocus(grid: Element, last: Element | undefined, at: Cell): void {
    const focused = document.activeElement;
    if (last && !last.isConnected && focused === document.body) {
        focusElement(grid, at);
        return;
    }
    const cell = focused && grid.contains(focused) ? cellOf(focused) : undefined;
    if (cell && (cell.row !== at.row || cell.column !== at.column)) active.value = cell;
}
