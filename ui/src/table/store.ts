// What the table shows now: the rows for the state in the address, the columns, and what the
// keyboard is on. A new order or filter takes the place of the old rows when its first rows are
// there, so that nothing flickers.
import { computed, effect, signal, untracked, type ReadonlySignal } from "@preact/signals";
import {
    columns as chosenColumns,
    expanded,
    experimentIds,
    pinnedColumns,
    pins,
    selection,
    type ColumnId,
} from "~/lib/runs";
import { anyOf } from "~/lib/filter";
import { learnColumns, type Columns } from "~/lib/runs-data";
import { arrange, automatic } from "./columns";
import { columnsComeAlong, filterOf, treeQuery } from "./question";
import { RowTree, type Node } from "./rows";

/** The last that runs/columns said of the runs. */
export const foundColumns = signal<Columns | undefined>(undefined);

/** The columns in the order chosen by a person, or the automatic ones. */
export const wantedColumns: ReadonlySignal<readonly ColumnId[]> = computed(() =>
    chosenColumns.value.length > 0
        ? chosenColumns.value
        : automatic(foundColumns.value, experimentIds.value.length),
);
export const arranged = computed(() => arrange(wantedColumns.value, pinnedColumns.value));

/** Equal for equal questions. */
export const question = computed(() => JSON.stringify(treeQuery.value));

/** The rows that are shown. */
export const tree = signal<RowTree | undefined>(undefined);
/** The rows that will be, once they are there. */
export const nextTree = signal<RowTree | undefined>(undefined);

/** The pinned runs, which stand above the others, and those that will once they are there. */
export const pinnedTree = signal<RowTree | undefined>(undefined);
const nextPinned = signal<RowTree | undefined>(undefined);

/** Most runs that can stand above the others. */
export const maxPinned = 8;

/** How many rows the pinned runs take. */
export const pinnedRows = computed(() => {
    const t = pinnedTree.value;
    return t && t.version.value > 0 ? Math.min(t.length, maxPinned) : 0;
});

/** All rows, the pinned ones first. */
export const rowCount = computed(() => {
    const t = tree.value;
    return pinnedRows.value + (t && t.version.value >= 0 ? t.length : 0);
});

/** The row at a place among all. */
export function rowAt(row: number): Node | undefined {
    const above = pinnedRows.value;
    return row < above ? pinnedTree.value?.at(row) : tree.value?.at(row - above);
}

/** How many rows are fetched before anything is known of the window. */
const firstRows = 60;
/** Values of so many columns are fetched for all, not only for those in view. */
export const fewColumns = 60;

/** The tree for the address. Where columns come with its rows, what is known of them then is true. */
function makeTree(): RowTree {
    const query = treeQuery.peek();
    const learn = (found: Columns) => {
        learnColumns(query.which, found);
        foundColumns.value = found;
        return wantedColumns.peek().slice(0, fewColumns);
    };
    const unknown =
        foundColumns.peek() === undefined && untracked(() => columnsComeAlong(query));
    return new RowTree(query, unknown ? learn : undefined);
}

/** Keeps `tree` true to the address until the returned function is called. */
export function followQuestion(): () => void {
    const endQuestions = effect(() => {
        void question.value;
        const made = makeTree();
        if (made.query.which.experiment_ids.length === 0) return;
        made.setOpen(untracked(() => expanded.value));
        made.want(0, firstRows, wantedColumns.peek().slice(0, fewColumns));
        nextTree.peek()?.close();
        nextTree.value = made;
    });
    const endArrivals = effect(() => {
        const next = nextTree.value;
        if (!next || (next.version.value === 0 && !next.error.value)) return;
        if (next.total === undefined && !next.error.value) return;
        const old = tree.peek();
        // A refused filter leaves the old rows where they are.
        if (next.error.value && old) return;
        old?.close();
        tree.value = next;
        nextTree.value = undefined;
    });
    const endOpen = effect(() => {
        const keys = expanded.value;
        for (const t of [tree.peek(), nextTree.peek()]) t?.setOpen(keys);
    });
    const endPins = effect(() => {
        const ids = pins.value.slice(0, maxPinned);
        nextPinned.peek()?.close();
        nextPinned.value = undefined;
        if (ids.length === 0 || experimentIds.value.length === 0) {
            pinnedTree.peek()?.close();
            pinnedTree.value = undefined;
            return;
        }
        const made = new RowTree({
            which: {
                experiment_ids: experimentIds.value,
                filter: anyOf("run_id", ids),
                run_view_type: "ALL",
            },
            orderBy: [],
            nested: false,
            groupBy: [],
        });
        made.want(0, ids.length - 1, wantedColumns.peek().slice(0, fewColumns));
        nextPinned.value = made;
    });
    const endPinArrivals = effect(() => {
        const next = nextPinned.value;
        if (!next || (next.version.value === 0 && !next.error.value)) return;
        pinnedTree.peek()?.close();
        pinnedTree.value = next;
        nextPinned.value = undefined;
    });
    return () => {
        for (const end of [endQuestions, endArrivals, endOpen, endPins, endPinArrivals]) end();
        for (const some of [tree, nextTree, pinnedTree, nextPinned]) {
            some.peek()?.close();
            some.value = undefined;
        }
        foundColumns.value = undefined;
    };
}

/** Why the rows for the address cannot be shown. */
export const problem = computed(() => nextTree.value?.error.value ?? tree.value?.error.value);

/** The filter as it is sent, of which what is typed is a part. */
export const sentFilter = (): string => filterOf(treeQuery.value);

/** Folds or unfolds rows. */
export function toggleOpen(key: string): void {
    const now = expanded.value;
    expanded.set(now.includes(key) ? now.filter(k => k !== key) : [...now, key], "replace");
}

// ---- What the keyboard is on

/** Row -1 is the header. */
export interface Cell {
    row: number;
    column: number;
}
export const active = signal<Cell>({ row: 0, column: 2 });

/** The next drawing of the table puts the focus on the active cell. */
export const focusWanted = { value: false };

/** Moves the keyboard to a cell. */
export function focusCell(cell: Cell): void {
    focusWanted.value = true;
    active.value = { ...cell };
}

/** Other experiments: nothing of the old ones stays selected or unfolded. */
effect(() => {
    void experimentIds.value.join();
    selection.value = new Set();
    foundColumns.value = undefined;
    active.value = { row: 0, column: 2 };
});
