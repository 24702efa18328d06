// Reads a filter while it is typed: its words for colouring, where it goes wrong, and what could come
// next. The server has the last word on what is right.

export type Role = "field" | "operator" | "value" | "join" | "mark" | "bad";

export interface Token {
    from: number;
    to: number;
    text: string;
    role: Role;
}

/** What may stand at a place. */
export type Expected = "field" | "operator" | "value" | "join";

export interface Reading {
    tokens: Token[];
    /** What is expected behind the last word. */
    expected: Expected;
    /** The field of the comparison that is being written. */
    field: string | undefined;
    /** The first place that cannot be right, and why. */
    error: { from: number; to: number; message: string } | undefined;
}

const pattern = new RegExp(
    [
        String.raw`(?<space>\s+)`,
        // A key, quoted or not, with what stands before it: params.lr, tags.`a b`
        String.raw`(?<word>[\p{L}_][\p{L}\p{N}_.]*\.(?:\x60[^\x60]*\x60|"[^"]*"|'[^']*')|[\p{L}_][\p{L}\p{N}_.]*|\x60[^\x60]*\x60)`,
        String.raw`(?<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)`,
        String.raw`(?<text>'[^']*'|"[^"]*")`,
        String.raw`(?<open>[\x60'"].*$)`,
        String.raw`(?<operator><=|>=|!=|=|<|>)`,
        String.raw`(?<mark>[(),])`,
        String.raw`(?<other>.)`,
    ].join("|"),
    "gsu",
);

const wordOperators = new Set(["LIKE", "ILIKE", "IN", "BETWEEN", "IS", "NOT"]);

/** How far a comparison has come. */
interface State {
    expected: Expected;
    field: string | undefined;
    /** What BETWEEN waits for. */
    between: "" | "low" | "and" | "high";
    /** Inside the parentheses of IN. */
    list: boolean;
    /** Behind IS: NULL or NOT NULL. */
    is: boolean;
    depth: number;
}

type Group = "space" | "word" | "number" | "text" | "open" | "operator" | "mark" | "other";

export function read(filter: string): Reading {
    const state: State = {
        expected: "field",
        field: undefined,
        between: "",
        list: false,
        is: false,
        depth: 0,
    };
    const tokens: Token[] = [];
    let error: Reading["error"];
    // An empty field is what one mostly sees, and the first use of such a pattern takes milliseconds.
    for (const found of filter === "" ? [] : filter.matchAll(pattern)) {
        const [group, text] = Object.entries(found.groups!).find(
            ([, t]) => t !== undefined,
        ) as [Group, string];
        if (group === "space") continue;
        const from = found.index;
        const to = from + text.length;
        const before = state.expected;
        const role = group === "open" ? "bad" : step(state, group, text);
        tokens.push({ from, to, text, role });
        if (role === "bad") error ??= { from, to, message: complaint(group, before) };
    }
    return { tokens, expected: state.expected, field: state.field, error };
}

function complaint(group: Group, expected: Expected): string {
    if (group === "open") return "this quote has no end";
    const wanted: Record<Expected, string> = {
        field: "a field such as metrics.loss is expected here",
        operator: "an operator such as = or LIKE is expected here",
        value: "a number, or a text in quotes, is expected here",
        join: "AND or OR is expected here",
    };
    return wanted[expected];
}

/** Takes one word in; what it is, or "bad" if it cannot stand here. */
function step(s: State, group: Group, text: string): Role {
    const upper = text.toUpperCase();
    if (group === "mark") return mark(s, text);
    switch (s.expected) {
        case "field":
            if (group === "word" && upper === "NOT") return "join";
            if (group !== "word") return "bad";
            return startField(s, text);
        case "operator":
            return operator(s, group, upper);
        case "value":
            return value(s, group, upper);
        case "join":
            if (upper === "AND" || upper === "OR") {
                s.expected = "field";
                return "join";
            }
            if (group !== "word") return "bad";
            // AND may be missing.
            if (upper !== "NOT") return startField(s, text);
            s.expected = "field";
            return "join";
    }
}

function startField(s: State, text: string): Role {
    s.field = text;
    s.expected = "operator";
    return "field";
}

function operator(s: State, group: Group, upper: string): Role {
    if (group === "operator") s.expected = "value";
    else if (group !== "word" || !wordOperators.has(upper)) return "bad";
    else if (upper !== "NOT") {
        s.expected = "value";
        s.between = upper === "BETWEEN" ? "low" : "";
        s.is = upper === "IS";
    }
    return "operator";
}

function value(s: State, group: Group, upper: string): Role {
    if (s.is) {
        if (upper === "NOT") return "operator";
        if (upper !== "NULL") return "bad";
        endComparison(s);
        return "value";
    }
    if (s.between === "and") {
        if (upper !== "AND") return "bad";
        s.between = "high";
        return "operator";
    }
    if (group !== "number" && group !== "text") return "bad";
    if (s.between === "low") s.between = "and";
    else if (!s.list) endComparison(s);
    return "value";
}

function endComparison(s: State): void {
    s.expected = "join";
    s.field = undefined;
    s.is = s.list = false;
    s.between = "";
}

function mark(s: State, text: string): Role {
    if (text === "(") {
        if (s.expected === "value" && !s.list) s.list = true;
        else if (s.expected === "field" || s.expected === "join") {
            s.depth++;
            s.expected = "field";
        } else return "bad";
    } else if (text === ")") {
        if (s.list) endComparison(s);
        else if (s.depth > 0 && s.expected === "join") s.depth--;
        else return "bad";
    } else if (!s.list) return "bad";
    return "mark";
}

/** Where the server's message says that it stopped: "filter, character 14: …", from 0. */
export function serverPlace(message: string): { at: number; text: string } | undefined {
    const found = /^filter, character (\d+): (.*)$/s.exec(message);
    return found ? { at: Number(found[1]) - 1, text: found[2]! } : undefined;
}
