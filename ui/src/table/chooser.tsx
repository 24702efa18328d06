// Which columns are shown: found by name, by whether they differ, by whether any found run has them.
import { keepPreviousData } from "@tanstack/query-core";
import { useState } from "preact/hooks";
import { own, send } from "~/lib/api";
import { count } from "~/lib/format";
import { useQuery } from "~/lib/query";
import { columns as chosen, type ColumnId } from "~/lib/runs";
import { which } from "~/lib/question";
import type { Columns, KeyColumn } from "~/lib/runs-data";
import { Opener, Popover, type Anchor } from "~/parts/popover";
import { Button } from "~/parts/parts";
import { attributes, showColumn } from "./columns";
import { foundColumns, wantedColumns } from "./store";

export function ColumnChooser() {
    const own = chosen.value.length > 0;
    return (
        <Opener label="Columns" icon="columns" kind="dialog" pressed={own}>
            {(anchor, close) => <Panel anchor={anchor} close={close} />}
        </Opener>
    );
}

/** Most entries of a kind that are listed; the search finds the others. */
const maxEntries = 200;

interface Entry {
    id: ColumnId;
    label: string;
    detail: string;
}
type Kind = "attribute" | "metrics" | "params" | "tags";
const headings: Record<Kind, string> = {
    attribute: "Attributes",
    metrics: "Metrics",
    params: "Params",
    tags: "Tags",
};

/** Keys of all runs of the experiments, whatever the filter finds. */
function useAllColumns(enabled: boolean) {
    const what = { experiment_ids: which.value.experiment_ids };
    return useQuery<Columns>({
        queryKey: ["runs", "columns", what],
        queryFn: ({ signal }) => send(own("runs/columns"), what, { signal }),
        enabled,
        placeholderData: keepPreviousData,
    });
}

function describe(c: KeyColumn, runs: number): string {
    const having = c.runs < runs ? `in ${count(c.runs)}` : "";
    const values = c.differs ? `${count(c.distinct)}${c.more ? "+" : ""} values` : "same";
    return [values, having].filter(Boolean).join(", ");
}

function entriesOf(found: Columns, kind: Kind, typed: string, differing: boolean): Entry[] {
    const all: Entry[] =
        kind === "attribute"
            ? Object.entries(attributes).map(([id, a]) => ({ id, label: a.label, detail: "" }))
            : found[kind]
                  .filter(c => !differing || c.differs)
                  .map(c => ({
                      id: `${kind}.${c.key}`,
                      label: c.key,
                      detail: describe(c, found.runs),
                  }));
    const words = typed.toLowerCase().split(/\s+/);
    return all.filter(e => words.every(w => e.label.toLowerCase().includes(w)));
}

function Panel({ anchor, close }: { anchor: Anchor; close: () => void }) {
    const [typed, setTyped] = useState("");
    const [differing, setDiffering] = useState(false);
    const [everywhere, setEverywhere] = useState(false);
    const all = useAllColumns(everywhere);
    const found = (everywhere ? all.data : undefined) ??
        foundColumns.value ?? { runs: 0, generation: 0, metrics: [], params: [], tags: [] };
    const shown = wantedColumns.value;
    const kinds = (Object.keys(headings) as Kind[])
        .map(kind => ({ kind, entries: entriesOf(found, kind, typed, differing) }))
        .filter(({ entries }) => entries.length > 0);
    const listed = kinds.flatMap(({ entries }) => entries.map(e => e.id));
    const missing = listed.filter(id => !shown.includes(id));
    return (
        <Popover anchor={anchor} label="Columns" onClose={close} class="chooser">
            <input
                class="field"
                type="search"
                aria-label="Find a column"
                placeholder="Find a column"
                value={typed}
                onInput={e => setTyped(e.currentTarget.value)}
            />
            <div class="switches">
                <label>
                    <input
                        type="checkbox"
                        checked={differing}
                        onChange={() => setDiffering(!differing)}
                    />
                    Only those that differ
                </label>
                <label>
                    <input
                        type="checkbox"
                        checked={!everywhere}
                        onChange={() => setEverywhere(!everywhere)}
                    />
                    Only those with values here
                </label>
            </div>
            <div class="entries">
                {kinds.map(({ kind, entries }) => (
                    <fieldset key={kind}>
                        <legend>
                            {headings[kind]} <span class="count">{count(entries.length)}</span>
                        </legend>
                        {entries.slice(0, maxEntries).map(e => (
                            <label key={e.id}>
                                <input
                                    type="checkbox"
                                    checked={shown.includes(e.id)}
                                    onChange={event =>
                                        showColumn(e.id, event.currentTarget.checked, shown)
                                    }
                                />
                                <span class="key" title={e.label}>
                                    {e.label}
                                </span>
                                <span class="detail">{e.detail}</span>
                            </label>
                        ))}
                        {entries.length > maxEntries && (
                            <p class="hint">
                                {count(entries.length - maxEntries)} more: type to find them.
                            </p>
                        )}
                    </fieldset>
                ))}
                {kinds.length === 0 && <p class="hint">No column is called that.</p>}
                {found.truncated && (
                    <p class="hint">There are more than 10,000 keys; the rest is not listed.</p>
                )}
            </div>
            <div class="buttons">
                <Button
                    label={typed || differing ? "Show these" : "Show all"}
                    disabled={missing.length === 0}
                    onClick={() => chosen.set([...shown, ...missing])}
                />
                <Button
                    label={typed || differing ? "Hide these" : "Hide all"}
                    disabled={missing.length === listed.length}
                    onClick={() => {
                        const rest = shown.filter(id => !listed.includes(id));
                        chosen.set(rest.length > 0 ? rest : ["state"]);
                    }}
                />
                <Button
                    label="What differs"
                    pressed={chosen.value.length === 0}
                    onClick={() => chosen.set([])}
                />
            </div>
        </Popover>
    );
}
