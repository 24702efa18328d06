// Addresses as MLflow's clients print them and as people keep them in notebooks and messages: a
// path behind a hash sign. Each has a page here.
import { go, match } from "./router";

/** Where more than one fits, the first whose names are all in the path or the query counts. */
const places: readonly (readonly [pattern: string, to: string])[] = [
    ["/experiments", "/experiments"],
    ["/experiments/:experiment", "/experiments/:experiment"],
    ["/experiments/:experiment/evaluation-runs", "/runs/:selectedRunUuid"],
    ["/experiments/:experiment/:part", "/experiments/:experiment"],
    ["/experiments/:experiment/runs/:run", "/runs/:run"],
    ["/experiments/:experiment/runs/:run/model-metrics", "/runs/:run?tab=charts"],
    ["/experiments/:experiment/runs/:run/system-metrics", "/runs/:run?tab=system"],
    ["/experiments/:experiment/runs/:run/artifacts", "/runs/:run?tab=artifacts"],
    ["/experiments/:experiment/runs/:run/:part", "/runs/:run"],
    ["/experiments/:experiment/prompts/:name", "/prompts/:name"],
    ["/experiments/:experiment/:part/:one", "/experiments/:experiment"],
    ["/models", "/models"],
    ["/models/:name", "/models/:name"],
    ["/models/:name/versions/:version", "/models/:name/:version"],
    ["/prompts", "/prompts"],
    ["/prompts/:name", "/prompts/:name"],
];

/** "#/compare-runs?runs=["a","b"]&experiments=["1"]" -> "/compare?runs=a,b". */
function compared(query: string): string | undefined {
    try {
        const runs: unknown = JSON.parse(new URLSearchParams(query).get("runs") ?? "");
        if (!Array.isArray(runs)) return undefined;
        return `/compare?runs=${runs.map(run => encodeURIComponent(String(run))).join(",")}`;
    } catch {
        return undefined;
    }
}

/** A place with its names filled in; undefined if one has no value. */
function filled(to: string, values: Readonly<Record<string, string>>): string | undefined {
    const names = to.match(/(?<=:)\w+/g) ?? [];
    if (!names.every(name => values[name])) return undefined;
    return to.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name]!));
}

/** The place in these pages that such an address means; undefined if it means none. */
export function placeOf(hash: string): string | undefined {
    const [path = "", query = ""] = hash.replace(/^#/, "").split("?", 2);
    if (path === "/compare-runs") return compared(query);
    const asked = Object.fromEntries(new URLSearchParams(query));
    for (const [pattern, to] of places) {
        const found = match(pattern, path);
        const place = found && filled(to, { ...asked, ...found });
        if (place !== undefined) return place;
    }
    return undefined;
}

/** Goes where the address bar's hash says, now and whenever it changes. */
export function followPrintedLinks(): void {
    const follow = () => {
        const place = placeOf(location.hash);
        if (place !== undefined) go(place, "replace");
    };
    follow();
    addEventListener("hashchange", follow);
}
