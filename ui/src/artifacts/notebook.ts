// Jupyter notebooks: cells and outputs as data. Nothing here is markup that may be shown as it is.

export type Output =
    | { kind: "text"; text: string; error: boolean }
    | { kind: "html" | "markdown"; text: string }
    | { kind: "image"; type: string; data: string };

export interface Cell {
    kind: "code" | "markdown" | "raw";
    source: string;
    /** Number of the execution; absent if it never ran. */
    count?: number;
    outputs: Output[];
}

export interface Notebook {
    language: string;
    cells: Cell[];
    /** Cells that are left out. */
    left: number;
}

const MAX_CELLS = 500;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Dict = { [key: string]: Json };

const dict = (v: Json | undefined): Dict =>
    v && typeof v === "object" && !Array.isArray(v) ? v : {};
const items = (v: Json | undefined): Json[] => (Array.isArray(v) ? v : []);
/** Notebooks write texts whole or as lists of lines. */
const text = (v: Json | undefined): string =>
    Array.isArray(v) ? v.map(text).join("") : typeof v === "string" ? v : "";

/** Reads a notebook of format 3 or later. Throws an Error that says what is wrong. */
export function parseNotebook(json: string): Notebook {
    let whole: Dict;
    try {
        whole = dict(JSON.parse(json) as Json);
    } catch {
        throw new Error("The notebook is no valid JSON.");
    }
    const all = [
        ...items(whole.cells),
        ...items(whole.worksheets).flatMap(sheet => items(dict(sheet).cells)),
    ];
    const metadata = dict(whole.metadata);
    return {
        language:
            text(dict(metadata.language_info).name) ||
            text(dict(metadata.kernelspec).language) ||
            "python",
        cells: all.slice(0, MAX_CELLS).map(cell => cellOf(dict(cell))),
        left: Math.max(0, all.length - MAX_CELLS),
    };
}

function cellOf(cell: Dict): Cell {
    const kind = text(cell.cell_type);
    const count = cell.execution_count ?? cell.prompt_number;
    return {
        kind: kind === "code" || kind === "markdown" ? kind : "raw",
        source: text(cell.source) || text(cell.input),
        ...(typeof count === "number" ? { count } : {}),
        outputs: items(cell.outputs).flatMap(o => outputOf(dict(o)) ?? []),
    };
}

function outputOf(output: Dict): Output | undefined {
    switch (text(output.output_type)) {
        case "stream":
            return {
                kind: "text",
                text: plain(text(output.text)),
                error: text(output.name) === "stderr",
            };
        case "error":
        case "pyerr":
            return { kind: "text", text: plain(traceback(output)), error: true };
        default:
            // Format 3 has the kinds of data beside the other fields.
            return richest(output.data ? dict(output.data) : output);
    }
}

function traceback(output: Dict): string {
    const lines = items(output.traceback).map(text).join("\n");
    return lines || `${text(output.ename)}: ${text(output.evalue)}`;
}

const images = ["image/png", "image/jpeg", "image/gif", "image/webp", "png", "jpeg"];

/** The best of several forms of the same output. */
function richest(data: Dict): Output | undefined {
    for (const type of images) {
        const base64 = text(data[type]).replace(/\s/g, "");
        if (base64 && /^[A-Za-z0-9+/]*={0,2}$/.test(base64))
            return {
                kind: "image",
                type: type.includes("/") ? type : `image/${type}`,
                data: base64,
            };
    }
    const svg = text(data["image/svg+xml"]) || text(data.svg);
    if (svg) return { kind: "image", type: "image/svg+xml", data: toBase64(svg) };
    const html = text(data["text/html"]) || text(data.html);
    if (html) return { kind: "html", text: html };
    const markdown = text(data["text/markdown"]);
    if (markdown) return { kind: "markdown", text: markdown };
    const words = text(data["text/plain"]) || text(data.text);
    return words ? { kind: "text", text: plain(words), error: false } : undefined;
}

function toBase64(words: string): string {
    let binary = "";
    for (const byte of new TextEncoder().encode(words)) binary += String.fromCharCode(byte);
    return btoa(binary);
}

/** Text without the sequences that colour it on a terminal, and without overwritten lines. */
export function plain(words: string): string {
    return words
        .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, "")
        .replace(/\r\n/g, "\n")
        .replace(/[^\n]*\r(?!$)/g, "");
}
