/** Calls `work` at once, but at most every `everyMs`: what came meanwhile is one call at the end. */
export function sparingly(work: () => void, everyMs: number): () => void {
    let last = -Infinity;
    let timer: ReturnType<typeof setTimeout> | undefined;
    return () => {
        if (timer !== undefined) return;
        const wait = Math.max(0, last + everyMs - performance.now());
        timer = setTimeout(() => {
            timer = undefined;
            last = performance.now();
            work();
        }, wait);
    };
}
