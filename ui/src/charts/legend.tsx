// Which line is which run.
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
                <li
                    key={line.id}
                    class={line.id === highlighted.value ? "front" : undefined}
                    onPointerEnter={() => (highlighted.value = line.id)}
                    onPointerLeave={() => (highlighted.value = undefined)}
                >
                    <Swatch line={line} />
                    {line.href ? (
                        <a
                            href={line.href}
                            onFocus={() => (highlighted.value = line.id)}
                            onBlur={() => (highlighted.value = undefined)}
                        >
                            {line.name}
                        </a>
                    ) : (
                        <span>{line.name}</span>
                    )}
                </li>
            ))}
        </ul>
    );
}
