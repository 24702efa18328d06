// Which line is which run.
import { useComputed } from "@preact/signals";
import type { LineStyle } from "./lines";
import { highlighted } from "./state";

/** A piece of a line in its colour and dashes. */
export function Swatch({ line }: { line: LineStyle }) {
    return (
        <svg class="swatch" viewBox="0 0 22 8" width="22" height="8" aria-hidden="true">
            <path
                d="M1 4h20"
                fill="none"
                stroke={line.colour}
                stroke-width="2"
                stroke-dasharray={line.dash.join(" ")}
            />
        </svg>
    );
}

export interface LegendProps {
    lines: readonly (LineStyle & { href?: string | undefined })[];
}

export function Legend({ lines }: LegendProps) {
    if (lines.length === 0) return null;
    return (
        <ul class="legend" aria-label="Lines">
            {lines.map(line => (
                <Entry key={line.id} line={line} />
            ))}
        </ul>
    );
}

/** Renders anew only when it is itself brought to the front, or no longer. */
function Entry({ line }: { line: LegendProps["lines"][number] }) {
    const front = useComputed(() => highlighted.value === line.id);
    const light = () => (highlighted.value = line.id);
    const dim = () => (highlighted.value = undefined);
    return (
        <li
            class={front.value ? "front" : undefined}
            onPointerEnter={light}
            onPointerLeave={dim}
        >
            <Swatch line={line} />
            {line.href ? (
                <a href={line.href} onFocus={light} onBlur={dim}>
                    {line.name}
                </a>
            ) : (
                <span>{line.name}</span>
            )}
        </li>
    );
}
