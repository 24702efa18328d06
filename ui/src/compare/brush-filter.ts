// Brushes as conditions of the filter language.
import { and, anyOf, between } from "~/lib/filter";
import { columnOf, type ColumnId } from "~/lib/runs";
import { makeAxis, type Brush } from "./axes";
import type { Frame } from "./frame";

/** Params are texts to the language: a range of them is the list of those within it. */
const mostTexts = 200;

/** The filter with a condition for each brush. Fields that a filter does not know, and ranges of
 *  too many texts, are left out. */
export function brushFilter(
    filter: string,
    brushes: ReadonlyMap<ColumnId, Brush>,
    frame: Frame,
): string {
    let made = filter;
    for (const [field, brush] of brushes) {
        const { kind, key } = columnOf(field);
        if (kind === "metrics" || key === "start_time") {
            made = and(made, between(field, brush.low, brush.high));
            continue;
        }
        const axis = makeAxis(frame, field, false);
        const texts = frame.columns.get(field)?.texts;
        if (!axis || !texts || key === "duration") continue;
        const within = new Set<string>();
        for (const [i, v] of axis.values.entries()) {
            const text = texts[i];
            if (text != null && v >= brush.low && v <= brush.high) within.add(text);
        }
        if (within.size > 0 && within.size <= mostTexts)
            made = and(made, anyOf(field, [...within]));
    }
    return made;
}
