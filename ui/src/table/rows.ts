// The rows of the table: a tree of sections, each a list of runs or groups that is fetched by pages
// from any place. Nothing is held but the pages around what is looked at.
import { signal } from "@preact/signals";
import { field } from "~/lib/filter";
import type { Which } from "~/lib/question";
import { columnOf, type ColumnId } from "~/lib/runs";
import {
    fetchGroups,
    type Columns,
    type GroupValue,
    type RunGroup,
    type RunRow,
} from "~/lib/runs-data";
import { chosenByServer, filterOf, pageOf, type TreeQuery } from "./question";
import {
    each,
    find,
    indexIn,
    lengthOf,
    pageSizeOf,
    type Found,
    type Item,
    type Page,
    type Section,
    type Spread,
} from "./sections";
import { fetchChosen, fetchValues, sameRun, type Value } from "./values";

interface Place {
    /** Names it among all rows; the same after a reload. */
    readonly key: string;
    readonly depth: number;
    /** Its number in its section. */
    readonly place: number;
    /** How many rows its section has. */
    readonly of: number;
    /** Rows may be unfolded below it; undefined if there are none. */
    readonly open: boolean | undefined;
}
export interface RunNode extends Place {
    readonly run: RunRow;
    /** By column; undefined where they are not there yet. */
    readonly values: Readonly<Record<ColumnId, Value | undefined>>;
}
export interface GroupNode extends Place {
    readonly group: RunGroup;
    readonly spreads: Readonly<Record<ColumnId, Spread | null | undefined>>;
}
/** A row that is being fetched. */
export interface WaitingNode extends Place {
    readonly waiting: true;
}
export type Node = RunNode | GroupNode | WaitingNode;

export const isRun = (n: Node | undefined): n is RunNode => n !== undefined && "run" in n;
export const isGroup = (n: Node | undefined): n is GroupNode => n !== undefined && "group" in n;

/** Pages that a section keeps: more would only be kept from the browser's clearing up. */
const maxPages = 12;
/** Requests at a time. */
const maxRequests = 2;
const maxGroupMetrics = 50;

export class RowTree {
    /** Grows with every change of what at() gives. */
    readonly version = signal(0);
    readonly error = signal<Error | undefined>(undefined);
    /** When the first answer was made. */
    generation: number | undefined;
    private readonly root: Section;
    private wanted: { from: number; to: number; columns: readonly ColumnId[] } = {
        from: 0,
        to: -1, // nothing
        columns: [],
    };
    private readonly loading = new Map<string, AbortController>();
    private open: ReadonlySet<string> = new Set();
    private readonly ids = new Map<Section, number>();
    /** What at() gave: the same as long as nothing changed, so that nothing is drawn anew. */
    private readonly nodes = new WeakMap<Item, Node>();
    /** Counts the refreshes: what was asked before the last one is stale when it arrives. */
    private epoch = 0;

    /** With `choose` the first page brings along which columns there are, and `choose` says which of
     *  them are shown. */
    constructor(
        readonly query: TreeQuery,
        private choose?: (found: Columns) => readonly ColumnId[],
    ) {
        const { which, groupBy } = query;
        const filter = filterOf(query);
        this.root = this.section(
            groupBy.length > 0 ? "groups" : "runs",
            filter ? { ...which, filter } : which,
            0,
        );
    }

    /** How many rows there are, as far as is known. */
    get length(): number {
        return lengthOf(this.root);
    }

    /** How many runs or groups the outermost list has; undefined before the first answer. */
    get total(): number | undefined {
        return this.root.total;
    }

    /** How many groups there are beyond those that can be shown. */
    get unlisted(): number {
        return this.root.unlisted;
    }

    /** The row at a place among all; undefined beyond the end. */
    at(index: number): Node | undefined {
        const found = find(this.root, index);
        return found && this.node(found);
    }

    /** The place of a row that is loaded. */
    indexOf(key: string): number | undefined {
        return indexIn(this.root, key);
    }

    /** Fetches what is missing of these rows. */
    want(from: number, to: number, columns: readonly ColumnId[]): void {
        this.wanted = { from, to, columns };
        this.pump();
    }

    /** Unfolds what is named here and folds everything else. */
    setOpen(keys: readonly string[]): void {
        this.open = new Set(keys);
        this.reopen(this.root);
        this.changed();
        this.pump();
    }

    /** Fetches what is looked at anew, and the rest when it is looked at. */
    refresh(): void {
        this.epoch++;
        each(this.root, s => s.pages.forEach(p => (p.stale = true)));
        this.error.value = undefined;
        this.pump();
    }

    /** Ends all requests. */
    close(): void {
        for (const request of this.loading.values()) request.abort();
        this.loading.clear();
    }

    private section(kind: Section["kind"], what: Which, depth: number): Section {
        const made: Section = {
            kind,
            what,
            depth,
            total: undefined,
            unlisted: 0,
            pages: new Map(),
            below: new Map(),
            unfolded: [],
        };
        this.ids.set(made, this.ids.size);
        return made;
    }

    private node({ section, place }: Found): Node {
        const { depth } = section;
        const of = section.total ?? 1;
        const item = section.pages.get(Math.floor(place / pageSizeOf(section)))?.items[
            place % pageSizeOf(section)
        ];
        if (!item)
            return {
                key: `${this.ids.get(section)}:${place}`,
                depth,
                place,
                of,
                open: undefined,
                waiting: true,
            };
        const has = "group" in item || (this.query.nested && (item.run.children ?? 0) > 0);
        const open = has ? this.open.has(item.key) : undefined;
        const known = this.nodes.get(item);
        if (known?.place === place && known.of === of && known.open === open) return known;
        const made = { ...item, depth, place, of, open };
        this.nodes.set(item, made);
        return made;
    }

    /** Starts as many requests as may run for what is wanted and not there. */
    private pump(): void {
        const missing = this.missing();
        for (const [name, request] of this.loading)
            if (!missing.some(m => m.name === name)) {
                request.abort();
                this.loading.delete(name);
            }
        for (const { name, section, number, columns } of missing) {
            if (this.loading.size >= maxRequests) break;
            if (!this.loading.has(name)) void this.load(name, section, number, columns);
        }
    }

    private missing() {
        const { from, to, columns } = this.wanted;
        const found = new Map<
            string,
            { name: string; section: Section; number: number; columns: readonly ColumnId[] }
        >();
        for (let index = from; index <= to; index++) {
            // Of an empty list, too, the first page can be asked for again.
            const at = index === 0 ? { section: this.root, place: 0 } : find(this.root, index);
            if (!at) break;
            const number = Math.floor(at.place / pageSizeOf(at.section));
            const page = at.section.pages.get(number);
            const fresh = page && !page.stale;
            const lacking = fresh ? columns.filter(c => !page.columns.has(c)) : columns;
            if (fresh && lacking.length === 0) continue;
            const name = `${this.ids.get(at.section)}:${number}`;
            // Groups are few: they come with all columns at once.
            const asked = at.section.kind === "groups" ? columns : lacking;
            found.set(name, { name, section: at.section, number, columns: asked });
        }
        return [...found.values()];
    }

    private async load(
        name: string,
        section: Section,
        number: number,
        columns: readonly ColumnId[],
    ): Promise<void> {
        const request = new AbortController();
        this.loading.set(name, request);
        try {
            const fetch = section.kind === "groups" ? this.loadGroups : this.loadRuns;
            await fetch.call(this, section, number, columns, request.signal);
            if (request.signal.aborted) return;
            this.error.value = undefined;
        } catch (error) {
            if (request.signal.aborted) return;
            this.error.value = error as Error;
            this.loading.delete(name);
            return; // asked again by refresh(), or when something else is wanted
        }
        this.loading.delete(name);
        this.reopen(section);
        this.changed();
        this.pump();
    }

    private async loadRuns(
        section: Section,
        number: number,
        columns: readonly ColumnId[],
        signal: AbortSignal,
    ): Promise<void> {
        const { epoch } = this;
        const ask = pageOf(section.what, this.query, number);
        const answer = this.choose
            ? await fetchChosen(chosenByServer(ask), this.choose, signal)
            : { ...(await fetchValues(ask, columns, signal)), columns };
        if (signal.aborted) return;
        this.choose = undefined;
        this.generation ??= answer.generation;
        section.total = answer.total;
        const old = section.pages.get(number);
        const merge = old && !old.stale;
        const before = new Map(old?.items.map(i => [i.key, i] as const));
        const items = answer.rows.map(({ run, values }) => {
            const found = before.get(run.run_id);
            const past = found && "run" in found ? found : undefined;
            const now = {
                key: run.run_id,
                run,
                values: merge ? { ...past?.values, ...values } : values,
            };
            return past && sameRun(past, now) ? past : now;
        });
        this.store(section, number, {
            items,
            columns: new Set([...(merge ? old.columns : []), ...answer.columns]),
            stale: epoch !== this.epoch,
        });
    }

    private async loadGroups(
        section: Section,
        _number: number,
        columns: readonly ColumnId[],
        signal: AbortSignal,
    ): Promise<void> {
        const { epoch } = this;
        const { depth, what } = section;
        const metrics = [
            ...new Set(
                columns
                    .map(columnOf)
                    .filter(isMetric)
                    .map(c => c.key),
            ),
        ].slice(0, maxGroupMetrics);
        const by = field(columnOf(this.query.groupBy[depth]!));
        const answer = await fetchGroups({ ...what, by: [by], metrics }, signal);
        if (signal.aborted) return;
        const items = answer.groups.map(g => {
            const group = { ...g, group: [...(what.group ?? []), ...g.group] };
            const spreads = Object.fromEntries(
                columns
                    .filter(c => isMetric(columnOf(c)))
                    .map(c => [c, g.metrics?.[metrics.indexOf(columnOf(c).key)] ?? null]),
            );
            return { key: groupKey(group.group), group, spreads };
        });
        this.generation ??= answer.generation;
        section.total = items.length;
        section.unlisted = answer.total - items.length;
        this.store(section, 0, {
            items,
            columns: new Set(columns),
            stale: epoch !== this.epoch,
        });
    }

    private store(section: Section, number: number, page: Page): void {
        section.pages.delete(number); // so that the order of the map is that of last use
        section.pages.set(number, page);
        const last = Math.floor((section.total ?? 0) / pageSizeOf(section));
        for (const n of section.pages.keys()) {
            const over = section.pages.size > maxPages && n !== number;
            if (n > last || over) section.pages.delete(n);
        }
    }

    /** Makes the sections below the rows that are loaded and unfolded. */
    private reopen(section: Section): void {
        section.unfolded = [];
        const kept = new Set<string>();
        for (const [number, page] of section.pages)
            for (const [i, item] of page.items.entries()) {
                if (!this.open.has(item.key)) continue;
                const below = section.below.get(item.key) ?? this.below(section, item);
                if (!below) continue;
                section.below.set(item.key, below);
                kept.add(item.key);
                section.unfolded.push([number * pageSizeOf(section) + i, below]);
                this.reopen(below);
            }
        for (const key of section.below.keys()) if (!kept.has(key)) section.below.delete(key);
        section.unfolded.sort(([a], [b]) => a - b);
    }

    private below(section: Section, item: Item): Section | undefined {
        const depth = section.depth + 1;
        if ("group" in item) {
            const what = { ...section.what, group: item.group.group };
            return this.section(
                depth < this.query.groupBy.length ? "groups" : "runs",
                what,
                depth,
            );
        }
        if (!this.query.nested || !item.run.children) return undefined;
        const filter = `tags.mlflow.parentRunId = '${item.run.run_id}'`;
        const { group: _, ...what } = section.what;
        return this.section("runs", { ...what, filter }, depth);
    }

    private changed(): void {
        this.version.value = this.version.peek() + 1;
    }
}

const isMetric = ({ kind }: { kind: string }): boolean =>
    kind === "metrics" || kind === "min" || kind === "max";

export const groupKey = (group: readonly GroupValue[]): string =>
    JSON.stringify(group.map(g => g.value ?? null));
