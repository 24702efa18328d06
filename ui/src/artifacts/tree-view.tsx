// The tree of files: one tab stop, arrow keys move in it, rows in view only.
import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { sizeText } from "~/lib/format";
import { Icon } from "~/parts/icons";
import { useVirtualRows } from "~/parts/virtual-rows";
import { nameOf } from "./bytes";
import type { Row } from "./tree";

interface TreeProps {
    rows: readonly Row[];
    /** The chosen path. */
    path: string;
    choose: (path: string) => void;
    toggle: (dir: string) => void;
}

export function Tree({ rows, path, choose, toggle }: TreeProps) {
    // Keys may come faster than the tree is drawn: each begins where the one before it ended.
    const active = useSignal(path);
    const here = () =>
        Math.max(
            0,
            rows.findIndex(r => r.file.path === active.value),
        );
    const { scroller, first, end, before, after, show } = useVirtualRows(rows.length);
    const shown = useRef("");
    // At once: a key that is pressed next must not be undone.
    useLayoutEffect(() => {
        active.value = path;
    }, [path]);
    const measured = end > 0;
    useLayoutEffect(() => {
        // A path that came with the address may be far down; later choices are in view already.
        const place = rows.findIndex(r => r.file.path === path);
        if (!measured || place < 0 || shown.current === path) return;
        shown.current = path;
        if (place < first || place >= end) show(place);
    }, [rows, path, measured]);
    const move = (to: number) => {
        const row = rows[Math.min(rows.length - 1, Math.max(0, to))];
        if (!row) return;
        active.value = row.file.path;
        show(rows.indexOf(row));
    };
    const open = (row: Row) => {
        choose(row.file.path);
        if (row.file.is_dir) toggle(row.file.path);
    };
    const at = here();
    const row = rows[at];
    const parent = (of: Row) => rows.findIndex(r => r.file.path === dirOf(of.file.path));
    const keys: Record<string, (at: number, row: Row) => void> = {
        ArrowDown: at => move(at + 1),
        ArrowUp: at => move(at - 1),
        Home: () => move(0),
        End: () => move(rows.length - 1),
        Enter: (_, row) => open(row),
        " ": (_, row) => open(row),
        ArrowRight: (at, row) =>
            row.file.is_dir && (row.open ? move(at + 1) : toggle(row.file.path)),
        ArrowLeft: (_, row) => (row.open ? toggle(row.file.path) : move(parent(row))),
    };
    return (
        <div
            class="tree"
            role="tree"
            aria-label="Files"
            tabIndex={0}
            ref={scroller}
            aria-activedescendant={row ? `tree-${at}` : undefined}
            onKeyDown={e => {
                const act = keys[e.key];
                const now = rows[here()];
                if (!act || !now || e.ctrlKey || e.metaKey || e.altKey) return;
                e.preventDefault();
                act(here(), now);
            }}
        >
            <div role="none" style={{ padding: `${before}px 0 ${after}px` }}>
                {rows.slice(first, end).map((r, i) => (
                    <TreeRow
                        key={r.file.path}
                        id={`tree-${first + i}`}
                        row={r}
                        chosen={r.file.path === path}
                        active={first + i === at}
                        open={() => open(r)}
                    />
                ))}
            </div>
        </div>
    );
}

const dirOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf("/")));

function TreeRow({
    id,
    row: { file, level, open: opened, place, of },
    chosen,
    active,
    open,
}: {
    id: string;
    row: Row;
    chosen: boolean;
    active: boolean;
    open: () => void;
}) {
    return (
        <div
            id={id}
            role="treeitem"
            class={`tree-row${active ? " active" : ""}${opened ? " open" : ""}`}
            aria-level={level}
            aria-setsize={of}
            aria-posinset={place}
            aria-selected={chosen}
            aria-expanded={file.is_dir ? opened : undefined}
            style={{ paddingLeft: `${level * 14 - 6}px` }}
            title={file.path}
            onClick={open}
        >
            <span class="twist">{file.is_dir && <Icon name="chevron" />}</span>
            <span class="name">{nameOf(file.path)}</span>
            {file.file_size !== undefined && !file.is_dir && (
                <span class="size">{sizeText(file.file_size)}</span>
            )}
        </div>
    );
}
