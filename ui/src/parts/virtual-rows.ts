// Long lists of rows of one height: only those in view are made (TanStack virtual-core as a hook).
import {
    elementScroll,
    observeElementOffset,
    observeElementRect,
    Virtualizer,
} from "@tanstack/virtual-core";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";

export const ROW = 28;

/** Give `scroller` to the element that scrolls; make rows `first` to `end` (excluded) with `before`
 *  and `after` pixels of space around them. */
export function useVirtualRows<E extends HTMLElement = HTMLDivElement>(
    count: number,
    height = ROW,
) {
    const scroller = useRef<E>(null);
    const [, draw] = useState(0);
    const virtual = useMemo(
        () =>
            new Virtualizer<E, Element>({
                count,
                overscan: 10,
                estimateSize: () => height,
                getScrollElement: () => scroller.current,
                scrollToFn: elementScroll,
                observeElementRect,
                observeElementOffset,
                initialRect: { width: 0, height: 600 },
                onChange: () => draw(n => n + 1),
            }),
        [],
    );
    virtual.setOptions({ ...virtual.options, count });
    useEffect(() => virtual._didMount(), [virtual]);
    useLayoutEffect(() => virtual._willUpdate());
    const items = virtual.getVirtualItems();
    const total = virtual.getTotalSize();
    const last = items.at(-1);
    return {
        scroller,
        first: items[0]?.index ?? 0,
        end: last ? last.index + 1 : 0,
        before: items[0]?.start ?? 0,
        after: last ? total - last.end : 0,
        show: (index: number) => virtual.scrollToIndex(index),
    };
}
