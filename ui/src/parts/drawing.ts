// SVG in a picture runs nothing, but a few lines of it can ask for a million things to be drawn, and
// the page waits for them. So that is counted before anything is drawn.
import { request } from "~/lib/api";
import { hushed } from "./hushed";

/** Longer drawings are not looked at, and not drawn unless asked for. */
const MAX_SIZE = 2 * 1024 * 1024;
const MAX_ELEMENTS = 20_000;

/** Whether an address or a file's name is that of a drawing. */
export const isDrawing = (name: string): boolean =>
    /^data:image\/svg/i.test(name) || /\.svg($|[?#&])/i.test(decoded(name));

function decoded(name: string): string {
    try {
        return decodeURIComponent(name);
    } catch {
        return name;
    }
}

/** Whether the drawing at an address (of the server, or "data:") is drawn in no time. */
export async function isQuick(address: string): Promise<boolean> {
    try {
        const text = await textAt(address);
        return text !== undefined && elementsIn(text) <= MAX_ELEMENTS;
    } catch {
        return false; // what cannot be read, or overflows the stack, is better left alone
    }
}

async function textAt(address: string): Promise<string | undefined> {
    const [head, body] = address.split(/,(.*)/s, 2);
    if (/^data:/i.test(address))
        return /;base64$/i.test(head!) ? atob(body ?? "") : decodeURIComponent(body ?? "");
    const response = await request(address, { headers: { Range: `bytes=0-${MAX_SIZE}` } });
    const text = await response.text();
    return text.length > MAX_SIZE ? undefined : text;
}

/** How many elements a drawing has when everything stands where something refers to it. */
function elementsIn(svg: string): number {
    // Drawings within the drawing, and styles that refer to parts of it, are not looked through.
    if (/data:image\/svg|url\([^)]*#[^)]*\)[^"'<>]*[;}]/i.test(svg)) return Infinity;
    const drawing = new DOMParser().parseFromString(hushed(svg), "image/svg+xml");
    if (drawing.querySelector("parsererror")) return Infinity;
    const counts = new Map<Element, number>();
    const count = (element: Element): number => {
        const known = counts.get(element);
        if (known !== undefined) return known;
        counts.set(element, 0); // what refers to itself is not drawn
        let sum = 1;
        for (const part of [...element.children, ...referredTo(element)]) sum += count(part);
        counts.set(element, sum);
        return sum;
    };
    const referredTo = (element: Element) =>
        [...element.attributes].flatMap(({ value }) => {
            const id = /#([^\s"')]+)/.exec(value)?.[1];
            return (id !== undefined && drawing.getElementById(id)) || [];
        });
    return count(drawing.documentElement);
}
