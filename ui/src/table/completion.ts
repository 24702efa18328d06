// What could come next in a filter: keys that the found runs have, operators for them, their values.
import { attributes, equals, field } from "~/lib/filter";
import type { Columns, KeyColumn } from "~/lib/runs-data";
import { metricText } from "~/lib/format";
import { read, type Expected } from "./language";

export interface Option {
    label: string;
    /** What takes the place of from … to. */
    insert: string;
    detail: string;
}
export interface Completion {
    from: number;
    to: number;
    options: Option[];
}

const maxOptions = 50;
const statuses = ["FINISHED", "RUNNING", "FAILED", "KILLED", "SCHEDULED"];

/** Options at the cursor, the best fitting ones first. */
export function complete(
    filter: string,
    cursor: number,
    found: Columns | undefined,
): Completion {
    const before = filter.slice(0, cursor);
    const from = wordStart(before);
    const reading = read(before.slice(0, from));
    const options = optionsFor(reading.expected, reading.field, found);
    return { from, to: cursor, options: fitting(options, before.slice(from)) };
}

/** Where the word begins that ends at the end of the text; its end if there is none. */
function wordStart(before: string): number {
    const { tokens } = read(before);
    const last = tokens.at(-1);
    if (!last || last.to < before.length || /^[<>=!(),]/.test(last.text)) return before.length;
    // A key whose quotes are not closed yet falls into two: tags.  and  `lear
    const key = tokens.at(-2);
    return key?.to === last.from && key.text.endsWith(".") ? key.from : last.from;
}

function optionsFor(
    expected: Expected,
    name: string | undefined,
    found: Columns | undefined,
): Option[] {
    if (expected === "field") return fields(found);
    if (expected === "operator") return operators(name);
    if (expected === "value") return values(name, found);
    return ["AND", "OR"].map(j => ({ label: j, insert: `${j} `, detail: "" }));
}

function describe(c: KeyColumn): string {
    if (c.min !== undefined && c.max !== undefined)
        return c.min === c.max
            ? metricText(c.min)
            : `${metricText(c.min)} … ${metricText(c.max)}`;
    return (c.values ?? []).slice(0, 3).join(", ");
}

function fields(found: Columns | undefined): Option[] {
    const keys = (["metrics", "params", "tags"] as const).flatMap(kind =>
        (found?.[kind] ?? []).map(c => {
            const name = field({ kind, key: c.key });
            return { label: name, insert: `${name} `, detail: describe(c), used: c.runs };
        }),
    );
    // Tags that the client sets come last: few look for them.
    const own = (o: { label: string }) => (o.label.startsWith("tags.mlflow.") ? 1 : 0);
    keys.sort((a, b) => own(a) - own(b));
    const bare = attributes.map(a => ({ label: a, insert: `${a} `, detail: "attribute" }));
    return [...keys, ...bare];
}

const forNumbers = ["<", "<=", ">", ">=", "=", "!=", "BETWEEN"];
const forTexts = ["=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"];
const forAll = ["IS NULL", "IS NOT NULL"];
const explained: Record<string, string> = {
    LIKE: "% stands for any text",
    ILIKE: "like LIKE, in any case",
    "IS NULL": "has none",
    "IS NOT NULL": "has one",
};

const isNumber = (name: string | undefined) =>
    name !== undefined && (/^metrics?\./.test(name) || name.endsWith("_time"));

function operators(name: string | undefined): Option[] {
    return [...(isNumber(name) ? forNumbers : forTexts), ...forAll].map(o => ({
        label: o,
        insert: o.endsWith("IN") ? `${o} (` : `${o} `,
        detail: explained[o] ?? "",
    }));
}

function values(name: string | undefined, found: Columns | undefined): Option[] {
    if (name === undefined) return [];
    if (/^(attributes?\.|attr\.|run\.)?status$/.test(name)) return statuses.map(textOption);
    const kind = /^(params?|parameters?)\./.test(name)
        ? "params"
        : /^tags?\./.test(name)
          ? "tags"
          : "metrics";
    const key = name.slice(name.indexOf(".") + 1).replace(/^[`"']|[`"']$/g, "");
    const column = found?.[kind].find(c => c.key === key);
    if (kind !== "metrics") return (column?.values ?? []).map(textOption);
    return column?.min === undefined || column.max === undefined
        ? []
        : [
              { label: String(column.min), insert: `${column.min} `, detail: "smallest" },
              { label: String(column.max), insert: `${column.max} `, detail: "largest" },
          ];
}

/** A text as the language quotes it. */
function textOption(text: string): Option {
    const quoted = equals("params.x", text).replace(/^params\.x \S+ /, "");
    return { label: text, insert: `${quoted} `, detail: "" };
}

/** Those that begin with the word, then those that hold it; dots and quotes do not matter. */
function fitting(options: readonly Option[], word: string): Option[] {
    const plain = (t: string) => t.toLowerCase().replace(/[`"']/g, "");
    const typed = plain(word);
    const rank = ({ label }: Option) => {
        const text = plain(label);
        const key = text.slice(text.indexOf(".") + 1);
        if (text.startsWith(typed) || key.startsWith(typed)) return 0;
        return text.includes(typed) ? 1 : 2;
    };
    return options
        .map(option => ({ option, r: typed === "" ? 0 : rank(option) }))
        .filter(({ r }) => r < 2)
        .sort((a, b) => a.r - b.r)
        .slice(0, maxOptions)
        .map(({ option }) => option);
}

/** A text without any comparison: what people type who look for a name. */
export function looksLikeName(typed: string): boolean {
    const { tokens } = read(typed);
    return typed.trim() !== "" && !tokens.some(t => t.role === "operator");
}
