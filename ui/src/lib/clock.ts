// The time, for what is shown of it: grows by itself every second while somebody looks.
import { signal } from "@preact/signals";

let timer: ReturnType<typeof setInterval> | undefined;

/** Milliseconds since 1970. */
export const now = signal(Date.now(), {
    watched() {
        this.value = Date.now();
        timer = setInterval(() => {
            if (!document.hidden) this.value = Date.now();
        }, 1000);
    },
    unwatched() {
        clearInterval(timer);
    },
});
