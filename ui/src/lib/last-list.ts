// The list of runs that was looked at last in this tab: where a run's page leads back to.
import { effect } from "@preact/signals";
import { path, query } from "./router";
import { experimentIds } from "./runs";
import { orderBy, which, type Which } from "./question";

export interface RunList {
    /** Where it is shown. */
    to: string;
    ask: Which & { order_by: readonly string[] };
}

const key = "millstream.list";
/** Remembers the list that is looked at, in this tab. */
export function followLists(): void {
    effect(() => {
        if (experimentIds.value.length === 0) return;
        const list: RunList = {
            to: path.value + (query.value && `?${query.value}`),
            ask: { ...which.value, order_by: orderBy.value },
        };
        try {
            sessionStorage.setItem(key, JSON.stringify(list));
        } catch {
            // then the experiment's own list serves
        }
    });
}

/** The list; undefined if none was looked at. */
export function lastList(): RunList | undefined {
    try {
        return (
            (JSON.parse(sessionStorage.getItem(key) ?? "null") as RunList | null) ?? undefined
        );
    } catch {
        return undefined;
    }
}
