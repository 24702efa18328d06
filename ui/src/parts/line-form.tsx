// A form of one line: fields, Save and Cancel. Escape cancels too.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Button } from "./parts";
import "./notes.css";

interface LineFormProps {
    save: () => void;
    cancel: () => void;
    /** The fields; the first one is chosen at once, with its text. */
    children: ComponentChildren;
}

export function LineForm({ save, cancel, children }: LineFormProps) {
    const form = useRef<HTMLFormElement>(null);
    useEffect(() => form.current?.querySelector("input")?.select(), []);
    return (
        <form
            class="tag-form"
            ref={form}
            onSubmit={e => {
                e.preventDefault();
                save();
            }}
            onKeyDown={e => e.key === "Escape" && cancel()}
        >
            {children}
            <button type="submit" class="button primary">
                Save
            </button>
            <Button label="Cancel" onClick={cancel} />
        </form>
    );
}
