// Text and code, in colours once the highlighter is there.
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Stretch } from "./highlight";
import "./text.css";

type Highlight = (code: string, language: string) => Stretch[];

let highlighter: Promise<Highlight> | undefined;
const load = () => (highlighter ??= import("./highlight").then(m => m.highlight));

/** Longer texts would keep the page from answering. */
const MAX_HIGHLIGHTED = 256 * 1024;

export function Code({ text, language }: { text: string; language?: string | undefined }) {
    const [coloured, setColoured] = useState<{ text: string; stretches: Stretch[] }>();
    useEffect(() => {
        if (!language || text.length > MAX_HIGHLIGHTED) return;
        let gone = false;
        load().then(
            highlight => {
                if (!gone) setColoured({ text, stretches: highlight(text, language) });
            },
            () => undefined, // black on white is readable too
        );
        return () => {
            gone = true;
        };
    }, [text, language]);
    return (
        <pre class="code" tabIndex={0}>
            <code>{coloured?.text === text ? coloured.stretches.map(drawn) : text}</code>
        </pre>
    );
}

function drawn(stretch: Stretch, key: number): string | VNode {
    if (typeof stretch === "string") return stretch;
    const inner = stretch.children.map(drawn);
    return stretch.scope ? (
        <span key={key} class={`hl-${stretch.scope.split(".")[0]!.replaceAll("_", "-")}`}>
            {inner}
        </span>
    ) : (
        <>{inner}</>
    );
}
