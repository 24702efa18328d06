// The regular expressions that people look for names with. Those of runs are the server's (PCRE2);
// here they are read as the browser does.

/** An expression that looks at letters without their case, unless it begins with (?-i). undefined:
 *  it is none. */
export function compiled(pattern: string, flags = ""): RegExp | undefined {
    const exact = pattern.startsWith("(?-i)");
    try {
        return exact
            ? new RegExp(pattern.slice(5), `u${flags}`)
            : new RegExp(pattern, `iu${flags}`);
    } catch {
        return undefined;
    }
}

/** Characters of a text, and repetitions and groups of a pattern. With more of them browsers may be
 *  busy forever: each multiplies the ways in which a text can be read. */
const MOST_LETTERS = 250;
const MOST_WAYS = 2;

const isQuick = (text: string, pattern: string): boolean =>
    text.length <= MOST_LETTERS &&
    (pattern.replace(/\\./gs, "").match(/[*+?{(]/g)?.length ?? 0) <= MOST_WAYS;

/** A text in parts, every other of which is what the pattern finds: "a", "found", "z". Only the text
 *  if the pattern is empty, or better not tried on names that others chose. */
export function split(text: string, pattern: string): string[] {
    if (pattern === "" || !isQuick(text, pattern.replace(/^\(\?-i\)/, ""))) return [text];
    const wanted = compiled(pattern, "g");
    if (!wanted) return [text];
    const parts: string[] = [];
    let from = 0;
    for (const found of text.matchAll(wanted)) {
        if (found[0] === "") continue;
        parts.push(text.slice(from, found.index), found[0]);
        from = found.index + found[0].length;
    }
    return [...parts, text.slice(from)];
}
