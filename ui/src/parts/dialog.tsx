// A window over the page. The browser keeps the focus inside and closes it with Escape.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { Button } from "./parts";

export interface DialogProps {
    title: string;
    onClose: () => void;
    children: ComponentChildren;
    /** Buttons at the bottom; the first one is what Enter does when it is of type submit. */
    actions?: ComponentChildren;
    /** Makes the content a form. */
    onSubmit?: () => void;
    wide?: boolean;
}

export function Dialog({ title, onClose, children, actions, onSubmit, wide }: DialogProps) {
    const dialog = useRef<HTMLDialogElement>(null);
    const id = useId();
    useEffect(() => {
        const before = document.activeElement;
        dialog.current?.showModal();
        dialog.current
            ?.querySelector<HTMLElement>(".content :is(input, select, textarea)")
            ?.focus();
        return () => (before instanceof HTMLElement ? before.focus() : undefined);
    }, []);
    return (
        <dialog
            ref={dialog}
            class={wide ? "dialog wide" : "dialog"}
            aria-labelledby={id}
            onClose={onClose}
            onClick={e => e.target === dialog.current && dialog.current?.close()}
        >
            <form
                method="dialog"
                onSubmit={e => {
                    e.preventDefault();
                    onSubmit?.();
                }}
            >
                <header>
                    <h2 id={id}>{title}</h2>
                    <Button bare icon="close" label="Close" onClick={onClose} />
                </header>
                <div class="content">{children}</div>
                {actions && <footer>{actions}</footer>}
            </form>
        </dialog>
    );
}
