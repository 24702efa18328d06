// Which element draws which row or column. Those that stay keep theirs, others take over what is free:
// changing an element costs less than making one, and leaves nothing to be cleared away.
import { useRef } from "preact/hooks";

/** A number for each key, none twice. Keys that were there before keep theirs; that of `held`, if it
 *  is gone, is not given away. */
export function slots(
    keys: readonly string[],
    before: ReadonlyMap<string, number>,
    held?: string,
): Map<string, number> {
    const now = new Map<string, number>();
    for (const key of keys) {
        const slot = before.get(key);
        if (slot !== undefined) now.set(key, slot);
    }
    const taken = new Set(now.values());
    const kept = held === undefined ? undefined : before.get(held);
    if (kept !== undefined) taken.add(kept);
    let free = 0;
    for (const key of keys) {
        if (now.has(key)) continue;
        while (taken.has(free)) free++;
        now.set(key, free++);
    }
    return now;
}

/** The same from drawing to drawing. */
export function useSlots(keys: readonly string[], held?: string): ReadonlyMap<string, number> {
    const last = useRef<ReadonlyMap<string, number>>(new Map());
    return (last.current = slots(keys, last.current, held));
}
