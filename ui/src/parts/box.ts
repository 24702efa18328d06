/** Edges and sizes in pixels, as a style: Preact adds no unit to numbers. */
export function box(sizes: {
    left?: number;
    top?: number;
    width?: number;
    height?: number;
}): Record<string, string> {
    return Object.fromEntries(Object.entries(sizes).map(([name, n]) => [name, `${n}px`]));
}
