// All charts of some runs: the toolbar, the legend, and a panel for each metric in its group.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { useChanges, type Where } from "~/lib/events";
import { compiled } from "~/lib/pattern";
import { href } from "~/lib/router";
import { useModal } from "~/parts/dialog";
import { Icon } from "~/parts/icons";
import { Empty, Loading } from "~/parts/parts";
import { embed } from "~/shell";
import { refresh, refreshOlder } from "./data";
import { useMatching } from "./find";
import { Legend } from "./legend";
import { groupMetrics, moved, type Group } from "./metrics";
import { Panel, type Drawn } from "./panel";
import {
    closedGroups,
    firstPanels,
    fullPanel,
    keyPattern,
    onlyMetrics,
    panelSize,
    sharedY,
    toggle,
} from "./state";
import { Toolbar } from "./toolbar";
import "./charts.css";

export interface ChartsProps {
    drawn: Drawn;
    /** Metrics that the runs have. */
    keys: readonly string[];
    /** Columns by which runs may be averaged. */
    columns?: readonly string[];
    /** Whose changes matter. */
    where: Where;
    /** Said above the charts: what is left out. */
    note?: string | undefined;
    /** Whether to tell which line is which run. */
    named?: boolean;
}

export function Charts({ drawn, keys, columns = [], where, note, named = true }: ChartsProps) {
    useLive(where);
    const wanted = onlyMetrics.value;
    const some = wanted.length > 0 ? keys.filter(k => wanted.includes(k)) : keys;
    const invalid = compiled(keyPattern.value) === undefined;
    const found = useMatching(some, invalid ? "" : keyPattern.value);
    const shown = invalid || found instanceof Error ? [] : (found ?? []);
    const groups = groupMetrics(shown, firstPanels.value);
    const lines = useMemo(
        () =>
            drawn.groups
                ? drawn.groups.map(g => g.style)
                : [...drawn.runs.values()].map(s => ({ ...s, href: href(`/runs/${s.id}`) })),
        [drawn],
    );
    return (
        <div class="charts">
            {!embed.value && <Toolbar keys={keys} columns={columns} />}
            {note && <p class="hint">{note}</p>}
            {named && <Legend lines={lines} />}
            {invalid && (
                <Empty title="That is no regular expression">
                    Mend what stands in the field above, or empty it.
                </Empty>
            )}
            {found instanceof Error && (
                <Empty title="The regular expression takes too long">
                    Write it more simply: without repetitions within repetitions.
                </Empty>
            )}
            {!found && <Loading what="the charts" />}
            {!invalid && found && shown.length === 0 && !(found instanceof Error) && (
                <Empty title="There is no such metric">
                    {keys.length === 0
                        ? "These runs have logged no metrics yet."
                        : "Look for other names in the field above."}
                </Empty>
            )}
            {groups.map(group => (
                <Panels
                    key={group.name}
                    group={group}
                    drawn={drawn}
                    alone={groups.length === 1}
                />
            ))}
            {fullPanel.value !== "" && keys.includes(fullPanel.value) && (
                <Full metric={fullPanel.value} drawn={drawn} />
            )}
        </div>
    );
}

function Panels({ group, drawn, alone }: { group: Group; drawn: Drawn; alone: boolean }) {
    const { name, keys } = group;
    const open = !closedGroups.value.includes(name);
    const [fits, setFits] = useState<ReadonlyMap<string, [number, number]>>(new Map());
    const [dragged, setDragged] = useState<string>();
    const shared = sharedY.value;
    const yRange = shared && fits.size > 0 ? hull(keys, fits) : undefined;
    const move = (key: string, to: number) => {
        const order = moved(keys, key, to);
        const others = firstPanels.value.filter(k => !keys.includes(k));
        firstPanels.set([...others, ...order]);
    };
    return (
        <section class="group">
            {!alone && (
                <h2>
                    <button
                        type="button"
                        aria-expanded={open}
                        onClick={() => toggle(closedGroups, name)}
                    >
                        <Icon name="chevron" />
                        {name !== ""
                            ? name
                            : keys.some(k => !k.includes("/"))
                              ? "Metrics"
                              : "Others"}
                        <span class="count">{keys.length}</span>
                    </button>
                </h2>
            )}
            {(open || alone) && (
                <div class={`panels ${panelSize.value}`}>
                    {keys.map((metric, place) => (
                        <div
                            key={metric}
                            class={metric === dragged ? "slot dragged" : "slot"}
                            onDragStart={e => {
                                e.dataTransfer?.setData("text/plain", metric);
                                setDragged(metric);
                            }}
                            onDragEnd={() => setDragged(undefined)}
                            onDragOver={e => dragged !== undefined && e.preventDefault()}
                            onDrop={e => {
                                e.preventDefault();
                                if (dragged !== undefined) move(dragged, place);
                            }}
                        >
                            <Panel
                                metric={metric}
                                drawn={drawn}
                                top={alone}
                                yRange={yRange}
                                onMove={by => move(metric, place + by)}
                                {...(shared && {
                                    onFit: (key: string, fit: [number, number]) =>
                                        setFits(old => new Map(old).set(key, fit)),
                                })}
                            />
                        </div>
                    ))}
                </div>
            )}
        </section>
    );
}

function hull(
    keys: readonly string[],
    fits: ReadonlyMap<string, [number, number]>,
): [number, number] {
    const some = keys.flatMap(k => (fits.has(k) ? [fits.get(k)!] : []));
    return [Math.min(...some.map(f => f[0])), Math.max(...some.map(f => f[1]))];
}

/** One panel over the whole window. */
function Full({ metric, drawn }: { metric: string; drawn: Drawn }) {
    const { dialog, told } = useModal(() => fullPanel.set(""));
    return (
        <dialog ref={dialog} class="full-panel" aria-label={metric} onClose={told}>
            <Panel metric={metric} drawn={drawn} full top />
        </dialog>
    );
}

/** How often charts ask for what is new, at most. */
const refreshMs = 500;

/** Brings in what running runs log, without a change of what is looked at. */
function useLive(where: Where): void {
    const changed = useRef(new Set<string>());
    const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
    const ask = () => {
        const these = changed.current;
        timer.current = undefined;
        if (these.size === 0) return;
        changed.current = new Set();
        const again = () => (timer.current = setTimeout(ask, refreshMs));
        // What fails now is asked for with the next change.
        refresh(these).then(again, again);
    };
    useChanges(where, changes => {
        // What others write has no generation.
        if (changes.reset) void refreshOlder(changes.partial ? Infinity : changes.generation);
        for (const run of changes.runs ?? [])
            if (run.kinds.includes("metrics")) changed.current.add(run.run_id);
        if (timer.current === undefined) ask();
    });
    useEffect(() => () => clearTimeout(timer.current), []);
}
