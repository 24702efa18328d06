// Which rows are drawn in the charts. In a plain list the place decides; in a folded one, the list of
// what the charts draw.
import { signal } from "@preact/signals";
import { groupBy, isShown, nested } from "~/lib/runs";
import type { RunNode } from "./rows";

/** Ids of the runs that the charts draw; kept by the table's page. */
export const drawnIds = signal<ReadonlySet<string>>(new Set());

export const isPlain = (): boolean => !nested.value && groupBy.value.length === 0;

export function isDrawn(node: RunNode): boolean {
    if (!isPlain()) return drawnIds.value.has(node.run.run_id);
    return isShown(node.run, node.place);
}
