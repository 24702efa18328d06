// The difference of two texts by lines, and within lines that were changed by words.
import { textDiff, type Edit } from "~/compare/textdiff";

/** A piece of a line; `changed` if the other line does not have it. */
export interface Piece {
    text: string;
    changed: boolean;
}

export interface Line {
    kind: Edit["kind"];
    pieces: Piece[];
}

/** Lines that went before lines that came are taken as their older forms, one by one. */
export function lines(before: string, after: string): Line[] {
    const edits = textDiff(before, after);
    const out: Line[] = [];
    for (let at = 0; at < edits.length;) {
        if (edits[at]!.kind === "same") {
            out.push({ kind: "same", pieces: [{ text: edits[at++]!.line, changed: false }] });
            continue;
        }
        const gone: string[] = [];
        const come: string[] = [];
        for (; at < edits.length && edits[at]!.kind !== "same"; at++)
            (edits[at]!.kind === "gone" ? gone : come).push(edits[at]!.line);
        const pairs = gone.map((line, i) =>
            i < come.length ? words(line, come[i]!) : undefined,
        );
        gone.forEach((line, i) =>
            out.push({
                kind: "gone",
                pieces: pairs[i]?.before ?? [{ text: line, changed: true }],
            }),
        );
        come.forEach((line, i) =>
            out.push({
                kind: "new",
                pieces: pairs[i]?.after ?? [{ text: line, changed: true }],
            }),
        );
    }
    return out;
}

/** The words of two lines, those marked that the other does not have. */
export function words(before: string, after: string): { before: Piece[]; after: Piece[] } {
    // Words hold no line breaks, so that the difference by lines serves for them too.
    const split = (line: string) => line.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
    const edits = textDiff(split(before).join("\n"), split(after).join("\n"));
    const side = (kind: "gone" | "new") =>
        joined(
            edits
                .filter(e => e.kind === "same" || e.kind === kind)
                .map(e => ({ text: e.line, changed: e.kind === kind })),
        );
    return { before: side("gone"), after: side("new") };
}

function joined(pieces: readonly Piece[]): Piece[] {
    const out: Piece[] = [];
    for (const piece of pieces) {
        const last = out.at(-1);
        if (last?.changed === piece.changed) last.text += piece.text;
        else out.push({ ...piece });
    }
    return out;
}
