// What all lines say where the cursor is: greatest first, the nearest one marked.
import { useLayoutEffect, useRef } from "preact/hooks";
import { metricText } from "~/lib/format";
import { Button } from "~/parts/parts";
import { toast, toastError } from "~/parts/toast";
import { Swatch } from "./legend";
import type { Reading } from "./readout";
import { highlighted } from "./state";
import { xText, type Scale } from "./ticks";

/** Most runs that are listed. */
const most = 15;

export interface TooltipProps {
    /** Pixels from the left and the top of the plotting area. */
    at: { left: number; top: number };
    title: string;
    readings: readonly Reading[];
    xScale: Scale;
    /** Stays, and can be copied from. */
    pinned: boolean;
    onClose: () => void;
}

export function Tooltip({ at, title, readings, xScale, pinned, onClose }: TooltipProps) {
    const box = useRef<HTMLDivElement>(null);
    useLayoutEffect(() => beside(box.current!, at), [at, readings.length, pinned]);
    const front = highlighted.value;
    return (
        <div ref={box} class={pinned ? "tooltip pinned" : "tooltip"}>
            <header>
                <strong>{title}</strong>
                {pinned && (
                    <>
                        <Button bare icon="copy" label="Copy the values" onClick={copy} />
                        <Button bare icon="close" label="Close" onClick={onClose} />
                    </>
                )}
            </header>
            <ul>
                {window(readings, front).map(r => (
                    <li key={r.line.id} class={r.line.id === front ? "front" : undefined}>
                        <Swatch line={r.line} />
                        <span class="name">{r.line.name}</span>
                        <span class="value">{metricText(r.value)}</span>
                        {r.low !== undefined && (
                            <span class="extremes">
                                {metricText(r.low)} … {metricText(r.high)}
                            </span>
                        )}
                    </li>
                ))}
            </ul>
            {readings.length > most && <p class="hint">{readings.length - most} more</p>}
            {!pinned && <p class="hint">Click to keep this open</p>}
        </div>
    );

    function copy() {
        const rows = readings.map(r => `${r.line.name}\t${xText(r.x, xScale)}\t${r.value}`);
        navigator.clipboard.writeText(rows.join("\n")).then(
            () => toast({ text: `Copied ${readings.length} values` }),
            (e: unknown) => toastError("Nothing was copied", e),
        );
    }
}

/** The readings that are listed: those around the marked one, if there are too many. */
function window(readings: readonly Reading[], front: string | undefined): readonly Reading[] {
    const at = readings.findIndex(r => r.line.id === front);
    const from = Math.max(0, Math.min(at - (most >> 1), readings.length - most));
    return readings.slice(from, from + most);
}

/** Puts a box beside a point, on the side where there is room. */
function beside(box: HTMLElement, { left, top }: { left: number; top: number }): void {
    const over = box.parentElement?.querySelector<HTMLElement>(".u-over");
    if (!over) return;
    const area = over.getBoundingClientRect();
    const gap = 14;
    const x = area.left + left;
    const fits = x + gap + box.offsetWidth < innerWidth;
    const y = Math.min(area.top + top + gap, innerHeight - box.offsetHeight - gap);
    box.style.left = `${fits ? x + gap : Math.max(gap, x - gap - box.offsetWidth)}px`;
    box.style.top = `${Math.max(gap, y)}px`;
}
