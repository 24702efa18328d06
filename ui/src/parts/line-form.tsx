// A form of one line: fields, Save and Cancel. Escape cancels too.
import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { useOnce } from "./once";
import { Button } from "./parts";
import { toastError } from "./toast";
import "./notes.css";

interface LineFormProps {
    /** Whether there is something to store. */
    ready: boolean;
    /** Stores what was typed. */
    save: () => Promise<unknown>;
    /** Said if it could not be stored. */
    failed: string;
    close: () => void;
    /** The fields; the first one is chosen at once, with its text. */
    children: ComponentChildren;
}

const typedIn = (form: HTMLFormElement): string =>
    JSON.stringify([...form.querySelectorAll("input")].map(i => i.value));

export function LineForm({ ready, save, failed, close, children }: LineFormProps) {
    const form = useRef<HTMLFormElement>(null);
    const once = useOnce();
    // At once: what is typed next must not be chosen, and overwritten, with the text.
    useLayoutEffect(() => form.current!.querySelector("input")!.select(), []);
    const submit = () => {
        const typed = typedIn(form.current!);
        if (!ready) return;
        once(
            save,
            // What was typed meanwhile is not stored yet.
            () => typedIn(form.current!) === typed && close(),
            e => toastError(failed, e),
        );
    };
    return (
        <form
            class="tag-form"
            ref={form}
            onSubmit={e => {
                e.preventDefault();
                submit();
            }}
            onKeyDown={e => e.key === "Escape" && close()}
        >
            {children}
            <button type="submit" class="button primary">
                Save
            </button>
            <Button label="Cancel" onClick={close} />
        </form>
    );
}
