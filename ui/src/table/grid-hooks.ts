// What the table does beside drawing: it asks for what is in view, and holds its place when rows
// come in above.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { VirtualItem } from "~/lib/virtual";
import { rowHeight, type Layout } from "./layout";
import type { RowTree } from "./rows";
import { arranged, fewColumns, maxPinned, pinnedTree, tree } from "./store";

/** Fetches rows from `first` to `last`: all columns if they are few, else those in view. */
export function useFetching(
    first: number,
    last: number,
    inView: readonly VirtualItem[],
    layout: Layout,
): void {
    const { pinned, free } = arranged.value;
    const few = pinned.length + free.length <= fewColumns;
    const wanted = few
        ? [...pinned, ...free]
        : [...layout.pinned, ...inView.map(item => layout.free[item.index]!)];
    useEffect(() => {
        tree.value?.want(first, last, wanted);
        pinnedTree.value?.want(0, maxPinned - 1, wanted);
    }, [tree.value, pinnedTree.value, first, last, wanted.join("\n")]);
}

/** Keeps the topmost row where it is when others come or go above it; other rows begin at the top. */
export function useAnchor(scroll: RefObject<HTMLElement | null>, top: number): void {
    const last = useRef<{ tree: RowTree; key: string; index: number } | undefined>(undefined);
    const now = tree.value!;
    useLayoutEffect(() => {
        const element = scroll.current!;
        const before = last.current;
        if (before && before.tree !== now) element.scrollTop = 0;
        else if (before && element.scrollTop >= rowHeight) {
            const index = now.indexOf(before.key);
            const moved = index === undefined ? 0 : index - before.index;
            if (moved !== 0) element.scrollTop += moved * rowHeight;
        }
        last.current = undefined;
    }, [now, now.version.value]);
    useLayoutEffect(() => {
        const index = Math.min(top, now.length - 1);
        const node = now.at(index);
        if (node) last.current = { tree: now, key: node.key, index };
    });
}
