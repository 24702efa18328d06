// Colours for values, in order of lightness, so that they can be told apart without any hue.
import type { Frame } from "./frame";
import { categories, extent, place } from "./frame";
import type { ColumnId } from "~/lib/runs";

/** From low to high (after the viridis map), each set with enough contrast to its background. */
const onLight = ["#440154", "#414487", "#2a788e", "#1f9c7c", "#5aa82f", "#a8a000"];
const onDark = ["#7a5bd6", "#5b86e0", "#38aebf", "#4fcf93", "#a7dc4a", "#fde725"];

export const scaleColours = (dark: boolean): readonly string[] => (dark ? onDark : onLight);

/** How many colours are drawn; a stroke of the canvas for each. */
export const shades = 24;

/** A colour between those of the scale; `p` from 0 to 1. */
export function shade(p: number, dark: boolean): string {
    const colours = scaleColours(dark);
    const at = Math.max(0, Math.min(1, p)) * (colours.length - 1);
    const below = Math.min(Math.floor(at), colours.length - 2);
    const mix = (i: number) => {
        const part = (c: string) => parseInt(c.slice(1 + 2 * i, 3 + 2 * i), 16);
        const [a, b] = [part(colours[below]!), part(colours[below + 1]!)];
        return Math.round(a + (b - a) * (at - below));
    };
    return `rgb(${mix(0)} ${mix(1)} ${mix(2)})`;
}

/** For each run the number of its shade, -1 if it has no number in the field. Texts are spread in
 *  their order. */
export function shadesOf(frame: Frame, field: ColumnId | undefined): Int8Array {
    const out = new Int8Array(frame.ids.length).fill(-1);
    const column = field === undefined ? undefined : frame.columns.get(field);
    if (!column) return out;
    const numbers = column.kind === "number" ? column.numbers : numbered(column.texts);
    const ends = extent(numbers);
    if (!ends) return out;
    for (const [i, v] of numbers.entries())
        if (!Number.isNaN(v)) out[i] = Math.round(place(v, ends) * (shades - 1));
    return out;
}

function numbered(texts: readonly (string | null)[]): Float64Array {
    const number = new Map(categories(texts).map((t, i) => [t, i]));
    return Float64Array.from(texts, t => (t === null ? NaN : number.get(t)!));
}
