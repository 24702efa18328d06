// What the colours of a drawing mean.
import { metricText } from "~/lib/format";
import type { ColumnId } from "~/lib/runs";
import { dark } from "~/lib/theme";
import { shade } from "./colour-scale";
import { categories, extent, fieldLabel, type Frame } from "./frame";

/** Most texts that are named; of more only the first and the last. */
const mostTexts = 12;
/** Pieces of the bar between the least and the greatest number. */
const pieces = 12;

export function ColourKey({ frame, field }: { frame: Frame; field: ColumnId }) {
    const column = frame.columns.get(field);
    if (!column) return null;
    const sample = (p: number, label?: string) => (
        <span key={p} class="key-item">
            <span class="key-colour" style={{ background: shade(p, dark.value) }} />
            {label}
        </span>
    );
    const name = <strong>{fieldLabel(field)}</strong>;
    if (column.kind === "text") {
        const texts = categories(column.texts);
        const last = Math.max(1, texts.length - 1);
        const shown = texts.length <= mostTexts ? [...texts.keys()] : [0, last];
        return (
            <p class="colour-key">
                {name} {shown.map(i => sample(i / last, texts[i]))}
            </p>
        );
    }
    const ends = extent(column.numbers);
    if (!ends) return null;
    return (
        <p class="colour-key">
            {name} {metricText(ends[0])}
            <span class="key-bar">
                {Array.from({ length: pieces }, (_, i) => sample(i / (pieces - 1)))}
            </span>
            {metricText(ends[1])}
        </p>
    );
}
