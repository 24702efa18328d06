// How the charts are shown. All of it but the highlight is in the address.
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { flag, list, oneOf, param, text, type Param } from "~/lib/router";
import type { Range } from "./buckets";
import { rangeCodec } from "./scale";
import { smoothingCodec, unsmoothed } from "./smooth";

/** Only these metrics; empty: all. For frames in other pages. */
export const onlyMetrics = param<readonly string[]>("metric", list, []);
/** Only metrics in which this regular expression is found. */
export const keyPattern = param("keys", text, "");
/** "step", "time", "relative", or "metric:KEY" for the values of another metric. */
export const xAxis = param("x", text, "step");
export const smoothing = param("smooth", smoothingCodec, unsmoothed);
export const logX = param("logx", flag, false);
/** Metrics whose vertical axis is logarithmic, and whose outliers are left out; `every` for all. */
export const logY = param<readonly string[]>("logy", list, []);
export const clip = param<readonly string[]>("clip", list, []);
export const every = "*";
/** The panels of a group have one vertical range. */
export const sharedY = param("sharey", flag, false);
/** Runs with the same value of this column become one line. */
export const averageBy = param("avg", text, "");
export const sizes = ["small", "medium", "large"] as const;
export const panelSize = param("size", oneOf(...sizes), "medium");
/** Metrics that were moved to the front of their group. */
export const firstPanels = param<readonly string[]>("panels", list, []);
export const closedGroups = param<readonly string[]>("closed", list, []);
/** The metric whose panel fills the window. */
export const fullPanel = param("full", text, "");

/** The part of the axis that was zoomed to. */
export const range = param<Range | undefined>("range", rangeCodec, undefined);

/** Where one is while the hand still moves. */
const passing = signal<Range | undefined>(undefined);

/** What all charts show now of the horizontal axis; undefined: all of it. */
export const seenRange: ReadonlySignal<Range | undefined> = computed(
    () => passing.value ?? range.value,
);

/** A hand moves the charts right now. */
export const isMoving: ReadonlySignal<boolean> = computed(() => passing.value !== undefined);

/** "moving": a hand moves there; "settled": it has let go there; "done": somebody goes there at once. */
export type Going = "moving" | "settled" | "done";

export function setRange(to: Range | undefined, how: Going): void {
    if (how === "moving") {
        passing.value = to;
        return;
    }
    // A wheel is let go some time after its last turn, when one may have gone elsewhere.
    if (how === "settled" && passing.peek() !== to) return;
    // What was done is a step that the Back button takes back; the end of a movement is not.
    range.set(to, how === "done" ? "push" : "replace");
    passing.value = undefined;
}

/** The run whose line is in front in all charts. */
export const highlighted = signal<string | undefined>(undefined);

export const isChosen = (keys: Param<readonly string[]>, key: string): boolean =>
    keys.value.includes(every) || keys.value.includes(key);

export function toggle(keys: Param<readonly string[]>, key: string): void {
    const old = keys.value;
    keys.set(old.includes(key) ? old.filter(k => k !== key) : [...old, key]);
}
