// Code in colours: highlight.js with a few languages. Its result is taken as a tree, so that code
// never passes through markup.
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import diff from "highlight.js/lib/languages/diff";
import ini from "highlight.js/lib/languages/ini";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import sql from "highlight.js/lib/languages/sql";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";
import { pieceEnds } from "./pieces";

for (const [name, grammar] of Object.entries({
    bash,
    c,
    diff,
    ini,
    json,
    python,
    sql,
    xml,
    yaml,
}))
    hljs.registerLanguage(name, grammar);

/** A stretch of code, and what it is if it is anything: "keyword". */
export type Stretch = [text: string, scope?: string];

/** What highlight.js makes of code: text, or a named part of more. */
type Part = string | { scope?: string; children: Part[] };

/** A text with more changes of colour is quicker read without any. */
const MAX_STRETCHES = 20_000;

/** The stretches of each piece of a code (pieces.ts) in a language of kinds.ts. undefined: they are
 *  too many. */
export function highlight(code: string, language: string): Stretch[][] | undefined {
    const result = hljs.highlight(code, { language, ignoreIllegals: true });
    const { root } = result._emitter as unknown as { root: { children: Part[] } };
    const flat = stretches(root.children);
    return flat.length > MAX_STRETCHES ? undefined : inPieces(flat, pieceEnds(code));
}

/** Parts within parts, one after another: what a text is, is said by the innermost. Foreign code
 *  nests them as deep as it likes, hence no recursion. */
function stretches(parts: readonly Part[]): Stretch[] {
    const flat: Stretch[] = [];
    const open: { parts: readonly Part[]; at: number; scope?: string | undefined }[] = [
        { parts, at: 0 },
    ];
    for (let inner = open.at(-1); inner; inner = open.at(-1)) {
        const part = inner.parts[inner.at++];
        if (part === undefined) open.pop();
        else if (typeof part !== "string")
            open.push({ parts: part.children, at: 0, scope: part.scope ?? inner.scope });
        else if (inner.scope) flat.push([part, inner.scope]);
        else flat.push([part]);
    }
    return flat;
}

function inPieces(flat: readonly Stretch[], ends: readonly number[]): Stretch[][] {
    const pieces: Stretch[][] = [[]];
    let at = 0;
    for (const [text, scope] of flat) {
        for (let from = 0; from < text.length;) {
            const end = ends[pieces.length - 1]!;
            const part = text.slice(from, from + end - at);
            pieces.at(-1)!.push(scope ? [part, scope] : [part]);
            from += part.length;
            at += part.length;
            if (at === end && pieces.length < ends.length) pieces.push([]);
        }
    }
    return pieces;
}
