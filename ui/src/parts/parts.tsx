// The small pieces that all pages are made of.
import type { ComponentChildren, TargetedMouseEvent } from "preact";
import { ApiError } from "~/lib/api";
import { Icon, type IconName } from "./icons";

export interface ButtonProps {
    /** Shown, or only told to screen readers and as a hint when there is an icon alone. */
    label: string;
    icon?: IconName;
    bare?: boolean; // the icon alone
    small?: boolean;
    primary?: boolean;
    danger?: boolean;
    pressed?: boolean;
    disabled?: boolean;
    /** Sends the form that it stands in, which then says what happens. */
    submit?: boolean;
    onClick?: (event: TargetedMouseEvent<HTMLButtonElement>) => void;
}

export function Button({
    label,
    icon,
    bare,
    small,
    primary,
    danger,
    pressed,
    disabled,
    submit,
    onClick,
}: ButtonProps) {
    const kinds = { primary, danger, bare, small };
    const chosen = Object.entries(kinds).flatMap(([name, on]) => (on ? [name] : []));
    return (
        <button
            type={submit ? "submit" : "button"}
            class={["button", ...chosen].join(" ")}
            disabled={disabled}
            aria-pressed={pressed}
            aria-label={bare ? label : undefined}
            title={bare ? label : undefined}
            onClick={onClick}
        >
            {icon && <Icon name={icon} />}
            {!bare && <span>{label}</span>}
        </button>
    );
}

/** While nothing can be shown yet. Appears late, so that quick answers do not flicker. */
export function Loading({ what }: { what: string }) {
    return (
        <p class="notice late" role="status">
            Loading {what} …
        </p>
    );
}

/** Why something cannot be shown, and the way on. */
export function Problem({ error, retry }: { error: Error; retry?: () => void }) {
    const status = error instanceof ApiError && error.status > 0 ? ` (${error.status})` : "";
    return (
        <div class="notice problem" role="alert">
            <Icon name="warning" />
            <span>
                {error.message}
                {status}
            </span>
            {retry && <Button label="Try again" onClick={retry} />}
        </div>
    );
}

/** Nothing is there: says why and what to do. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
    return (
        <div class="notice empty">
            <strong>{title}</strong>
            {children}
        </div>
    );
}

export interface Tab {
    id: string;
    label: string;
    count?: number;
}

/** Links that look like tabs; each is an address of its own. */
export function Tabs({
    tabs,
    current,
    to,
    label,
}: {
    tabs: Tab[];
    current: string;
    to: (id: string) => string;
    /** Tells screen readers several of them on a page apart. */
    label?: string;
}) {
    return (
        <nav class="tabs" aria-label={label}>
            {tabs.map(t => (
                <a
                    key={t.id}
                    href={to(t.id)}
                    aria-current={t.id === current ? "page" : undefined}
                >
                    {t.label}
                    {t.count !== undefined && <span class="count">{t.count}</span>}
                </a>
            ))}
        </nav>
    );
}
