// Work that a form begins: one piece at a time, and its end matters only while the form is there.
import { useLayoutEffect, useRef } from "preact/hooks";

/** Gives what begins work, unless there is some; `done` is called if the component is still there then,
 *  `failed` in any case. */
export function useOnce() {
    const now = useRef({ busy: false, gone: false }).current;
    useLayoutEffect(
        () => () => {
            now.gone = true;
        },
        [],
    );
    return <T>(
        work: () => Promise<T>,
        done: (made: T) => void,
        failed: (e: unknown) => void,
    ) => {
        if (now.busy) return;
        now.busy = true;
        void work()
            .then(made => now.gone || done(made), failed)
            .finally(() => (now.busy = false));
    };
}
