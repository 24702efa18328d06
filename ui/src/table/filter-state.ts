// The filter as it is typed, before it is asked for.
import { effect, signal } from "@preact/signals";
import { filter } from "~/lib/runs";

export const draft = signal("");
/** The filter's field, while it is on the page. */
export const filterField = signal<HTMLInputElement | null>(null);

// A filter from elsewhere (a cell, the address, the Back button) is what is typed from then on.
effect(() => {
    draft.value = filter.value;
});

/** Asks for what was typed. */
export function applyFilter(): void {
    const typed = draft.value.trim();
    if (typed !== "") remember(typed);
    filter.set(typed);
}

/** Makes a text the filter that is typed, with the cursor at a place of it: at once, since the next
 *  letter goes there. */
export function write(text: string, cursor: number): void {
    draft.value = text;
    const field = filterField.value;
    if (!field) return;
    field.value = text;
    field.setSelectionRange(cursor, cursor);
}

/** Puts the cursor into the filter, behind `more` if that is given. */
export function focusFilter(more?: string): void {
    const old = draft.value.trim();
    const text = more === undefined ? draft.value : old === "" ? more : `${old} AND ${more}`;
    write(text, text.length);
    filterField.value?.focus();
}

// ---- What was asked before

const key = "millstream.filters";
const maxKept = 20;

/** The last filters, the newest first. */
export function history(): string[] {
    try {
        const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
        return Array.isArray(kept) ? kept.filter(k => typeof k === "string") : [];
    } catch {
        return [];
    }
}

function remember(typed: string): void {
    const kept = [typed, ...history().filter(h => h !== typed)].slice(0, maxKept);
    try {
        localStorage.setItem(key, JSON.stringify(kept));
    } catch {
        // then there is no history
    }
}
