/** Edges and sizes in pixels, as the text of a style: setting one text is quicker than each alone. */
export function box(sizes: {
    left?: number;
    top?: number;
    width?: number;
    height?: number;
}): string {
    let style = "";
    for (const [name, n] of Object.entries(sizes)) style += `${name}:${n}px;`;
    return style;
}
