// Which metrics have a panel, in which group and order.
import { compiled } from "~/lib/pattern";

export interface Group {
    /** What stands before the first slash; empty for metrics without one. */
    readonly name: string;
    readonly keys: readonly string[];
}

/** Hardware figures come last: they are looked at least. */
const last = "system";

const prefix = (key: string) => {
    const slash = key.indexOf("/");
    return slash > 0 ? key.slice(0, slash) : "";
};

/** Metrics by their prefix; a metric that would be alone in its group is among those without one.
 *  `first` are keys that somebody moved to the front of their group. */
export function groupMetrics(keys: readonly string[], first: readonly string[] = []): Group[] {
    const groups = new Map<string, string[]>();
    const put = new Intl.Collator("en", { numeric: true }).compare;
    const members = new Map<string, number>();
    for (const key of keys) members.set(prefix(key), (members.get(prefix(key)) ?? 0) + 1);
    for (const key of [...keys].sort(put)) {
        const own = prefix(key);
        const name = members.get(own)! > 1 || own === last ? own : "";
        groups.set(name, [...(groups.get(name) ?? []), key]);
    }
    const rank = new Map(first.map((key, i) => [key, i]));
    const place = (key: string) => rank.get(key) ?? Infinity;
    return [...groups]
        .map(([name, these]) => ({
            name,
            // Infinity - Infinity is NaN, hence the comparison.
            keys: these.sort((a, b) =>
                place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0,
            ),
        }))
        .sort((a, b) => rankOf(a) - rankOf(b) || put(a.name, b.name));
}

/** Plain metrics first; those that only found no company, and the hardware, after the others. */
function rankOf({ name, keys }: Group): number {
    if (name === last) return 3;
    if (name !== "") return 1;
    return keys.some(key => prefix(key) === "") ? 0 : 2;
}

/** Keys in which a regular expression is found, whatever their case; undefined if it is none. */
export function matching(keys: readonly string[], pattern: string): string[] | undefined {
    if (pattern === "") return [...keys];
    const wanted = compiled(pattern);
    return wanted && keys.filter(key => wanted.test(key));
}

/** The order of a group's panels after one was moved to where another is. */
export function moved(keys: readonly string[], key: string, to: number): string[] {
    const rest = keys.filter(k => k !== key);
    rest.splice(Math.max(0, Math.min(to, rest.length)), 0, key);
    return rest;
}
