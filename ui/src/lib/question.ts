// What the address asks the server for: which runs, in which order.
import { computed } from "@preact/signals";
import { orderTerm } from "./filter";
import { experimentIds, filter, nameRegex, order, stage } from "./runs";

/** The fields that say which runs, the same in runs/table, runs/columns and runs/groups. */
export interface Which {
    experiment_ids: readonly string[];
    filter?: string;
    run_view_type?: "ACTIVE_ONLY" | "DELETED_ONLY" | "ALL";
    name_regex?: string;
    group?: { field: string; value?: string }[];
}

/** The runs that the address speaks of. */
export const which = computed<Which>(() => ({
    experiment_ids: experimentIds.value,
    ...(filter.value.trim() !== "" && { filter: filter.value }),
    ...(nameRegex.value !== "" && { name_regex: nameRegex.value }),
    ...(stage.value === "deleted" && { run_view_type: "DELETED_ONLY" as const }),
}));

/** The order that the address asks for, in the server's words. */
export const orderBy = computed(() => order.value.map(orderTerm));

export interface TableQuery extends Which {
    order_by?: readonly string[];
    offset?: number;
    max_results?: number;
    metrics?: readonly string[];
    params?: readonly string[];
    tags?: readonly string[];
    aggregates?: readonly string[];
    children?: boolean;
    /** Also values of so many keys of each kind in which the runs differ. */
    differing?: number;
}

/** A tag of a run, "#rrggbb": a person's choice of its colour, which the official pages know too. */
export const colourTag = "mlflow.runColor";

/** What is sent for a piece of a list of runs: their colours come along. */
export const tableBody = (ask: TableQuery): TableQuery & { tags: string[] } => ({
    ...ask,
    tags: [...(ask.tags ?? []), colourTag],
});
