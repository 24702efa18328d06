// What opens below a button: a menu of actions, or a small panel.
import type { ComponentChildren, RefObject } from "preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icons";

/** Where something opens: below an element, or at a point of the window. */
export type Anchor = Element | { x: number; y: number };

/** Moves `box` below its anchor, within the window. */
function place(box: HTMLElement, anchor: Anchor): void {
    const at =
        anchor instanceof Element
            ? anchor.getBoundingClientRect()
            : { left: anchor.x, top: anchor.y, bottom: anchor.y };
    const gap = 4;
    const { offsetWidth: width, offsetHeight: height } = box;
    const below = at.bottom + gap + height <= innerHeight || at.top < height;
    const top = below ? at.bottom + gap : at.top - gap - height;
    box.style.left = `${Math.max(gap, Math.min(at.left, innerWidth - width - gap))}px`;
    box.style.top = `${Math.max(gap, Math.min(top, innerHeight - height - gap))}px`;
}

/** Closes on Escape and when something else is pressed or focused. */
function useDismiss(
    box: RefObject<HTMLElement | null>,
    anchor: Anchor,
    close: () => void,
): void {
    useLayoutEffect(() => {
        const outside = (e: Event) => {
            const target = e.target as Node;
            if (box.current?.contains(target)) return;
            if (anchor instanceof Element && anchor.contains(target)) return;
            close();
        };
        const escape = (e: KeyboardEvent) => {
            if (e.key !== "Escape") return;
            e.stopPropagation();
            e.preventDefault();
            close();
            if (anchor instanceof HTMLElement) anchor.focus();
        };
        document.addEventListener("pointerdown", outside, true);
        document.addEventListener("focusin", outside, true);
        document.addEventListener("keydown", escape, true);
        return () => {
            document.removeEventListener("pointerdown", outside, true);
            document.removeEventListener("focusin", outside, true);
            document.removeEventListener("keydown", escape, true);
        };
    }, [anchor]);
}

export interface PopoverProps {
    anchor: Anchor;
    label: string;
    onClose: () => void;
    children: ComponentChildren;
    class?: string;
}

/** A panel with any content. The first field or button in it gets the focus. */
export function Popover({ anchor, label, onClose, children, class: extra }: PopoverProps) {
    const box = useRef<HTMLDivElement>(null);
    useLayoutEffect(() => {
        box.current!.showPopover();
        place(box.current!, anchor);
        box.current!.querySelector<HTMLElement>("input, button, select")?.focus();
    }, [anchor]);
    useDismiss(box, anchor, onClose);
    return (
        <div
            ref={box}
            popover="manual"
            role="dialog"
            aria-label={label}
            class={`popover ${extra ?? ""}`}
        >
            {children}
        </div>
    );
}

export interface MenuItem {
    label: string;
    icon?: IconName;
    /** Shown at the right: the key that does the same. */
    hint?: string;
    /** Makes it an item that is on or off. */
    checked?: boolean;
    disabled?: boolean;
    danger?: boolean;
    run: () => void;
}

export interface MenuProps {
    anchor: Anchor;
    label: string;
    /** Groups with a line between. */
    items: readonly (readonly MenuItem[])[];
    onClose: () => void;
}

/** A menu: arrows, Home, End and first letters move in it. */
export function Menu({ anchor, label, items, onClose }: MenuProps) {
    const box = useRef<HTMLDivElement>(null);
    useLayoutEffect(() => {
        box.current!.showPopover();
        place(box.current!, anchor);
        box.current!.querySelector<HTMLElement>("button:not(:disabled)")?.focus();
    }, [anchor]);
    useDismiss(box, anchor, onClose);

    const move = (event: KeyboardEvent) => {
        const all = [...box.current!.querySelectorAll<HTMLElement>("button:not(:disabled)")];
        const at = all.indexOf(document.activeElement as HTMLElement);
        const to = menuTarget(
            event.key,
            at,
            all.map(b => b.textContent ?? ""),
        );
        if (event.key === "Tab") onClose();
        if (to === undefined) return;
        event.preventDefault();
        all[to]?.focus();
    };
    const choose = (item: MenuItem) => {
        onClose();
        if (anchor instanceof HTMLElement) anchor.focus();
        item.run();
    };
    return (
        <div
            ref={box}
            popover="manual"
            role="menu"
            aria-label={label}
            class="popover menu"
            onKeyDown={move}
        >
            {items
                .filter(group => group.length > 0)
                .map((group, g) => (
                    <div role="group" key={g}>
                        {group.map(item => (
                            <button
                                type="button"
                                key={item.label}
                                role={
                                    item.checked === undefined ? "menuitem" : "menuitemcheckbox"
                                }
                                aria-checked={item.checked}
                                disabled={item.disabled}
                                tabIndex={-1}
                                class={item.danger ? "danger" : undefined}
                                onClick={() => choose(item)}
                            >
                                <span class="mark">
                                    {item.checked ? (
                                        <Icon name="check" />
                                    ) : (
                                        item.icon && <Icon name={item.icon} />
                                    )}
                                </span>
                                <span>{item.label}</span>
                                {item.hint && <kbd>{item.hint}</kbd>}
                            </button>
                        ))}
                    </div>
                ))}
        </div>
    );
}

/** Which item a key leads to; undefined if it leads nowhere. */
export function menuTarget(
    key: string,
    at: number,
    labels: readonly string[],
): number | undefined {
    const n = labels.length;
    if (key === "ArrowDown") return (at + 1) % n;
    if (key === "ArrowUp") return (at - 1 + n) % n;
    if (key === "Home") return 0;
    if (key === "End") return n - 1;
    if (key.length !== 1 || key === " ") return undefined;
    const letter = key.toLowerCase();
    const after = [...labels.keys()].map(i => (at + 1 + i) % n);
    return after.find(i => labels[i]!.trim().toLowerCase().startsWith(letter));
}

/** A button that opens a menu or a panel. `open` is given the anchor and how to close. */
export function Opener({
    label,
    icon,
    bare,
    small,
    kind = "menu",
    pressed,
    tabIndex,
    children,
}: {
    label: string;
    icon?: IconName;
    bare?: boolean;
    small?: boolean;
    tabIndex?: number;
    kind?: "menu" | "dialog";
    /** Something in it is set. */
    pressed?: boolean;
    children: (anchor: Element, close: () => void) => ComponentChildren;
}) {
    const [anchor, setAnchor] = useState<Element>();
    const id = useId();
    const close = () => setAnchor(undefined);
    return (
        <>
            <button
                type="button"
                id={id}
                class={`button${bare ? " bare" : ""}${small ? " small" : ""}${pressed ? " set" : ""}`}
                tabIndex={tabIndex}
                aria-haspopup={kind}
                aria-expanded={anchor !== undefined}
                aria-label={bare ? label : undefined}
                title={bare ? label : undefined}
                onClick={e => setAnchor(anchor ? undefined : e.currentTarget)}
            >
                {icon && <Icon name={icon} />}
                {!bare && <span>{label}</span>}
            </button>
            {anchor && children(anchor, close)}
        </>
    );
}
