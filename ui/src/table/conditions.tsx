// The conditions of a filter as buttons that take them away.
import { filter } from "~/lib/runs";
import { Icon } from "~/parts/icons";
import { read } from "./language";

/** Of more, and of longer ones, the filter itself is the better view. */
const mostShown = 12;
const longest = 60;

/** What a filter asks for one by one: the parts between the ANDs that are in no parentheses. None if
 *  it cannot be read, or holds an OR there. */
export function conditionsOf(filter: string): string[] {
    const { tokens, error, expected } = read(filter);
    if (error || expected !== "join") return [];
    const parts: { from: number; to: number; field: boolean }[] = [];
    let depth = 0;
    let fresh = true;
    for (const { from, to, text, role } of tokens) {
        const word = role === "join" && depth === 0 ? text.toUpperCase() : "";
        if (word === "OR") return [];
        if (word === "AND") {
            fresh = true;
            continue;
        }
        const last = parts.at(-1);
        // AND may be missing between two.
        const next = depth === 0 && (word === "NOT" || (role === "field" && last?.field));
        if (fresh || !last || next) parts.push({ from, to, field: role === "field" });
        else
            Object.assign(last, { to, field: last.field || (role === "field" && depth === 0) });
        fresh = false;
        if (text === "(") depth++;
        if (text === ")") depth--;
    }
    return parts.map(p => filter.slice(p.from, p.to));
}

/** Nothing for a single condition, which the filter's own button takes away. */
export function Conditions() {
    const all = conditionsOf(filter.value);
    if (all.length < 2 || all.length > mostShown) return null;
    return (
        <ul class="conditions" aria-label="Conditions of the filter">
            {all.map((condition, i) => (
                <li key={i}>
                    <button
                        type="button"
                        class="button small"
                        title={`Take away ${condition}`}
                        aria-label={`Take away ${condition}`}
                        onClick={() => filter.set(all.filter((_, k) => k !== i).join(" AND "))}
                    >
                        <code>{short(condition)}</code>
                        <Icon name="close" />
                    </button>
                </li>
            ))}
        </ul>
    );
}

const short = (text: string) => (text.length > longest ? `${text.slice(0, longest)}…` : text);
