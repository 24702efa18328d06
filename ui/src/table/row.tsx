// A row of the table: a run, a group of runs, or one that is still being fetched. Cells are drawn by
// plain functions, not by components: there are hundreds of them, and a component costs more than
// what is in it.
import { useMemo } from "preact/hooks";
import { now } from "~/lib/clock";
import { colourOf } from "~/lib/colours";
import { count } from "~/lib/format";
import { go, href } from "~/lib/router";
import { nameRegex, pins, selection, setShown, solo, type ColumnId } from "~/lib/runs";
import type { VirtualItem } from "~/lib/virtual";
import { box } from "~/parts/box";
import { Found } from "~/parts/found";
import { Icon } from "~/parts/icons";
import { Swatch } from "~/parts/swatch";
import { groupAttribute, isNumeric, labelOf } from "./columns";
import { groupContent, runContent } from "./content";
import { experimentName } from "./experiments";
import { leading, nameColumn, rowHeight, type Layout } from "./layout";
import { isGroup, isRun, type GroupNode, type Node, type RunNode } from "./rows";
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
    /** The element that each of them is drawn in. */
    columnSlots: ReadonlyMap<ColumnId, number>;
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
    const looked = nameRegex.value;
    const time = run?.state === "RUNNING" ? now.value : minute(now);
    return useMemo(() => {
        const all = { ...props, chosen, drawn, pinned, column, time, looked };
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
                    {fixedCells(all)}
                </div>
                {inView.map(item =>
                    valueCell(
                        all,
                        layout.free[item.index]!,
                        leading + layout.pinned.length + item.index,
                        { left: layout.fixedWidth + item.start, width: item.size },
                    ),
                )}
            </div>
        );
    }, [node, index, top, columnsKey, chosen, drawn, pinned, column, colour, time, looked]);
}

/** The time, but of interest only once a minute. */
function minute(clock: { peek(): number }): number {
    return Math.floor(clock.peek() / 60_000) * 60_000;
}

interface CellProps extends RowProps {
    chosen: boolean;
    drawn: boolean;
    pinned: boolean;
    /** The column that the keyboard is on, or -1. */
    column: number;
    time: number;
    /** What is looked for in names. */
    looked: string;
}

interface Span {
    left: number;
    width: number;
}

/** What is the same for every cell. */
function cell(place: number, { left, width }: Span, on: boolean) {
    return {
        role: "gridcell",
        "aria-colindex": place + 1,
        "data-column": place,
        style: box({ left, width }),
        ...(on && { "data-active": "" }),
    } as const;
}

function fixedCells(props: CellProps) {
    const { node, layout, column } = props;
    const on = (place: number) => cell(place, layout.fixed[place]!, column === place);
    return (
        <>
            <div class="cell tool" {...on(0)}>
                {isRun(node) && selectBox(props, node)}
            </div>
            <div class="cell tool" {...on(1)}>
                {isRun(node) && drawnButton(props, node)}
            </div>
            <div
                class="cell name"
                {...on(nameColumn)}
                tabIndex={isRun(node) ? undefined : column === nameColumn ? 0 : -1}
            >
                {name(props)}
            </div>
            {layout.pinned.map((id, i) =>
                valueCell(props, id, leading + i, layout.fixed[leading + i]!),
            )}
        </>
    );
}

function selectBox({ index, chosen, column }: CellProps, node: RunNode) {
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
function drawnButton({ drawn, column }: CellProps, node: RunNode) {
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
            {Icon({ name: drawn ? "eye" : "eyeOff" })}
            {drawn && Swatch({ id })}
        </button>
    );
}

function name({ node, pinned, column, looked }: CellProps) {
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
                    <Found text={node.run.run_name || node.run.run_id} pattern={looked} />
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

function valueCell(props: CellProps, id: ColumnId, place: number, span: Span) {
    const { node, column, columnSlots, index, time, onMenu } = props;
    const on = column === place;
    const content = isRun(node)
        ? runContent(node, id, time)
        : isGroup(node)
          ? groupContent(node, id)
          : undefined;
    const filterable = on && isRun(node) && content !== undefined;
    return (
        <div
            key={columnSlots.get(id) ?? id}
            class={isNumeric(id) ? "cell value number" : "cell value"}
            {...cell(place, span, on)}
            tabIndex={on ? 0 : -1}
            title={content?.title}
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

/** Opens the page of a run. */
export const openRun = (id: string): void => go(`/runs/${id}`);
