// The table itself: only the rows and columns in view are drawn, however many there are.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { keyName } from "~/lib/keys";
import { groupBy, nested, type ColumnId } from "~/lib/runs";
import { useVirtual } from "~/lib/virtual";
import { box } from "~/parts/box";
import { Menu } from "~/parts/popover";
import { cellMenu, columnMenu } from "./menus";
import { HeaderCell } from "./header";
import { HeaderBox } from "./header-box";
import { columnAt, headHeight, layOut, leading, nameColumn, rowHeight, target } from "./layout";
import { widthFor } from "./columns";
import {
    actKey,
    cellElement,
    cellOf,
    extend,
    focusElement,
    keepFocus,
    opensMenu,
} from "./grid-keys";
import { useAnchor, useFetching } from "./grid-hooks";
import { Row } from "./row";
import { isRun } from "./rows";
import { toggleRow } from "./select";
import { useSlots } from "./slots";
import {
    active,
    arranged,
    focusCell,
    focusWanted,
    pinnedRows,
    pinnedTree,
    rowAt,
    rowCount,
    tree,
    type Cell,
} from "./store";

/** Rows above and below the window that are there before it gets to them. */
const overscan = 6;

type OpenMenu = { at: Element; column: ColumnId; row?: number };

export function Grid() {
    const scroll = useRef<HTMLDivElement>(null);
    const lastFocus = useRef<Element>(undefined);
    const [menu, setMenu] = useState<OpenMenu>();
    const t = tree.value!;
    void t.version.value;
    void pinnedTree.value?.version.value;
    const room = scroll.current?.clientWidth ?? 0;
    const layout = layOut(arranged.value.pinned, arranged.value.free, room);
    const above = pinnedRows.value;
    const at = active.value;
    const rows = useVirtual({
        count: t.length,
        size: () => rowHeight,
        scroll,
        covered: headHeight + above * rowHeight,
        keep: at.row - above,
        overscan,
    });
    const firstFree = leading + layout.pinned.length;
    const columns = useVirtual({
        count: layout.free.length,
        size: i => widthFor(layout.free[i]!),
        scroll,
        horizontal: true,
        covered: layout.fixedWidth,
        keep: at.column - firstFree,
        overscan: 2,
    });
    const widths = layout.free.map(widthFor).join();
    useLayoutEffect(() => columns.measure(), [widths]);

    const inView = columns.getVirtualItems();
    const listed = rows.getVirtualItems();
    const drawn = listed.flatMap(item => {
        const node = t.at(item.index);
        return node ? [{ node, index: item.index, top: item.start }] : [];
    });
    const activeKey = useRef<string>(undefined);
    const rowSlots = useSlots(
        drawn.map(row => row.node.key),
        activeKey.current,
    );
    activeKey.current = rowAt(at.row)?.key;
    const columnSlots = useSlots(inView.map(item => layout.free[item.index]!));
    const columnsKey = [
        layout.fixed.map(f => f.width).join(),
        ...layout.pinned,
        ...inView.map(c => `${layout.free[c.index]}:${c.start}:${c.size}`),
    ].join();
    // Not up to the row with the focus, which is drawn wherever it is.
    const { startIndex: first, endIndex: last } = rows.range ?? { startIndex: 0, endIndex: 0 };
    useFetching(Math.max(0, first - overscan), last + overscan, inView, layout);
    useAnchor(scroll, rows.range?.startIndex ?? 0);

    useLayoutEffect(() => {
        if (!focusWanted.value) {
            keepFocus(scroll.current!, lastFocus.current, at);
            return;
        }
        focusWanted.value = false;
        if (at.row >= above) rows.scrollToIndex(at.row - above, { align: "auto" });
        if (at.column >= firstFree)
            columns.scrollToIndex(at.column - firstFree, { align: "auto" });
        focusElement(scroll.current!, at);
    });

    const openCellMenu = ({ row, column }: Cell, element: Element) => {
        const id = columnAt(layout, column);
        active.value = { row, column };
        if (id) setMenu({ at: element, column: id, row });
    };
    const openMenuAt = (cell: Cell) => {
        const element = cellElement(scroll.current!, cell);
        const id = columnAt(layout, cell.column);
        if (!element || !id) return;
        if (cell.row < 0) setMenu({ at: element, column: id });
        else if (isRun(rowAt(cell.row))) openCellMenu(cell, element);
    };
    const keys = (event: KeyboardEvent) => {
        const name = keyName(event);
        const extending = name.startsWith("Shift+") && at.row >= 0;
        const screen = Math.floor((scroll.current!.clientHeight - headHeight) / rowHeight) - 1;
        const move = (key: string) =>
            target(key, at, rowCount.value, layout.count, Math.max(1, screen));
        if (opensMenu(name, at)) openMenuAt(at);
        else if (!actKey(name, at, columnAt(layout, at.column))) {
            const to = move(extending ? name.slice("Shift+".length) : name);
            if (!to) return;
            if (extending) extend(at.row, to.row);
            focusCell(to);
        }
        event.preventDefault();
    };
    const follow = (event: Event) => {
        lastFocus.current = event.target as Element;
        const found = cellOf(event.target as Element);
        if (found && (found.row !== at.row || found.column !== at.column)) active.value = found;
    };
    const width = layout.fixedWidth + columns.getTotalSize();
    const rowProps = { layout, inView, columnSlots, columnsKey, onMenu: openCellMenu };
    const node = menu?.row === undefined ? undefined : rowAt(menu.row);
    return (
        <>
            <div
                ref={scroll}
                class="grid"
                role={nested.value || groupBy.value.length > 0 ? "treegrid" : "grid"}
                aria-label="Runs"
                aria-rowcount={rowCount.value + 1}
                aria-colcount={layout.count}
                aria-multiselectable
                onKeyDown={keys}
                onFocusIn={follow}
                onContextMenu={e => {
                    const element = (e.target as Element).closest("[data-column]");
                    const found = element && cellOf(element);
                    if (!found || found.column < leading || !isRun(rowAt(found.row))) return;
                    e.preventDefault();
                    openCellMenu(found, element);
                }}
                onMouseDown={e => {
                    const found = cellOf(e.target as Element);
                    if (!found || (e.target as Element).closest("button, a, input, .edge"))
                        return;
                    if (found.row >= 0) {
                        e.preventDefault();
                        focusCell(found);
                        if (e.ctrlKey || e.metaKey || e.shiftKey)
                            toggleRow(found.row, e.shiftKey);
                    }
                }}
            >
                <div class="head" role="rowgroup" style={box({ width })}>
                    <div
                        class="row"
                        role="row"
                        aria-rowindex={1}
                        data-row={-1}
                        style={box({ height: headHeight })}
                    >
                        <div class="stay" style={box({ width: layout.fixedWidth })}>
                            <HeaderBox layout={layout} column={at.row < 0 ? at.column : -1} />
                            {["run_name", ...layout.pinned].map((id, i) => (
                                <HeaderCell
                                    key={id}
                                    id={id}
                                    place={nameColumn + i}
                                    {...layout.fixed[nameColumn + i]!}
                                    on={at.row < 0 && at.column === nameColumn + i}
                                    onMenu={(column, element) =>
                                        setMenu({ at: element, column })
                                    }
                                />
                            ))}
                        </div>
                        {inView.map(item => (
                            <HeaderCell
                                key={layout.free[item.index]}
                                id={layout.free[item.index]!}
                                place={firstFree + item.index}
                                left={layout.fixedWidth + item.start}
                                width={item.size}
                                on={at.row < 0 && at.column === firstFree + item.index}
                                onMenu={(column, element) => setMenu({ at: element, column })}
                            />
                        ))}
                    </div>
                    {Array.from({ length: above }, (_, i) => (
                        <Row
                            key={rowAt(i)!.key}
                            node={rowAt(i)!}
                            index={i}
                            top={headHeight + i * rowHeight}
                            {...rowProps}
                        />
                    ))}
                    {above > 0 && <div style={box({ height: above * rowHeight })} />}
                </div>
                <div
                    class="body"
                    role="rowgroup"
                    style={box({ width, height: rows.getTotalSize() })}
                >
                    {drawn.map(row => (
                        <Row
                            key={rowSlots.get(row.node.key)}
                            {...row}
                            index={above + row.index}
                            {...rowProps}
                        />
                    ))}
                </div>
            </div>
            {menu && (
                <Menu
                    anchor={menu.at}
                    label={menu.row === undefined ? "Column" : "Value"}
                    items={isRun(node) ? cellMenu(node, menu.column) : columnMenu(menu.column)}
                    onClose={() => setMenu(undefined)}
                />
            )}
        </>
    );
}
