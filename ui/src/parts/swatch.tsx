// The line that stands for a run in charts: its colour and its dashes.
import { colourOf } from "~/lib/colours";

export function Swatch({ id }: { id: string }) {
    const { colour, dash } = colourOf(id);
    return (
        <svg class="swatch" viewBox="0 0 16 8" width="16" height="8" aria-hidden="true">
            <line
                x1="1"
                y1="4"
                x2="15"
                y2="4"
                stroke={colour}
                stroke-width="3"
                stroke-dasharray={dash.map(d => d * 0.75).join(" ")}
            />
        </svg>
    );
}
