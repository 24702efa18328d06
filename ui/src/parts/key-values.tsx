// A table of names and values: searched, sorted, copied; rows in view only.
import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { Copy } from "./copy";
import { Dialog } from "./dialog";
import { Button } from "./parts";
import { useVirtualRows } from "./virtual-rows";
import "./notes.css";
import "./sorted-table.css";

export interface Item {
    key: string;
    /** What is shown, and what is copied. */
    value: string;
    /** More exactly than it is shown. */
    exact?: string;
    /** Sorts by size; shown at the right. */
    number?: number;
    /** What another has, or how far it is from that. */
    beside?: ComponentChildren;
}

type Order = "key" | "value";

/** Longer values open in a window of their own. */
const LONG = 60;
/** Fewer rows are found without a search. */
const MANY = 8;

function arranged(items: readonly Item[], search: string, by: Order, down: boolean) {
    const wanted = search.trim().toLowerCase();
    const found = wanted
        ? items.filter(i => `${i.key}\n${i.value}`.toLowerCase().includes(wanted))
        : [...items];
    const text = (a: string, b: string) => a.localeCompare(b, "en", { numeric: true });
    found.sort((a, b) => {
        const order =
            by === "key"
                ? text(a.key, b.key)
                : a.number !== undefined && b.number !== undefined
                  ? a.number - b.number || text(a.key, b.key)
                  : text(a.value, b.value);
        return down ? -order : order;
    });
    return found;
}

export function KeyValues({
    title,
    items,
    empty,
    beside,
}: {
    title: string;
    items: readonly Item[];
    /** Shown where there is none: how one is logged. */
    empty: string;
    /** What the items' `beside` is called; absent: there is none. */
    beside?: string | undefined;
}) {
    const [search, setSearch] = useState("");
    const [sort, setSort] = useState<{ by: Order; down: boolean }>({ by: "key", down: false });
    const [whole, setWhole] = useState<Item>();
    const shown = useMemo(
        () => arranged(items, search, sort.by, sort.down),
        [items, search, sort],
    );
    const { scroller, first, end, before, after } = useVirtualRows(shown.length);
    const numeric = items.length > 0 && items.every(i => i.number !== undefined);
    const turn = (by: Order) =>
        setSort(s => ({ by, down: s.by === by ? !s.down : by === "value" && numeric }));
    const order = (by: Order) =>
        sort.by !== by ? undefined : sort.down ? "descending" : "ascending";
    return (
        <section class="key-values" aria-label={title}>
            <header>
                <h2>
                    {title} <span class="soft">{items.length}</span>
                </h2>
                {items.length > MANY && (
                    <input
                        class="field"
                        type="search"
                        placeholder="Search"
                        aria-label={`Search ${title.toLowerCase()}`}
                        value={search}
                        onInput={e => setSearch(e.currentTarget.value)}
                    />
                )}
                {items.length > 0 && (
                    <Copy label={`Copy ${title.toLowerCase()}`} text={() => asText(shown)} />
                )}
            </header>
            {items.length === 0 ? (
                <p class="hint">
                    None. <code>{empty}</code>
                </p>
            ) : shown.length === 0 ? (
                <p class="hint">Nothing fits “{search}”.</p>
            ) : (
                <div
                    class="scroll"
                    ref={scroller}
                    tabIndex={0}
                    role="group"
                    aria-label={`${title}, scrolls`}
                >
                    <table
                        class="sorted-table"
                        aria-rowcount={shown.length + 1}
                        aria-label={title}
                    >
                        <thead>
                            <tr aria-rowindex={1}>
                                <th scope="col" aria-sort={order("key")}>
                                    <button type="button" onClick={() => turn("key")}>
                                        Name
                                    </button>
                                </th>
                                <th
                                    scope="col"
                                    class={numeric ? "number" : undefined}
                                    aria-sort={order("value")}
                                >
                                    <button type="button" onClick={() => turn("value")}>
                                        Value
                                    </button>
                                </th>
                                {beside && (
                                    <th scope="col" class="beside" title={beside}>
                                        {beside}
                                    </th>
                                )}
                                <th class="act">
                                    <span class="out-of-sight">Actions</span>
                                </th>
                            </tr>
                        </thead>
                        <tbody>
                            {before > 0 && <Space height={before} />}
                            {shown.slice(first, end).map((item, i) => (
                                <Row
                                    key={item.key}
                                    index={first + i + 2}
                                    item={item}
                                    numeric={numeric}
                                    compared={beside !== undefined}
                                    open={() => setWhole(item)}
                                />
                            ))}
                            {after > 0 && <Space height={after} />}
                        </tbody>
                    </table>
                </div>
            )}
            {whole && (
                <Dialog title={whole.key} wide onClose={() => setWhole(undefined)}>
                    <pre class="whole-value" tabIndex={0}>
                        {whole.value}
                    </pre>
                </Dialog>
            )}
        </section>
    );
}

const Space = ({ height }: { height: number }) => (
    <tr aria-hidden="true" style={{ height: `${height}px` }} />
);

function Row({
    index,
    item,
    numeric,
    compared,
    open,
}: {
    index: number;
    item: Item;
    numeric: boolean;
    compared: boolean;
    open: () => void;
}) {
    const exact = item.exact ?? item.value;
    return (
        <tr aria-rowindex={index}>
            <td title={item.key}>{item.key}</td>
            <td class={numeric ? "number" : undefined} title={exact}>
                {item.value}
            </td>
            {compared && (
                <td class={numeric ? "number beside" : "beside"}>{item.beside ?? "–"}</td>
            )}
            <td class="act">
                {item.value.length > LONG && (
                    <Button bare icon="eye" label={`All of ${item.key}`} onClick={open} />
                )}
                <Copy label={`Copy ${item.key}`} text={exact} />
            </td>
        </tr>
    );
}

/** For a spreadsheet. */
const asText = (items: readonly Item[]): string =>
    items.map(i => `${i.key}\t${i.exact ?? i.value}`).join("\n");
