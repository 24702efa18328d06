// Changes of the order by people.
import { maxSortKeys, order, type ColumnId, type SortKey } from "~/lib/runs";
import { columnOf } from "~/lib/runs";

/** Large metrics and late times are what one looks for first; texts begin with A. */
const firstDescending = (column: ColumnId): boolean => {
    const { kind, key } = columnOf(column);
    return kind === "metrics" ? !/loss|error|perplexity/i.test(key) : key.endsWith("_time");
};

/** The order after a press on a column: one way, the other way, not at all. With `add` the other
 *  columns keep their say. */
export function nextOrder(
    now: readonly SortKey[],
    column: ColumnId,
    add: boolean,
): readonly SortKey[] {
    const old = now.find(k => k.column === column);
    const first = firstDescending(column);
    const next: SortKey | undefined = !old
        ? { column, descending: first }
        : old.descending === first
          ? { column, descending: !first }
          : undefined;
    if (!add) return next ? [next] : [];
    if (old) return now.flatMap(k => (k === old ? (next ? [next] : []) : [k]));
    return next && now.length < maxSortKeys ? [...now, next] : now;
}

export function sortBy(column: ColumnId, add: boolean): void {
    order.set(nextOrder(order.value, column, add));
}

/** Orders by a column alone, or by it as well. */
export function setSort(column: ColumnId, descending: boolean, add: boolean): void {
    const others = add ? order.value.filter(k => k.column !== column) : [];
    order.set([...others, { column, descending }].slice(0, maxSortKeys));
}
