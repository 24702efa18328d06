// A row of the table: a run, a group of runs, or one that is still being fetched.
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { now } from "~/lib/clock";
import { colourOf } from "~/lib/colours";
import { agoText, count, durationText, metricText, timeText } from "~/lib/format";
import { go, href } from "~/lib/router";
import { columnOf, pins, selection, setShown, solo, type ColumnId } from "~/lib/runs";
import type { RunRow } from "~/lib/runs-data";
import type { VirtualItem } from "~/lib/virtual";
import { box } from "~/parts/box";
import { Icon } from "~/parts/icons";
import { State } from "~/parts/state";
import { Swatch } from "~/parts/swatch";
import { groupAttribute, isNumeric, labelOf } from "./columns";
import { experimentName } from "./experiments";
import { leading, nameColumn, rowHeight, type Layout } from "./layout";
import { isGroup, isRun, type GroupNode, type Node, type RunNode } from "./rows";
import type { Spread } from "./sections";
import { toggleRow } from "./select";
import { isDrawn, isPlain } from "./drawn";
import { active, toggleOpen } from "./store";

export interface RowProps {
    node: Node;
    /** Its number among all rows. */
    index: number;
    top: number;
    layout: Layout;
    /** The scrolling columns in view. */
    inView: readonly VirtualItem[];
    /** What changes when the columns do. */
    columnsKey: string;
    onMenu: (cell: { row: number; column: number }, at: Element) => void;
}

export function Row(props: RowProps) {
    const { node, index, top, inView, columnsKey, layout } = props;
    const run = isRun(node) ? node.run : undefined;
    const chosen = run !== undefined && selection.value.has(run.run_id);
    const drawn = isRun(node) && isDrawn(node);
    const pinned = run !== undefined && pins.value.includes(run.run_id);
    const column = active.value.row === index ? active.value.column : -1;
    const colour = run && colourOf(run.run_id).colour;
    const time = run?.state === "RUNNING" ? now.value : minute(now);
    return useMemo(() => {
        const state = { chosen, drawn, pinned, column, time };
        return (
            <div
                role="row"
                aria-rowindex={index + 2}
                aria-selected={run ? chosen : undefined}
                {...(!isPlain() && {
                    "aria-level": node.depth + 1,
                    "aria-expanded": node.open,
                    "aria-posinset": node.place + 1,
                    "aria-setsize": node.of,
                })}
                data-row={index}
                class={`row${chosen ? " chosen" : ""}${isGroup(node) ? " group" : ""}`}
                style={box({ top, height: rowHeight })}
            >
                <div class="stay" style={box({ width: layout.fixedWidth })}>
                    <FixedCells {...props} {...state} />
                </div>
                {inView.map(item => {
                    const place = leading + layout.pinned.length + item.index;
                    return (
                        <ValueCell
                            key={item.key}
                            {...props}
                            {...state}
                            id={layout.free[item.index]!}
                            place={place}
                            left={layout.fixedWidth + item.start}
                            width={item.size}
                        />
                    );
                })}
            </div>
        );
    }, [node, index, top, columnsKey, chosen, drawn, pinned, column, colour, time]);
}

/** The time, but of interest only once a minute. */
function minute(clock: { peek(): number }): number {
    return Math.floor(clock.peek() / 60_000) * 60_000;
}

interface RowState {
    chosen: boolean;
    drawn: boolean;
    pinned: boolean;
    /** The column that the keyboard is on, or -1. */
    column: number;
    time: number;
}
type CellProps = RowProps & RowState;

/** What is the same for every cell. */
function cell(place: number, { left, width }: { left: number; width: number }, on: boolean) {
    return {
        role: "gridcell",
        "aria-colindex": place + 1,
        "data-column": place,
        style: box({ left, width }),
        ...(on && { "data-active": "" }),
    } as const;
}

function FixedCells(props: CellProps) {
    const { node, layout, column } = props;
    return (
        <>
            <div class="cell tool" {...cell(0, layout.fixed[0]!, column === 0)}>
                {isRun(node) && <SelectBox {...props} node={node} />}
            </div>
            <div class="cell tool" {...cell(1, layout.fixed[1]!, column === 1)}>
                {isRun(node) && <DrawnButton {...props} node={node} />}
            </div>
            <div
                class="cell name"
                {...cell(nameColumn, layout.fixed[nameColumn]!, column === nameColumn)}
                tabIndex={isRun(node) ? undefined : column === nameColumn ? 0 : -1}
            >
                <Name {...props} />
            </div>
            {layout.pinned.map((id, i) => (
                <ValueCell
                    key={id}
                    {...props}
                    id={id}
                    place={leading + i}
                    {...layout.fixed[leading + i]!}
                />
            ))}
        </>
    );
}

function SelectBox({ node, index, chosen, column }: CellProps & { node: RunNode }) {
    return (
        <input
            type="checkbox"
            aria-label={`Select ${node.run.run_name}`}
            tabIndex={column === 0 ? 0 : -1}
            checked={chosen}
            onClick={e => toggleRow(index, e.shiftKey)}
        />
    );
}

/** One press shows or hides the run, two show it alone. */
function DrawnButton({ node, drawn, column }: CellProps & { node: RunNode }) {
    const { run_id: id, run_name } = node.run;
    return (
        <button
            type="button"
            class="drawn"
            aria-pressed={drawn}
            aria-label={`Draw ${run_name}`}
            title={drawn ? "Hide in charts (double click: show it alone)" : "Show in charts"}
            tabIndex={column === 1 ? 0 : -1}
            onClick={e => e.detail < 2 && setShown([id], !drawn)}
            onDblClick={() => solo.set(solo.value === id ? "" : id)}
        >
            <Icon name={drawn ? "eye" : "eyeOff"} />
            {drawn && <Swatch id={id} />}
        </button>
    );
}

function Name(props: CellProps) {
    const { node, pinned, column } = props;
    return (
        <>
            {node.depth > 0 && <span class="indent" style={box({ width: node.depth * 16 })} />}
            {node.open !== undefined && (
                <button
                    type="button"
                    class={`fold${node.open ? " open" : ""}`}
                    aria-label={node.open ? "Fold" : "Unfold"}
                    tabIndex={-1}
                    onClick={() => toggleOpen(node.key)}
                >
                    <Icon name="chevron" />
                </button>
            )}
            {isRun(node) && (
                <a
                    href={href(`/runs/${node.run.run_id}`)}
                    title={node.run.run_name}
                    tabIndex={column === nameColumn ? 0 : -1}
                >
                    {node.run.run_name || node.run.run_id}
                </a>
            )}
            {isGroup(node) && <GroupName node={node} />}
            {"waiting" in node && <span class="waiting" />}
            {pinned && <Icon name="pin" />}
            {isRun(node) && node.run.children ? (
                <span class="count" title="Runs below this one">
                    {count(node.run.children)}
                </span>
            ) : null}
        </>
    );
}

function GroupName({ node }: { node: GroupNode }) {
    const { field, value } = node.group.group.at(-1)!;
    const name = labelOf(groupAttribute(field.replace(/[`"]/g, ""))).label;
    return (
        <>
            <span class="group-field">{name}:</span>
            <span class="group-value" title={value}>
                {value === undefined
                    ? "none"
                    : field === "experiment_id"
                      ? experimentName(value)
                      : value}
            </span>
            <span class="count" title="Runs in this group">
                {count(node.group.runs)}
            </span>
        </>
    );
}

function ValueCell(
    props: CellProps & { id: ColumnId; place: number; left: number; width: number },
) {
    const { node, id, place, left, width, column, index, time, onMenu } = props;
    const on = column === place;
    const content = isRun(node)
        ? runContent(node, id, time)
        : isGroup(node)
          ? groupContent(node, id)
          : undefined;
    const filterable = on && isRun(node) && content !== undefined;
    return (
        <div
            class={`cell${isNumeric(id) ? " number" : ""}`}
            {...cell(place, { left, width }, on)}
            tabIndex={on ? 0 : -1}
            title={content?.title}
            onContextMenu={e => {
                if (!isRun(node)) return;
                e.preventDefault();
                onMenu({ row: index, column: place }, e.currentTarget);
            }}
        >
            {content?.shown}
            {filterable && (
                <button
                    type="button"
                    class="cell-filter"
                    tabIndex={-1}
                    aria-label="Filter by this value"
                    title="Filter by this value (Enter)"
                    onClick={e => onMenu({ row: index, column: place }, e.currentTarget)}
                >
                    <Icon name="filter" />
                </button>
            )}
        </div>
    );
}

interface Content {
    shown: ComponentChildren;
    title: string;
}

const attributeContent: Record<string, (run: RunRow, time: number) => Content> = {
    state: run => ({ shown: <State state={run.state} lastSeen={run.last_seen} />, title: "" }),
    start_time: (run, time) => ({
        shown: agoText(run.start_time, time),
        title: timeText(run.start_time),
    }),
    end_time: (run, time) => ({
        shown: run.end_time ? agoText(run.end_time, time) : "",
        title: run.end_time ? timeText(run.end_time) : "",
    }),
    duration: (run, time) => {
        const end = run.end_time ?? (run.state === "RUNNING" ? time : run.last_seen);
        const text = end === undefined ? "" : durationText(end - run.start_time);
        return { shown: text, title: text };
    },
    user_id: run => ({ shown: run.user_id ?? "", title: run.user_id ?? "" }),
    experiment: run => {
        const name = experimentName(run.experiment_id);
        return {
            shown: (
                <a href={href(`/experiments/${run.experiment_id}`)} tabIndex={-1}>
                    {name}
                </a>
            ),
            title: name,
        };
    },
    run_id: run => ({ shown: <code>{run.run_id}</code>, title: run.run_id }),
};

function runContent(node: RunNode, id: ColumnId, time: number): Content | undefined {
    const { kind, key } = columnOf(id);
    if (kind === "attribute") return attributeContent[key]?.(node.run, time);
    const value = node.values[id];
    if (value === undefined) return undefined;
    if (value === null) return { shown: <span class="none">–</span>, title: "none" };
    if (kind === "params" || kind === "tags")
        return { shown: String(value), title: String(value) };
    return { shown: metricText(value as number), title: String(value) };
}

function groupContent(node: GroupNode, id: ColumnId): Content | undefined {
    const { kind, key } = columnOf(id);
    if (key === "start_time" && kind === "attribute" && node.group.last_start_time) {
        const last = node.group.last_start_time;
        return { shown: agoText(last, now.peek()), title: `last started ${timeText(last)}` };
    }
    const spread: Spread | null | undefined = node.spreads[id];
    if (!spread) return undefined;
    const shown = kind === "min" || kind === "max" ? spread[kind] : spread.mean;
    return {
        shown: metricText(shown),
        title: `mean ${metricText(spread.mean)}, from ${metricText(spread.min)} to ${metricText(spread.max)}`,
    };
}

/** Opens the page of a run. */
export const openRun = (id: string): void => go(`/runs/${id}`);
