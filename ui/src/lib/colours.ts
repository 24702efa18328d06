// The colour and the dashes of a run: the same everywhere and at every visit, since they follow
// from its id. A person may choose another colour; it is the tag that the official pages use too.
import { signal, type ReadonlySignal } from "@preact/signals";
import { dark } from "./theme";

/** Ten hues that people with any of the common kinds of colour-blindness tell apart (after Okabe
 *  and Ito, and Tol), each at a lightness that has 3:1 against the page. */
// prettier-ignore
const onLight = [
    "#0072b2", "#d55e00", "#00856a", "#b8478f", "#8a6d00",
    "#2f8fbd", "#882255", "#4d6b1f", "#5b4fc4", "#6b6b6b",
];
// prettier-ignore
const onDark = [
    "#4ba3dc", "#f08a3c", "#35c09b", "#e08bc0", "#dcc04a",
    "#8fd0f2", "#d4729c", "#a5c663", "#a59bf2", "#b5b5b5",
];

/** Lengths of strokes and gaps in pixels; the first is a whole line. */
export const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [9, 3, 2, 3]];

export interface RunColour {
    /** For the theme in use: "#rrggbb". */
    readonly colour: string;
    readonly dash: readonly number[];
    /** What people call the pattern, for those who do not see the colour. */
    readonly dashName: "solid" | "dashed" | "dotted" | "dash-dot";
}

const dashNames = ["solid", "dashed", "dotted", "dash-dot"] as const;

const chosen = signal<ReadonlyMap<string, string>>(new Map());

/** Which runs have a colour of their own, by id. */
export const chosenColours: ReadonlySignal<ReadonlyMap<string, string>> = chosen;

/** Takes over what the tags of runs say; undefined for a run without the tag. */
export function learnColours(tags: Iterable<readonly [string, string | undefined]>): void {
    let next: Map<string, string> | undefined;
    for (const [id, colour] of tags) {
        const valid = colour !== undefined && /^#[0-9a-f]{6}$/i.test(colour);
        const now = valid ? colour.toLowerCase() : undefined;
        if ((next ?? chosen.peek()).get(id) === now) continue;
        next ??= new Map(chosen.peek());
        if (now === undefined) next.delete(id);
        else next.set(id, now);
    }
    if (next) chosen.value = next;
}

/** FNV-1a over the characters. */
function hash(id: string): number {
    let h = 0x811c9dc5;
    for (let i = 0; i < id.length; i++) h = Math.imul(h ^ id.charCodeAt(i), 0x01000193);
    return h >>> 0;
}

export function colourOf(id: string, isDark = dark.value): RunColour {
    const h = hash(id);
    const palette = isDark ? onDark : onLight;
    const dash = Math.floor(h / palette.length) % dashes.length;
    return {
        colour: chosen.value.get(id) ?? palette[h % palette.length]!,
        dash: dashes[dash]!,
        dashName: dashNames[dash]!,
    };
}

/** The colours that a person may choose from, for the theme in use. */
export const palette = (): readonly string[] => (dark.value ? onDark : onLight);
