// The header of a column: its name, its place in the order, its menu; it is dragged to another place
// and its edge to another width.
import { useState } from "preact/hooks";
import { order, type ColumnId } from "~/lib/runs";
import { box } from "~/parts/box";
import { Icon } from "~/parts/icons";
import {
    fullLabel,
    isNumeric,
    labelOf,
    moveColumn,
    resize,
    sortColumn,
    widthFor,
} from "./columns";
import { sortBy } from "./order";
import { wantedColumns } from "./store";

export interface HeaderProps {
    id: ColumnId;
    place: number;
    left: number;
    width: number;
    /** The keyboard is on it. */
    on: boolean;
    onMenu: (id: ColumnId, at: Element) => void;
}

const dragType = "application/x-millstream-column";

export function HeaderCell({ id, place, left, width, on, onMenu }: HeaderProps) {
    const [over, setOver] = useState(false);
    const { label, kind } = labelOf(id);
    const sort = sortColumn(id);
    const rank = order.value.findIndex(k => k.column === sort);
    const key = order.value[rank];
    const movable = id !== "run_name";
    return (
        <div
            role="columnheader"
            aria-colindex={place + 1}
            aria-sort={key ? (key.descending ? "descending" : "ascending") : undefined}
            data-column={place}
            data-id={id}
            class={`cell${isNumeric(id) ? " number" : ""}${over ? " over" : ""}`}
            style={box({ left, width })}
            draggable={movable}
            onDragStart={e => {
                e.dataTransfer?.setData(dragType, id);
                if (e.dataTransfer) e.dataTransfer.effectAllowed = "move";
            }}
            onDragOver={e => {
                if (!movable || !e.dataTransfer?.types.includes(dragType)) return;
                e.preventDefault();
                setOver(true);
            }}
            onDragLeave={() => setOver(false)}
            onDrop={e => {
                e.preventDefault();
                setOver(false);
                const moved = e.dataTransfer?.getData(dragType);
                if (moved) moveColumn(moved, id, wantedColumns.value);
            }}
            onContextMenu={e => {
                e.preventDefault();
                onMenu(id, e.currentTarget);
            }}
        >
            <button
                type="button"
                class="label"
                tabIndex={on ? 0 : -1}
                title={
                    sort
                        ? `${fullLabel(id)}: sort (with Shift: also sort by it)`
                        : fullLabel(id)
                }
                onClick={e => (sort ? sortBy(sort, e.shiftKey) : onMenu(id, e.currentTarget))}
            >
                <span class="text">{label}</span>
                {kind && <span class="kind">{kind}</span>}
                {key && (
                    <span class="rank">
                        {key.descending ? "↓" : "↑"}
                        {order.value.length > 1 && rank + 1}
                    </span>
                )}
            </button>
            <button
                type="button"
                class="column-menu"
                tabIndex={-1}
                aria-label={`Column ${fullLabel(id)}`}
                onClick={e => onMenu(id, e.currentTarget)}
            >
                <Icon name="more" />
            </button>
            <Edge id={id} />
        </div>
    );
}

/** Dragged, it makes the column wider; pressed twice, as wide as usual. */
function Edge({ id }: { id: ColumnId }) {
    return (
        <span
            class="edge"
            onDblClick={() => resize(id, undefined)}
            onPointerDown={e => {
                e.preventDefault();
                const edge = e.currentTarget;
                const start = e.clientX;
                const width =
                    id === "run_name" ? edge.parentElement!.offsetWidth : widthFor(id);
                edge.setPointerCapture(e.pointerId);
                edge.onpointermove = m => resize(id, width + m.clientX - start);
                edge.onpointerup = edge.onpointercancel = () => (edge.onpointermove = null);
            }}
        />
    );
}
