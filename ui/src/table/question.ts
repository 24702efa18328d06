// What the table asks the server for, as the address says it.
import { computed } from "@preact/signals";
import { and } from "~/lib/filter";
import { orderBy, which, type TableQuery, type Which } from "~/lib/question";
import { columns, experimentIds, groupBy, nested, type ColumnId } from "~/lib/runs";

/** What the rows are made from. */
export interface TreeQuery {
    which: Which;
    orderBy: readonly string[];
    nested: boolean;
    groupBy: readonly ColumnId[];
}

export const treeQuery = computed<TreeQuery>(() => ({
    which: which.value,
    orderBy: orderBy.value,
    nested: nested.value,
    groupBy: groupBy.value,
}));

/** The filter as it is sent: with children below their parents, only of runs without parents. */
export function filterOf({ which, nested, groupBy }: TreeQuery): string {
    const typed = which.filter ?? "";
    return nested && groupBy.length === 0
        ? and(typed, "tags.mlflow.parentRunId IS NULL")
        : typed;
}

/** Runs in a page: about two screens. */
export const pageSize = 100;

/** A page of a list of runs, without its values. */
export const pageOf = (
    what: Which,
    { orderBy, nested }: TreeQuery,
    number: number,
): TableQuery => ({
    ...what,
    order_by: orderBy,
    offset: number * pageSize,
    max_results: pageSize,
    ...(nested && { children: true }),
});

/** How many columns of each kind the server chooses when nobody has. */
const fewDiffering = 40;

/** The same page with values of columns that the server chooses. */
export const chosenByServer = (ask: TableQuery): TableQuery => ({
    ...ask,
    differing: fewDiffering,
});

/** Nobody has chosen columns, and the list is plain: its first page says which columns there are. */
export const columnsComeAlong = ({ nested, groupBy }: TreeQuery): boolean =>
    columns.value.length === 0 && !nested && groupBy.length === 0;

/** The first request of a page that opens; undefined where it is not for rows like these. */
export function firstQuestion(): TableQuery | undefined {
    const query = treeQuery.value;
    if (experimentIds.value.length === 0 || !columnsComeAlong(query)) return undefined;
    return chosenByServer(pageOf(query.which, query, 0));
}
