// What a version of a prompt says.
import type { KeyValue } from "~/lib/types";
import { PROMPT_TEXT } from "./data";

const TYPE = "_mlflow_prompt_type";

/** The text; of a chat its messages, each below its role. */
export function promptOf(tags: readonly KeyValue[]): string {
    const of = (key: string) => tags.find(t => t.key === key)?.value ?? "";
    const text = of(PROMPT_TEXT);
    return of(TYPE) === "chat" ? (messages(text) ?? text) : text;
}

function messages(json: string): string | undefined {
    try {
        const list: unknown = JSON.parse(json);
        if (!Array.isArray(list)) return undefined;
        return list
            .map((m: { role?: unknown; content?: unknown }) => {
                const content =
                    typeof m.content === "string" ? m.content : JSON.stringify(m.content);
                return `${String(m.role)}:\n${content}`;
            })
            .join("\n\n");
    } catch {
        return undefined;
    }
}

/** What is to be filled in: the names between {{ and }}. */
export function variables(text: string): string[] {
    const found = [...text.matchAll(/\{\{\s*([\w.-]+)\s*\}\}/g)].map(m => m[1]!);
    return [...new Set(found)];
}
