// Where one is: the path below the base of the pages, and the query string. Both are signals, and
// the only state that decides what is shown, so that a copied address shows the same.
import { computed, signal, type ReadonlySignal } from "@preact/signals";

/** Path of <base>, with a slash at its end: what the server's static prefix adds. */
const base = typeof document === "undefined" ? "/" : new URL(".", document.baseURI).pathname;

const here = signal(
    typeof location === "undefined" ? { path: "/", query: "" } : placeOf(location),
);

function placeOf({ pathname, search }: { pathname: string; search: string }) {
    const below = pathname.startsWith(base) ? pathname.slice(base.length) : pathname.slice(1);
    return { path: `/${below}`, query: search.slice(1) };
}

/** Below the base, with a slash in front: "/experiments/3". */
export const path: ReadonlySignal<string> = computed(() => here.value.path);

/** The query string without its question mark. */
export const query: ReadonlySignal<string> = computed(() => here.value.query);

/** The address of a place in the pages, for href. */
export function href(to: string): string {
    return base + to.replace(/^\//, "");
}

/** Goes to a place: "/runs/abc?tab=charts". The old one stays in the history, unless replaced. */
export function go(to: string, how: "push" | "replace" = "push"): void {
    const address = new URL(href(to), location.href);
    if (how === "push") {
        write();
        history.pushState(null, "", address);
    } else {
        unwritten = address;
        if (pause === undefined) write();
    }
    here.value = placeOf(address);
}

/** Browsers take some hundred changes of the address in this time, and whatever a hand moves makes one
 *  with each frame: after the first few of them the address bar follows less often. */
const spanMs = 10_000;
const few = 20;
const pauseMs = 150;

/** What the address is to be replaced by. */
let unwritten: URL | undefined;
/** Changes within the last span. */
let recent = 0;
let pause: ReturnType<typeof setTimeout> | undefined;

function write(): void {
    clearTimeout(pause);
    pause = undefined;
    if (!unwritten) return;
    history.replaceState(null, "", unwritten);
    unwritten = undefined;
    setTimeout(() => recent--, spanMs);
    if (++recent > few) pause = setTimeout(write, pauseMs);
}

/** The segments of a path that fits a pattern, decoded: match("/runs/:id", path) -> {id}. */
export function match(pattern: string, at: string): Record<string, string> | undefined {
    const want = pattern.split("/");
    const have = at.replace(/\/+$/, "").split("/");
    if (want.length !== have.length) return undefined;
    const found: Record<string, string> = {};
    for (const [i, name] of want.entries()) {
        const segment = have[i]!;
        if (name.startsWith(":")) {
            try {
                found[name.slice(1)] = decodeURIComponent(segment);
            } catch {
                return undefined;
            }
        } else if (name !== segment) return undefined;
    }
    return found;
}

/** How a value is written in the query string. */
export interface Codec<T> {
    parse(text: string): T | undefined;
    format(value: T): string;
}

export const text: Codec<string> = { parse: t => t, format: v => v };
export const number: Codec<number> = {
    parse: t => (t.trim() === "" || Number.isNaN(Number(t)) ? undefined : Number(t)),
    format: String,
};
export const flag: Codec<boolean> = { parse: t => t === "1", format: v => (v ? "1" : "0") };
/** Names, each percent-encoded, with commas between. */
export const list: Codec<readonly string[]> = {
    parse: t => {
        try {
            return t === "" ? [] : t.split(",").map(decodeURIComponent);
        } catch {
            return undefined;
        }
    },
    format: v => v.map(encodeURIComponent).join(","),
};
export function oneOf<T extends string>(...values: T[]): Codec<T> {
    return { parse: t => values.find(v => v === t), format: v => v };
}

/** A piece of state that lives in the query string. */
export interface Param<T> {
    /** Subscribes whoever reads it while rendering or in an effect. */
    readonly value: T;
    /** "push" makes a step that the Back button undoes; "replace" does not. */
    set(value: T, how?: "push" | "replace"): void;
}

/** What the parameter `name` says; `fallback` when it is absent or cannot be read. The fallback is
 *  never written, so that addresses stay short. */
export function param<T>(name: string, codec: Codec<T>, fallback: T): Param<T> {
    const absent = codec.format(fallback);
    const written = computed(() => new URLSearchParams(here.value.query).get(name));
    const current = computed(() => {
        const t = written.value;
        return t === null ? fallback : (codec.parse(t) ?? fallback);
    });
    return {
        get value() {
            return current.value;
        },
        set(value, how = "push") {
            const t = codec.format(value);
            setQuery({ [name]: t === absent ? undefined : t }, how);
        },
    };
}

/** Changes several parameters in one step; undefined removes one. */
export function setQuery(
    changes: Record<string, string | undefined>,
    how: "push" | "replace" = "push",
): void {
    const next = new URLSearchParams(here.value.query);
    for (const [name, value] of Object.entries(changes))
        if (value === undefined) next.delete(name);
        else next.set(name, value);
    const q = next.toString();
    if (q !== here.value.query) go(here.value.path + (q === "" ? "" : `?${q}`), how);
}

/** Makes links within the pages, and the Back button, work without a new page load. */
export function followLinks(root: Document): void {
    addEventListener("pagehide", write);
    addEventListener("popstate", () => {
        unwritten = undefined; // of a place that was left
        here.value = placeOf(location);
    });
    root.addEventListener("click", event => {
        if (event.defaultPrevented || event.button !== 0) return;
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
        const link = (event.target as Element).closest?.("a[href]");
        if (!(link instanceof HTMLAnchorElement)) return;
        if (link.target !== "" || link.hasAttribute("download")) return;
        const url = new URL(link.href);
        if (url.origin !== location.origin || !isPage(url.pathname)) return;
        event.preventDefault();
        go(url.pathname.slice(base.length - 1) + url.search);
    });
}

/** The paths that the server answers with these pages; anything else is a file or the API. */
export const pages = ["experiments", "runs", "compare", "models", "prompts"] as const;

function isPage(pathname: string): boolean {
    if (!pathname.startsWith(base)) return false;
    const first = pathname.slice(base.length).split("/")[0]!;
    return first === "" || (pages as readonly string[]).includes(first);
}
