// Parallel coordinates: a line for each run across all axes. Brushes on the axes select runs.
import { useMemo, useRef, useState } from "preact/hooks";
import { counted } from "~/lib/format";
import { go } from "~/lib/router";
import type { ColumnId } from "~/lib/runs";
import { Button } from "~/parts/parts";
import { brushed, makeAxis, nearestRun, valueOn, type Brush, type ParallelAxis } from "./axes";
import { AxisHead } from "./axis-head";
import { useSize } from "./canvas";
import { fieldLabel, type Frame } from "./frame";
import {
    bottom,
    crossingsOf,
    gapOf,
    places,
    top,
    useBehind,
    useFront,
    useLines,
    type Place,
} from "./parallel-layers";

export interface ParallelProps {
    frame: Frame;
    fields: readonly ColumnId[];
    logs: ReadonlySet<ColumnId>;
    brushes: ReadonlyMap<ColumnId, Brush>;
    onBrush: (brushes: ReadonlyMap<ColumnId, Brush>) => void;
    /** The order of the axes after one was dragged or taken away. */
    onAxes: (fields: ColumnId[]) => void;
    onLog: (field: ColumnId) => void;
    /** A brush was let go: these runs are within all of them. */
    onSelect: (ids: string[]) => void;
}

/** How near the pointer must be to an axis to brush it, in pixels. */
const grip = 14;
/** A line this near to the pointer is the one that is meant, as a part of the height. */
const reach = 0.02;

export function Parallel(props: ParallelProps) {
    const { frame, fields, logs, onBrush, onSelect } = props;
    const box = useRef<HTMLDivElement>(null);
    const size = useSize(box);
    const [hover, setHover] = useState(-1);
    const drag = useRef<{ axis: ParallelAxis; from: number } | undefined>(undefined);
    // What is being dragged goes into the address when it is let go.
    const [dragged, setDragged] = useState<ReadonlyMap<ColumnId, Brush>>();
    const brushes = dragged ?? props.brushes;

    const axes = useMemo(
        () => fields.flatMap(f => makeAxis(frame, f, logs.has(f)) ?? []),
        [frame, fields.join("\n"), [...logs].join("\n")],
    );
    const kept = useMemo(
        () => brushed(axes, brushes, frame.ids.length),
        [axes, brushes, frame],
    );
    const count = kept.reduce((n, k) => n + k, 0);
    const place = places(axes, size);
    const crossings = useMemo(
        () => crossingsOf(axes, place, frame.ids.length),
        [axes, size, frame],
    );
    const behind = useBehind(size, crossings, brushes.size > 0);
    const lines = useLines(size, crossings, frame, axes.at(-1)?.field, kept);
    const front = useFront(size, axes, place, crossings, brushes, hover);

    const under = (event: PointerEvent) => {
        const rect = box.current!.getBoundingClientRect();
        return { x: event.clientX - rect.left, y: event.clientY - rect.top };
    };
    const axisAt = (x: number) => axes.find((_, k) => Math.abs(place(k, 0).x - x) <= grip);
    const up = (y: number) => 1 - (y - top) / Math.max(1, size.height - top - bottom);

    const setBrush = (axis: ParallelAxis, a: number, b: number) => {
        const ends = [a, b]
            .map(p => valueOn(axis, Math.max(0, Math.min(1, p))))
            .sort((m, n) => m - n);
        setDragged(new Map(brushes).set(axis.field, { low: ends[0]!, high: ends[1]! }));
    };
    const letGo = (axis: ParallelAxis, click: boolean) => {
        setDragged(undefined);
        if (click) return clear(axis.field); // takes the brush away
        onBrush(brushes);
        release(brushes);
    };
    const release = (next: ReadonlyMap<ColumnId, Brush>) => {
        const within = brushed(axes, next, frame.ids.length);
        onSelect(next.size === 0 ? [] : frame.ids.filter((_, i) => within[i] === 1));
    };
    const clear = (field?: ColumnId) => {
        const next = new Map(brushes);
        if (field === undefined) next.clear();
        else next.delete(field);
        onBrush(next);
        release(next);
    };
    return (
        <div class="parallel">
            <p class="hint" role="status">
                {brushes.size === 0
                    ? `${counted(frame.ids.length, "run")}. Drag along an axis to select runs.`
                    : `${count} of ${counted(frame.ids.length, "run")} selected`}
                {brushes.size > 0 && <Button label="Clear" onClick={() => clear()} />}
                {hover >= 0 && <strong> {frame.names[hover]}</strong>}
            </p>
            <div
                ref={box}
                class="drawing"
                style={{ minWidth: `${axes.length * narrowest}px` }}
                onPointerDown={event => {
                    const { x, y } = under(event);
                    const axis = axisAt(x);
                    if (!axis || event.button !== 0 || y < top) return;
                    event.currentTarget.setPointerCapture(event.pointerId);
                    drag.current = { axis, from: up(y) };
                    event.preventDefault();
                }}
                onPointerMove={event => {
                    const { x, y } = under(event);
                    const held = drag.current;
                    if (held) setBrush(held.axis, held.from, up(y));
                    else setHover(runAt(axes, place, x, up(y), kept));
                    event.currentTarget.style.cursor = axisAt(x) ? "crosshair" : "";
                }}
                onPointerUp={event => {
                    const held = drag.current;
                    if (!held) return;
                    drag.current = undefined;
                    letGo(held.axis, Math.abs(up(under(event).y) - held.from) < 0.01);
                }}
                onPointerLeave={() => setHover(-1)}
                onDblClick={() => hover >= 0 && go(`/runs/${frame.ids[hover]}`)}
            >
                <canvas ref={behind} />
                <canvas ref={lines} />
                <canvas
                    ref={front}
                    role="img"
                    aria-label={`Parallel coordinates of ${counted(frame.ids.length, "run")} over ${axes.map(a => fieldLabel(a.field)).join(", ")}`}
                />
                {axes.map((axis, k) => (
                    <AxisHead
                        key={axis.field}
                        axis={axis}
                        left={place(k, 0).x}
                        brush={brushes.get(axis.field)}
                        log={logs.has(axis.field)}
                        onLog={() => props.onLog(axis.field)}
                        onRemove={() => props.onAxes(fields.filter(f => f !== axis.field))}
                        onMove={to => props.onAxes(moveAxis(fields, axis.field, to))}
                        place={k}
                        gap={gapOf(axes, size)}
                        onBrush={brush => {
                            const next = new Map(brushes);
                            if (brush) next.set(axis.field, brush);
                            else next.delete(axis.field);
                            onBrush(next);
                            release(next);
                        }}
                    />
                ))}
            </div>
        </div>
    );
}

export function moveAxis(fields: readonly ColumnId[], field: ColumnId, to: number): ColumnId[] {
    const rest = fields.filter(f => f !== field);
    rest.splice(Math.max(0, Math.min(rest.length, to)), 0, field);
    return rest;
}

/** Pixels of an axis, below which the names of axes cannot be read. */
const narrowest = 88;

function runAt(
    axes: readonly ParallelAxis[],
    place: Place,
    x: number,
    y: number,
    kept: Uint8Array,
): number {
    const k = axes.findIndex((_, i) => i + 1 < axes.length && place(i + 1, 0).x >= x);
    if (k < 0) return -1;
    const [from, to] = [place(k, 0).x, place(k + 1, 0).x];
    return nearestRun(axes[k]!, axes[k + 1]!, (x - from) / (to - from), y, reach, kept);
}
