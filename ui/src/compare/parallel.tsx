// Parallel coordinates: a line for each run across all axes. Brushes on the axes select runs.
import { useMemo, useRef, useState } from "preact/hooks";
import { counted } from "~/lib/format";
import { go } from "~/lib/router";
import type { ColumnId } from "~/lib/runs";
import { dark } from "~/lib/theme";
import { Button } from "~/parts/parts";
import {
    brushed,
    makeAxis,
    nearestRun,
    placeOn,
    valueOn,
    type Brush,
    type ParallelAxis,
} from "./axes";
import { AxisHead } from "./axis-head";
import { useDrawing, useSize, type Size } from "./canvas";
import { shade, shades, shadesOf } from "./colour-scale";
import { ticks } from "~/charts/ticks";
import { metricText } from "~/lib/format";
import { fieldLabel, type Frame } from "./frame";

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

const top = 44;
const bottom = 20;
const side = 70;
/** How near the pointer must be to an axis to brush it, in pixels. */
const grip = 14;
/** A line this near to the pointer is the one that is meant, as a part of the height. */
const reach = 0.02;

export function Parallel(props: ParallelProps) {
    const { frame, fields, logs, brushes, onBrush, onSelect } = props;
    const box = useRef<HTMLDivElement>(null);
    const behind = useRef<HTMLCanvasElement>(null);
    const front = useRef<HTMLCanvasElement>(null);
    const size = useSize(box);
    const [hover, setHover] = useState(-1);
    const drag = useRef<{ axis: ParallelAxis; from: number } | undefined>(undefined);

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
    const colourBy = axes.at(-1)?.field;

    useDrawing(
        behind,
        size,
        (ctx, colour) => {
            ctx.strokeStyle = colour("--ink-soft");
            ctx.globalAlpha = 0.12;
            drawRuns(ctx, axes, place, i => kept[i] === 0, frame.ids.length);
        },
        [axes, kept],
    );
    useDrawing(
        front,
        size,
        (ctx, colour) => {
            const shadeOf = shadesOf(frame, colourBy);
            ctx.globalAlpha = count > 500 ? 0.35 : 0.75;
            for (let s = -1; s < shades; s++) {
                ctx.strokeStyle =
                    s < 0 ? colour("--ink-soft") : shade(s / (shades - 1), dark.peek());
                drawRuns(
                    ctx,
                    axes,
                    place,
                    i => kept[i] === 1 && shadeOf[i] === s,
                    frame.ids.length,
                );
            }
            ctx.globalAlpha = 1;
            for (const [k, axis] of axes.entries())
                drawAxis(ctx, axis, place(k, 0), place(k, 1), brushes.get(axis.field), colour);
            if (hover >= 0) {
                ctx.lineWidth = 3;
                ctx.strokeStyle = colour("--ink");
                drawRuns(ctx, axes, place, i => i === hover, frame.ids.length);
            }
        },
        [axes, kept, brushes, hover],
    );

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
        onBrush(new Map(brushes).set(axis.field, { low: ends[0]!, high: ends[1]! }));
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
                    // A mere click takes the brush away.
                    if (Math.abs(up(under(event).y) - held.from) < 0.01) clear(held.axis.field);
                    else release(brushes);
                }}
                onPointerLeave={() => setHover(-1)}
                onDblClick={() => hover >= 0 && go(`/runs/${frame.ids[hover]}`)}
            >
                <canvas ref={behind} />
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

const gapOf = (axes: readonly ParallelAxis[], { width }: Size) =>
    (width - 2 * side) / Math.max(1, axes.length - 1);

type Place = (axis: number, p: number) => { x: number; y: number };

/** Where a place on an axis is in the drawing. Runs without a value pass below the axis. */
function places(axes: readonly ParallelAxis[], size: Size): Place {
    const gap = gapOf(axes, size);
    const height = size.height - top - bottom;
    return (axis, p) => ({
        x: axes.length === 1 ? size.width / 2 : side + axis * gap,
        y: Number.isNaN(p) ? size.height - 6 : top + (1 - p) * height,
    });
}

function drawRuns(
    ctx: CanvasRenderingContext2D,
    axes: readonly ParallelAxis[],
    place: Place,
    wanted: (run: number) => boolean,
    runs: number,
): void {
    ctx.beginPath();
    for (let i = 0; i < runs; i++) {
        if (!wanted(i)) continue;
        for (const [k, axis] of axes.entries()) {
            const { x, y } = place(k, placeOn(axis, i));
            if (k === 0) ctx.moveTo(x, y);
            else ctx.lineTo(x, y);
        }
    }
    ctx.stroke();
}

function drawAxis(
    ctx: CanvasRenderingContext2D,
    axis: ParallelAxis,
    from: { x: number; y: number },
    to: { x: number; y: number },
    brush: Brush | undefined,
    colour: (name: string) => string,
): void {
    ctx.strokeStyle = colour("--ink");
    ctx.lineWidth = 1;
    ctx.beginPath();
    ctx.moveTo(from.x, from.y);
    ctx.lineTo(to.x, to.y);
    ctx.stroke();
    const toY = (v: number) => from.y + scalePlace(axis, v) * (to.y - from.y);
    if (brush) {
        const [low, high] = [toY(brush.low), toY(brush.high)];
        ctx.fillStyle = colour("--accent");
        ctx.globalAlpha = 0.35;
        ctx.fillRect(from.x - 6, high, 12, Math.max(2, low - high));
        ctx.globalAlpha = 1;
        ctx.strokeStyle = colour("--accent");
        ctx.strokeRect(from.x - 6, high, 12, Math.max(2, low - high));
    }
    ctx.font = `11px ${colour("--font")}`;
    ctx.textBaseline = "middle";
    for (const { v, label } of labels(axis, Math.abs(to.y - from.y))) {
        const text = label.length > 16 ? `${label.slice(0, 15)}…` : label;
        // A halo keeps the text readable over any number of lines.
        ctx.strokeStyle = colour("--bg");
        ctx.lineWidth = 3;
        ctx.strokeText(text, from.x + 9, toY(v));
        ctx.fillStyle = colour("--ink");
        ctx.fillText(text, from.x + 9, toY(v));
    }
    ctx.lineWidth = 1;
}

const scalePlace = (axis: ParallelAxis, v: number) =>
    placeOn({ ...axis, values: Float64Array.of(v) }, 0);

function labels(axis: ParallelAxis, height: number): { v: number; label: string }[] {
    if (axis.texts) {
        const every = Math.ceil(axis.texts.length / Math.max(1, height / 14));
        return axis.texts.flatMap((label, v) => (v % every === 0 ? [{ v, label }] : []));
    }
    const [low, high] = axis.domain;
    if (low === high) return [{ v: low, label: metricText(low) }];
    const scale = axis.log ? "log" : axis.field === "start_time" ? "time" : "number";
    const { at, labels: texts } = ticks(low, high, height / 40, scale);
    return at.map((v, i) => ({ v, label: texts[i]! }));
}

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
