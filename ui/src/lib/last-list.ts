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
/** The first use of a browser's storage takes milliseconds, which the first rows need. */
const storageMs = 500;

let last: RunList | undefined;
let storing: ReturnType<typeof setTimeout> | undefined;

/** Remembers the list that is looked at, in this tab; also for when it is loaded again. */
export function followLists(): void {
    effect(() => {
        if (experimentIds.value.length === 0) return;
        last = {
            to: path.value + (query.value && `?${query.value}`),
            ask: { ...which.value, order_by: orderBy.value },
        };
        clearTimeout(storing);
        storing = setTimeout(store, storageMs);
    });
}

function store(): void {
    try {
        sessionStorage.setItem(key, JSON.stringify(last));
    } catch {
        // then the experiment's own list serves
    }
}

/** The list; undefined if none was looked at. */
export function lastList(): RunList | undefined {
    if (last) return last;
    try {
        return (
            (JSON.parse(sessionStorage.getItem(key) ?? "null") as RunList | null) ?? undefined
        );
    } catch {
        return undefined;
    }
}
