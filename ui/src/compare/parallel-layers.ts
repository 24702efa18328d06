// What parallel coordinates are drawn on, one canvas over the other: all runs faintly, the selected ones,
// and the axes. Each is drawn anew only when what it shows changes.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { ticks } from "~/charts/ticks";
import { metricText } from "~/lib/format";
import type { ColumnId } from "~/lib/runs";
import { dark } from "~/lib/theme";
import { placeOn, type Brush, type ParallelAxis } from "./axes";
import { useDrawing, type Size } from "./canvas";
import { shade, shades, shadesOf } from "./colour-scale";
import type { Frame } from "./frame";
import { addLine, LinePicture, type Crossings, type LineLook } from "./parallel-lines";

/** Room around the axes, in pixels. */
export const top = 44;
export const bottom = 20;
const side = 70;
/** How far apart axes are. */
export const gapOf = (axes: readonly ParallelAxis[], { width }: Size) =>
    (width - 2 * side) / Math.max(1, axes.length - 1);

export type Place = (axis: number, p: number) => { x: number; y: number };

/** Where a place on an axis is in the drawing. Runs without a value pass below the axis. */
export function places(axes: readonly ParallelAxis[], size: Size): Place {
    const gap = gapOf(axes, size);
    const height = size.height - top - bottom;
    return (axis, p) => ({
        x: axes.length === 1 ? size.width / 2 : side + axis * gap,
        y: Number.isNaN(p) ? size.height - 6 : top + (1 - p) * height,
    });
}

export function crossingsOf(
    axes: readonly ParallelAxis[],
    place: Place,
    runs: number,
): Crossings {
    const y = axes.map((axis, k) =>
        Float32Array.from({ length: runs }, (_, i) => place(k, placeOn(axis, i)).y),
    );
    return { x: axes.map((_, k) => place(k, 0).x), y, runs };
}

/** The canvas of a picture of lines that shows `wanted`; `look` reads `deps`. */
function useLinePicture(
    size: Size,
    crossings: Crossings,
    wanted: Uint8Array,
    look: (colour: (name: string) => string) => LineLook,
    deps: readonly unknown[],
): RefObject<HTMLCanvasElement | null> {
    const canvas = useRef<HTMLCanvasElement>(null);
    const picture = useRef<LinePicture>(undefined);
    const latest = useRef(wanted);
    latest.current = wanted;
    useDrawing(
        canvas,
        size,
        (ctx, colour) => {
            picture.current?.stop();
            picture.current = new LinePicture(ctx, crossings, look(colour));
            picture.current.show(latest.current);
        },
        [crossings, ...deps],
    );
    useLayoutEffect(() => picture.current?.show(wanted), [wanted]);
    useEffect(() => () => picture.current?.stop(), []);
    return canvas;
}

/** All runs, faintly, while some of them are selected. */
export function useBehind(size: Size, crossings: Crossings, some: boolean) {
    const wanted = useMemo(
        () => new Uint8Array(crossings.runs).fill(some ? 1 : 0),
        [crossings, some],
    );
    const look = (colour: (name: string) => string): LineLook => ({
        colourOf: () => 0,
        colours: [colour("--ink-soft")],
        alpha: () => 0.12,
    });
    return useLinePicture(size, crossings, wanted, look, []);
}

/** The selected runs in the colours of a field. */
export function useLines(
    size: Size,
    crossings: Crossings,
    frame: Frame,
    colourBy: ColumnId | undefined,
    kept: Uint8Array,
) {
    const look = (colour: (name: string) => string): LineLook => {
        const shadeOf = shadesOf(frame, colourBy);
        const scale = Array.from({ length: shades }, (_, s) =>
            shade(s / (shades - 1), dark.peek()),
        );
        return {
            colourOf: run => shadeOf[run]! + 1,
            colours: [colour("--ink-soft"), ...scale],
            alpha: count => (count > 500 ? 0.35 : 0.75),
        };
    };
    return useLinePicture(size, crossings, kept, look, [frame, colourBy]);
}

/** The axes, and the run under the pointer. */
export function useFront(
    size: Size,
    axes: readonly ParallelAxis[],
    place: Place,
    crossings: Crossings,
    brushes: ReadonlyMap<ColumnId, Brush>,
    hover: number,
): RefObject<HTMLCanvasElement | null> {
    const canvas = useRef<HTMLCanvasElement>(null);
    useDrawing(
        canvas,
        size,
        (ctx, colour) => {
            for (const [k, axis] of axes.entries())
                drawAxis(ctx, axis, place(k, 0), place(k, 1), brushes.get(axis.field), colour);
            if (hover < 0) return;
            const path = new Path2D();
            addLine(path, crossings, hover);
            ctx.lineWidth = 3;
            ctx.strokeStyle = colour("--ink");
            ctx.stroke(path);
        },
        [axes, crossings, brushes, hover],
    );
    return canvas;
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
