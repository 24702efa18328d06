// What can be done, by name and by key: pages say it here; the command palette and the list of
// shortcuts show it, and one listener answers the keys.
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";

export interface Command {
    /** What it does: "Hide the run". */
    label: string;
    /** As KeyboardEvent.key has it, with "Ctrl+", "Alt+" or "Shift+" before a named key: "j", "?",
     *  "Ctrl+k", "Shift+Enter". Several mean the same. */
    keys?: readonly string[];
    /** The heading in lists: "Runs". */
    group: string;
    run: () => void;
    /** Answers its keys, but is not offered in the palette. */
    keyOnly?: boolean;
    /** Answers its keys while text is typed as well. */
    anywhere?: boolean;
}

const sets = signal<readonly (readonly Command[])[]>([]);

/** All that can be done now; what the innermost part of the page offers comes first. */
export const commands: ReadonlySignal<readonly Command[]> = computed(() =>
    [...sets.value].reverse().flat(),
);

/** Offers commands until the returned function is called. */
export function offer(these: readonly Command[]): () => void {
    sets.value = [...sets.peek(), these];
    return () => {
        sets.value = sets.peek().filter(s => s !== these);
    };
}

/** Offers commands while the component is there; `these` is made anew when `deps` change. */
export function useCommands(these: () => readonly Command[], deps: readonly unknown[]): void {
    // Before it is painted: a key that is pressed as soon as one sees the page counts.
    useLayoutEffect(() => offer(these()), deps as unknown[]);
}

/** The name of a pressed key, as Command.keys has it. */
export function keyName(
    e: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">,
) {
    const ctrl = e.ctrlKey || e.metaKey ? "Ctrl+" : "";
    const alt = e.altKey ? "Alt+" : "";
    // A printed character already tells of the shift key.
    const shift = e.shiftKey && e.key.length > 1 ? "Shift+" : "";
    return ctrl + alt + shift + (e.key.length === 1 && ctrl ? e.key.toLowerCase() : e.key);
}

/** Whether the key belongs to what is focused: text is typed there, or a dialog is open. */
function taken(target: EventTarget | null, command: Command): boolean {
    if (document.querySelector("dialog:modal")) return true;
    if (command.anywhere) return false;
    const element = target instanceof Element ? target : null;
    const typing =
        "input:not([type=checkbox]), textarea, select, [contenteditable], [role=menu]";
    return element?.closest(typing) != null;
}

/** Answers the keys of whatever is offered. */
export function followKeys(root: Document): void {
    root.addEventListener("keydown", event => {
        if (event.defaultPrevented || event.isComposing) return;
        const key = keyName(event);
        const found = commands.value.find(c => c.keys?.includes(key));
        if (!found || taken(event.target, found)) return;
        event.preventDefault();
        found.run();
    });
}
