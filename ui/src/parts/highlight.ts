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

/** A stretch of code: text, or a named part of more stretches. */
export type Stretch = string | { scope?: string; children: Stretch[] };

/** Code in a language of kinds.ts, in stretches. */
export function highlight(code: string, language: string): Stretch[] {
    const result = hljs.highlight(code, { language, ignoreIllegals: true });
    return (result._emitter as unknown as { root: { children: Stretch[] } }).root.children;
}
