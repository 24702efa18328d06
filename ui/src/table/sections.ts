// A section is one list of runs or groups of the table, of which some pages are there; below its
// rows others may be unfolded. These find places in such a tree.
import type { ColumnId } from "~/lib/runs";
import type { Which } from "~/lib/question";
import type { RunGroup, RunRow } from "~/lib/runs-data";
import { pageSize } from "./question";
import type { Value } from "./values";

/** How a group's metric is shown: its mean, between its extremes. */
export interface Spread {
    min?: number;
    mean?: number;
    max?: number;
}

/** A row of a page, without its place. */
export type Item =
    | { key: string; run: RunRow; values: Record<ColumnId, Value | undefined> }
    | { key: string; group: RunGroup; spreads: Record<ColumnId, Spread | null | undefined> };

export interface Page {
    items: Item[];
    columns: Set<ColumnId>;
    stale: boolean;
}

/** A list of runs or groups. */
export interface Section {
    kind: "runs" | "groups";
    what: Which;
    depth: number;
    /** Unknown until the first page is there. */
    total: number | undefined;
    /** Groups beyond those that the server gives. */
    unlisted: number;
    pages: Map<number, Page>;
    /** Unfolded ones by the key of their row. */
    below: Map<string, Section>;
    /** The unfolded ones whose rows are loaded, by place. */
    unfolded: [place: number, section: Section][];
}

export interface Found {
    section: Section;
    place: number;
}

/** Groups come in one page: the server gives at most so many. */
export const pageSizeOf = (s: Section): number => (s.kind === "groups" ? 1000 : pageSize);

/** How many rows a section has with all that is unfolded in it; one while that is unknown. */
export function lengthOf(section: Section): number {
    let n = section.total ?? 1;
    for (const [, below] of section.unfolded) n += lengthOf(below);
    return n;
}

/** What is at a place among all rows of a section; undefined beyond its end. */
export function find(section: Section, index: number): Found | undefined {
    let rest = index;
    for (const [place, below] of section.unfolded) {
        if (rest <= place) break;
        const length = lengthOf(below);
        if (rest <= place + length) return find(below, rest - place - 1);
        rest -= length;
    }
    return rest < (section.total ?? 1) ? { section, place: rest } : undefined;
}

/** The place of a loaded row among all rows of a section. */
export function indexIn(section: Section, key: string): number | undefined {
    for (const [number, page] of section.pages) {
        const i = page.items.findIndex(item => item.key === key);
        if (i < 0) continue;
        const place = number * pageSizeOf(section) + i;
        const before = section.unfolded.filter(([p]) => p < place);
        return before.reduce((n, [, below]) => n + lengthOf(below), place);
    }
    let shift = 0;
    for (const [place, below] of section.unfolded) {
        const inside = indexIn(below, key);
        if (inside !== undefined) return place + 1 + shift + inside;
        shift += lengthOf(below);
    }
    return undefined;
}

/** Does something to a section and to all below it. */
export function each(section: Section, f: (s: Section) => void): void {
    f(section);
    for (const below of section.below.values()) each(below, f);
}
