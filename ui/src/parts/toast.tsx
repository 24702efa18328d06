// Short messages at the bottom: what was done, how far it is, and how to take it back.
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { useCommands } from "~/lib/keys";
import { Button } from "./parts";

export interface Toast {
    text: string;
    bad?: boolean;
    /** Of what is being done: 0 to 1. */
    done?: number;
    /** A button, and what it does: "Undo", "Cancel", "Show". */
    action?: { label: string; run: () => void };
}

const showMs = 10_000;

let last = 0;
const toasts = signal<readonly (Toast & { id: number })[]>([]);
const timers = new Map<number, ReturnType<typeof setTimeout>>();

/** Shows a message, in place of an older one if its id is given. It goes by itself after a while,
 *  unless something is being done. */
export function toast(message: Toast, replaces?: number): number {
    const id = replaces ?? ++last;
    const now = { ...message, id };
    const old = toasts.peek();
    toasts.value = old.some(t => t.id === id)
        ? old.map(t => (t.id === id ? now : t))
        : [...old, now].slice(-4);
    clearTimeout(timers.get(id));
    if (message.done === undefined)
        timers.set(
            id,
            setTimeout(() => closeToast(id), showMs),
        );
    return id;
}

export function closeToast(id: number): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
    toasts.value = toasts.peek().filter(t => t.id !== id);
}

/** Says what went wrong. */
export function toastError(what: string, error: unknown): void {
    toast({ text: `${what}: ${error instanceof Error ? error.message : error}`, bad: true });
}

const undoable = computed(() =>
    toasts.value.findLast(t => t.action?.label === "Undo"),
) as ReadonlySignal<(Toast & { id: number }) | undefined>;

function act(t: Toast & { id: number }): void {
    closeToast(t.id);
    t.action?.run();
}

export function Toasts() {
    const undo = undoable.value;
    useCommands(
        () =>
            undo
                ? [{ label: "Undo", keys: ["Ctrl+z"], group: "General", run: () => act(undo) }]
                : [],
        [undo],
    );
    return (
        <div class="toasts" role="status">
            {toasts.value.map(t => (
                <div key={t.id} class={t.bad ? "toast bad" : "toast"}>
                    <span class="text">{t.text}</span>
                    {t.done !== undefined && (
                        <progress aria-label={t.text} value={t.done} max={1} />
                    )}
                    {t.action && <Button label={t.action.label} onClick={() => act(t)} />}
                    {t.done === undefined && (
                        <Button
                            bare
                            icon="close"
                            label="Close"
                            onClick={() => closeToast(t.id)}
                        />
                    )}
                </div>
            ))}
        </div>
    );
}
