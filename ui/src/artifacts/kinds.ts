// Which preview a file gets: by its name, else by its first bytes.
import { nameOf } from "./bytes";

export type Kind =
    | "image"
    | "audio"
    | "video"
    | "pdf"
    | "html"
    | "markdown"
    | "json"
    | "csv"
    | "tsv"
    | "parquet"
    | "notebook"
    | "npy"
    | "npz"
    | "zip"
    | "mlmodel"
    | "text"
    | "hex";

const endings: Record<Kind, string> = {
    image: "png jpg jpeg jpe gif bmp webp avif svg ico",
    audio: "mp3 wav flac ogg oga opus aac m4a",
    video: "mp4 m4v webm ogv mov",
    pdf: "pdf",
    html: "html htm",
    markdown: "md markdown",
    json: "json geojson",
    csv: "csv",
    tsv: "tsv",
    parquet: "parquet pq",
    notebook: "ipynb",
    npy: "npy",
    npz: "npz",
    zip: "zip whl jar egg mar pt pth keras docx xlsx",
    mlmodel: "",
    text: "txt log err out cfg conf ini properties toml yaml yml xml jsonl ndjson js mjs ts tsx jsx py pyi r jl rst c h cc cpp hpp cu java go rs sh bash sql diff patch tex env lock css",
    hex: "bin pkl pickle joblib so dll exe safetensors h5 onnx tar gz bz2 xz zst ckpt msgpack npx db sqlite",
};

const byEnding = new Map<string, Kind>();
for (const [kind, list] of Object.entries(endings))
    for (const ending of list.split(" ")) byEnding.set(ending, kind as Kind);
byEnding.delete("");

const byName = new Map<string, Kind>([
    ["MLmodel", "mlmodel"],
    ["MLproject", "text"],
    ["Dockerfile", "text"],
    ["LICENSE", "text"],
    ["README", "text"],
    ["Makefile", "text"],
]);

/** Kind by name alone; undefined when the name tells nothing. */
export function kindOfName(path: string): Kind | undefined {
    const name = nameOf(path);
    const dot = name.lastIndexOf(".");
    return (
        byName.get(name) ??
        (dot < 0 ? undefined : byEnding.get(name.slice(dot + 1).toLowerCase()))
    );
}

const beginnings: [number[], Kind][] = [
    [[0x50, 0x4b, 0x03, 0x04], "zip"],
    [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], "npy"],
    [[0x50, 0x41, 0x52, 0x31], "parquet"],
    [[0x25, 0x50, 0x44, 0x46, 0x2d], "pdf"],
    [[0x89, 0x50, 0x4e, 0x47], "image"],
    [[0xff, 0xd8, 0xff], "image"],
];

/** Kind of a file whose name tells nothing. */
export function kindOfBytes(head: Uint8Array): Kind {
    for (const [bytes, kind] of beginnings)
        if (bytes.every((b, i) => head[i] === b)) return kind;
    return isText(head) ? "text" : "hex";
}

/** Whether a beginning reads as UTF-8 text; a character cut off at its end does not matter. */
export function isText(head: Uint8Array): boolean {
    if (head.includes(0)) return false;
    try {
        new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
        return true;
    } catch {
        return false;
    }
}

/** Kinds that a browser shows by itself, without our reading them. */
export const streamed: ReadonlySet<Kind> = new Set(["image", "audio", "video"]);

/** Kinds for which the plain text is a view of its own. */
export const textual: ReadonlySet<Kind> = new Set([
    "html",
    "markdown",
    "json",
    "csv",
    "tsv",
    "notebook",
    "mlmodel",
]);

const languages: Record<string, string> = {
    bash: "sh bash env",
    c: "c h cc cpp hpp cu java go rs js mjs ts tsx jsx",
    diff: "diff patch",
    ini: "ini toml cfg conf properties",
    json: "json jsonl ndjson geojson ipynb",
    python: "py pyi",
    sql: "sql",
    xml: "xml html htm svg xhtml",
    yaml: "yaml yml",
};
const languageOfEnding = new Map<string, string>();
for (const [language, list] of Object.entries(languages))
    for (const ending of list.split(" ")) languageOfEnding.set(ending, language);

/** The language to highlight a file in; undefined: none. */
export function languageOf(path: string): string | undefined {
    const name = nameOf(path);
    if (name === "MLmodel" || name === "MLproject") return "yaml";
    return languageOfEnding.get(name.slice(name.lastIndexOf(".") + 1).toLowerCase());
}
