// A window over the page. The browser keeps the focus inside and closes it with Escape.
import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { Button } from "./parts";

/** What a <dialog> needs to be over the page from its first drawing to its last. The browser gives the
 *  focus back to what had it. */
export function useModal(onClose: () => void) {
    const dialog = useRef<HTMLDialogElement>(null);
    // Before the next key is read: it belongs to the window, and after it to what is below.
    useLayoutEffect(() => {
        const box = dialog.current!;
        box.showModal();
        return () => box.close();
    }, []);
    // The browser tells of it later, when another window may be open.
    return { dialog, told: () => dialog.current && onClose() };
}

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
    const { dialog, told } = useModal(onClose);
    const id = useId();
    useLayoutEffect(() => {
        const field = ".content :is(input, select, textarea)";
        dialog.current!.querySelector<HTMLElement>(field)?.focus();
    }, []);
    return (
        <dialog
            ref={dialog}
            class={wide ? "dialog wide" : "dialog"}
            aria-labelledby={id}
            onClose={told}
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
