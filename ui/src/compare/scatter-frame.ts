// The plane of a scatter plot: where runs are in it, its axes and their ticks.
import { ticks } from "~/charts/ticks";
import { placeOn, type ParallelAxis } from "./axes";
import type { Size } from "./canvas";
import { fieldLabel, place, type Frame } from "./frame";
import type { Point } from "./plane";

export const margin = { left: 76, right: 24, top: 12, bottom: 44 };
/** Between the outermost points and the frame. */
const inset = 14;
/** The pixel of each run; undefined if it lacks a value. */
export function layout(
    frame: Frame,
    x: ParallelAxis,
    y: ParallelAxis,
    { width, height }: Size,
): (Point | undefined)[] {
    return frame.ids.map((_, i) => {
        const [px, py] = [placeOn(x, i), placeOn(y, i)];
        if (Number.isNaN(px) || Number.isNaN(py)) return undefined;
        return {
            x: along(px, margin.left, width - margin.right),
            y: along(1 - py, margin.top, height - margin.bottom),
        };
    });
}

/** The pixel of a place between two ends. */
export const along = (p: number, from: number, to: number) =>
    from + inset + p * (to - from - 2 * inset);

/** Ticks of an axis, with the place of each. */
function ticksOf(axis: ParallelAxis, count: number): { p: number; label: string }[] {
    const [low, high] = axis.domain;
    const on = (v: number) => place(v, axis.domain, axis.log);
    if (axis.texts) {
        const every = Math.ceil(axis.texts.length / Math.max(1, count));
        return axis.texts.flatMap((label, v) => (v % every === 0 ? [{ p: on(v), label }] : []));
    }
    const scale = axis.log ? "log" : axis.field === "start_time" ? "time" : "number";
    const { at, labels } = ticks(low, high, count, scale);
    return at.map((v, i) => ({ p: on(v), label: labels[i]! }));
}

/** Grid, ticks and names. */
export function drawFrame(
    ctx: CanvasRenderingContext2D,
    x: ParallelAxis,
    y: ParallelAxis,
    { width, height }: Size,
    colour: (name: string) => string,
): void {
    const [right, bottom] = [width - margin.right, height - margin.bottom];
    ctx.strokeStyle = colour("--line");
    ctx.fillStyle = colour("--ink-soft");
    ctx.font = `11px ${colour("--font")}`;
    ctx.beginPath();
    ctx.textAlign = "center";
    for (const { p, label } of ticksOf(x, (right - margin.left) / 100)) {
        const at = along(p, margin.left, right);
        ctx.moveTo(at, margin.top);
        ctx.lineTo(at, bottom);
        ctx.fillText(short(label), at, bottom + 16);
    }
    ctx.textAlign = "right";
    for (const { p, label } of ticksOf(y, (bottom - margin.top) / 40)) {
        const at = along(1 - p, margin.top, bottom);
        ctx.moveTo(margin.left, at);
        ctx.lineTo(right, at);
        ctx.fillText(short(label), margin.left - 6, at + 4);
    }
    ctx.stroke();
    ctx.fillStyle = colour("--ink");
    ctx.fillText(fieldLabel(x.field), right, bottom + 34);
    ctx.save();
    ctx.translate(12, margin.top);
    ctx.rotate(-Math.PI / 2);
    ctx.fillText(fieldLabel(y.field), 0, 0);
    ctx.restore();
}

const short = (text: string) => (text.length > 12 ? `${text.slice(0, 11)}…` : text);
