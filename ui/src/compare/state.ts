// How runs are compared. All of it is in the address.
import { computed } from "@preact/signals";
import { flag, list, oneOf, param, text } from "~/lib/router";
import type { ColumnId } from "~/lib/runs";
import { brushCodec, type Brush } from "./axes";

export const ways = [
    "values",
    "parallel",
    "scatter",
    "contour",
    "box",
    "files",
    "charts",
] as const;
export type Way = (typeof ways)[number];
/** In what way; "charts" only where the page has no charts of its own. */
export const by = param<Way>("by", oneOf(...ways), "values");

// ---- Values
/** Also what is the same in all runs. */
export const allRows = param("same", flag, false);
/** Runs below each other instead of beside each other. */
export const transposed = param("turn", flag, false);

// ---- Parallel axes
/** Axes from left to right; empty: chosen for the runs. */
export const axes = param<readonly ColumnId[]>("axes", list, []);
export const logAxes = param<readonly ColumnId[]>("logaxes", list, []);
const brushItems = param<readonly string[]>("brush", list, []);
export const brushes = computed(() => brushCodec.parse(brushItems.value));
export function setBrushes(to: ReadonlyMap<ColumnId, Brush>): void {
    brushItems.set(brushCodec.format(to), "replace");
}

// ---- Scatter, contour and box
export const fieldX = param("sx", text, "");
export const fieldY = param("sy", text, "");
export const fieldColour = param("sc", text, "");
export const fieldSize = param("ss", text, "");
/** What is drawn as a surface over x and y. */
export const fieldZ = param("sz", text, "");
export const showTrend = param("trend", flag, false);
export const boxGroup = param("bg", text, "");
export const boxValue = param("bv", text, "");

// ---- Files
/** The file that is looked at: a path, or the name of a series of pictures. */
export const file = param("file", text, "");
