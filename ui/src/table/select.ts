// Which runs are selected, and what an action is about: them, or the run that the keyboard is on.
import { effect, signal } from "@preact/signals";
import { selection } from "~/lib/runs";
import { orderBy, which } from "~/lib/question";
import { fetchIds } from "~/lib/runs-data";
import { toastError } from "~/parts/toast";
import { isRun, type RunNode } from "./rows";
import { active, rowAt, tree, pinnedRows } from "./store";

/** Where a range begins: the row that was selected last, which others may push up or down. */
let from: { row: number; key: string } | undefined;

/** Where that row is now. */
function rowNow({ row, key }: { row: number; key: string }): number {
    if (rowAt(row)?.key === key) return row;
    const place = tree.peek()?.indexOf(key);
    return place === undefined ? row : place + pinnedRows.peek();
}

/** Grows whenever nothing is selected any more: whatever was to be selected before is not wanted. */
let emptied = 0;
effect(() => {
    if (selection.value.size === 0) emptied++;
});

export function select(id: string, on: boolean): void {
    const next = new Set(selection.value);
    if (on) next.add(id);
    else next.delete(id);
    selection.value = next;
}

/** Selects a row, or with `range` all from the one before to it; or takes it away again. */
export function toggleRow(row: number, range: boolean): void {
    const node = rowAt(row);
    if (!isRun(node)) return;
    const on = !selection.value.has(node.run.run_id);
    if (range && from !== undefined) void selectRange(rowNow(from), row);
    else select(node.run.run_id, on);
    from = { row, key: node.key };
}

/** Selects what lies between two rows, whether it was fetched or not. */
async function selectRange(a: number, b: number): Promise<void> {
    const [low, high] = a < b ? [a, b] : [b, a];
    const between = Array.from({ length: high - low + 1 }, (_, i) => rowAt(low + i));
    const there = between.every(n => n && !("waiting" in n));
    const then = emptied;
    try {
        const ids = there
            ? between.filter(isRun).map(n => n.run.run_id)
            : await idsFrom(low - pinnedRows.value, high - low + 1);
        if (then === emptied) selection.value = new Set([...selection.value, ...ids]);
    } catch (error) {
        toastError("The runs could not be selected", error);
    }
}

/** Ids of rows of the plain list. */
async function idsFrom(offset: number, count: number): Promise<string[]> {
    const { which, orderBy } = tree.value!.query;
    const asked = { ...which, order_by: orderBy, offset, max_results: count };
    return (await fetchIds(asked)).run_ids;
}

/** Whether selecting all is under way. */
export const selectingAll = signal(false);

/** Selects every run that is found, wherever it is. */
export async function selectAll(): Promise<void> {
    selectingAll.value = true;
    const then = emptied;
    try {
        const found = await fetchIds({ ...which.value, order_by: orderBy.value });
        if (then === emptied) selection.value = new Set(found.run_ids);
    } catch (error) {
        toastError("The runs could not be selected", error);
    } finally {
        selectingAll.value = false;
    }
}

export function selectNone(): void {
    selection.value = new Set();
    from = undefined;
}

/** The run that the keyboard is on. */
export function activeRun(): RunNode | undefined {
    const node = rowAt(active.value.row);
    return isRun(node) ? node : undefined;
}

/** What an action is about: the selected runs, else the one that the keyboard is on. */
export function targets(): string[] {
    if (selection.value.size > 0) return [...selection.value];
    const run = activeRun();
    return run ? [run.run.run_id] : [];
}
