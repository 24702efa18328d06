// Long lists of rows of one height: only those in view are made.
import { useRef } from "preact/hooks";
import { useVirtual } from "~/lib/virtual";

export const ROW = 28;

/** Give `scroller` to the element that scrolls; make rows `first` to `end` (excluded) with `before`
 *  and `after` pixels of space around them. */
export function useVirtualRows<E extends HTMLElement = HTMLDivElement>(
    count: number,
    height = ROW,
) {
    const scroller = useRef<E>(null);
    const virtual = useVirtual({ count, size: () => height, scroll: scroller, overscan: 10 });
    const items = virtual.getVirtualItems();
    const last = items.at(-1);
    return {
        scroller,
        first: items[0]?.index ?? 0,
        end: last ? last.index + 1 : 0,
        before: items[0]?.start ?? 0,
        after: last ? virtual.getTotalSize() - last.end : 0,
        show: (index: number) => virtual.scrollToIndex(index),
    };
}
