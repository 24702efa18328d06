// Long texts in pieces of a few screens. Browsers lay out each by itself and only when it comes into
// view, so that neither a long file nor an endless line keeps the page from answering.

/** Characters of a piece. */
const PIECE = 8_000;

/** Where the pieces of a text end: at ends of lines, or within a line that is longer. */
export function pieceEnds(text: string): number[] {
    const ends: number[] = [];
    for (let from = 0; from < text.length;) {
        let end = Math.min(from + PIECE, text.length);
        const line = text.lastIndexOf("\n", end - 1) + 1;
        if (end < text.length && line > from) end = line;
        ends.push(end);
        from = end;
    }
    return ends;
}

/** How many lines a piece has. */
export function linesIn(piece: string): number {
    let lines = piece.endsWith("\n") ? 0 : 1;
    for (let at = piece.indexOf("\n"); at >= 0; at = piece.indexOf("\n", at + 1)) lines++;
    return lines;
}
