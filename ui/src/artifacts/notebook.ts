// Jupyter notebooks: cells and outputs as data. Nothing here is markup that may be shown as it is.
import { cut } from "./cut";

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
    /** Outputs that are left out. */
    left: number;
}

export interface Notebook {
    language: string;
    cells: Cell[];
    /** Cells that are left out. */
    left: number;
}

const MAX_CELLS = 500;
/** Outputs of one cell. */
const MAX_OUTPUTS = 100;
/** Characters of one text. */
const MAX_TEXT = 200_000;
/** Characters of all texts of a notebook. */
const MAX_ALL = 4_000_000;
/** Characters of pictures, which cost the page less, that count as one of a text. */
const OF_PICTURES = 8;

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
    const cells = within(all.slice(0, MAX_CELLS).map(cell => cellOf(dict(cell))));
    return {
        language:
            text(dict(metadata.language_info).name) ||
            text(dict(metadata.kernelspec).language) ||
            "python",
        cells,
        left: all.length - cells.length,
    };
}

/** The first cells, as many as can be shown together. */
function within(cells: Cell[]): Cell[] {
    let left = MAX_ALL;
    const end = cells.findIndex(cell => (left -= weight(cell)) < 0);
    return end < 0 ? cells : cells.slice(0, end);
}

const weight = (cell: Cell): number =>
    cell.outputs.reduce(
        (sum, o) => sum + (o.kind === "image" ? o.data.length / OF_PICTURES : o.text.length),
        cell.source.length,
    );

/** Texts of a stream, which come line by line, become one. */
function joined(outputs: readonly Output[]): Output[] {
    const some: Output[] = [];
    let run: { text: string[]; error: boolean } | undefined;
    const end = () => {
        if (run)
            some.push({
                kind: "text",
                text: cut(run.text.join(""), MAX_TEXT),
                error: run.error,
            });
        run = undefined;
    };
    for (const output of outputs) {
        if (output.kind !== "text") {
            end();
            some.push(output);
            continue;
        }
        if (run?.error !== output.error) end();
        run ??= { text: [], error: output.error };
        run.text.push(output.text);
    }
    end();
    return some;
}

function cellOf(cell: Dict): Cell {
    const kind = text(cell.cell_type);
    const count = cell.execution_count ?? cell.prompt_number;
    const outputs = joined(items(cell.outputs).flatMap(o => outputOf(dict(o)) ?? []));
    return {
        kind: kind === "code" || kind === "markdown" ? kind : "raw",
        source: cut(text(cell.source) || text(cell.input), MAX_TEXT),
        ...(typeof count === "number" ? { count } : {}),
        outputs: outputs.slice(0, MAX_OUTPUTS),
        left: Math.max(0, outputs.length - MAX_OUTPUTS),
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
    const markup = {
        html: text(data["text/html"]) || text(data.html),
        markdown: text(data["text/markdown"]),
    };
    for (const kind of ["html", "markdown"] as const)
        if (markup[kind] && markup[kind].length <= MAX_TEXT)
            return { kind, text: markup[kind] };
    // What is too long to draw is shown as it is written.
    const words = text(data["text/plain"]) || text(data.text) || markup.html || markup.markdown;
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
        .split("\n")
        .map(line => line.slice(line.lastIndexOf("\r", line.length - 2) + 1))
        .join("\n");
}
