/** A list in pieces of at most `size`. */
export function inPieces<T>(all: readonly T[], size: number): T[][] {
    const pieces: T[][] = [];
    for (let at = 0; at < all.length; at += size) pieces.push(all.slice(at, at + size));
    return pieces;
}
