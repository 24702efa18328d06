// Only what is in view is drawn: TanStack's virtualizer as a hook.
import {
    elementScroll,
    observeElementOffset,
    observeElementRect,
    Virtualizer,
    defaultRangeExtractor,
    type Range,
    type VirtualItem,
} from "@tanstack/virtual-core";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useReducer, useState } from "preact/hooks";

export interface VirtualOptions {
    count: number;
    /** Of one of them, in pixels. */
    size: (index: number) => number;
    /** What scrolls. */
    scroll: RefObject<HTMLElement | null>;
    horizontal?: boolean;
    /** Pixels of the view that something else covers: sticky headers. */
    covered?: number;
    /** Drawn even when it is out of view, since it has the focus. */
    keep?: number;
    /** So many out of view are drawn on either side, once those in view are on the screen. */
    overscan?: number;
}

/** Draws again while the view scrolls. `measure()` after sizes changed. */
export function useVirtual(options: VirtualOptions): Virtualizer<HTMLElement, HTMLElement> {
    const [, redraw] = useReducer((n: number) => n + 1, 0);
    const [seen, setSeen] = useState(false);
    useEffect(() => setSeen(true), []);
    const { keep, count } = options;
    const full = {
        count,
        getScrollElement: () => options.scroll.current,
        estimateSize: options.size,
        horizontal: options.horizontal ?? false,
        overscan: seen ? (options.overscan ?? 4) : 0,
        scrollPaddingEnd: options.covered ?? 0,
        observeElementRect,
        observeElementOffset,
        scrollToFn: elementScroll,
        onChange: () => redraw(undefined as never),
        rangeExtractor: (range: Range) => {
            const inView = defaultRangeExtractor(range);
            const lost =
                keep !== undefined && keep >= 0 && keep < count && !inView.includes(keep);
            return lost ? [...inView, keep].sort((a, b) => a - b) : inView;
        },
    };
    const [virtual] = useState(() => new Virtualizer<HTMLElement, HTMLElement>(full));
    virtual.setOptions(full);
    useLayoutEffect(() => virtual._didMount(), []);
    useLayoutEffect(() => virtual._willUpdate());
    return virtual;
}

export type { VirtualItem };
