// The axes of a chart as uPlot takes them, with our own ticks, since the files that are saved have the
// same ones.
import uPlot from "uplot";
import { ticks, type Scale } from "./ticks";

/** Colours of texts and lines, and the font. */
export interface Look {
    ink: string;
    line: string;
    font: string;
}

const common = ({ ink, line, font }: Look): uPlot.Axis => ({
    stroke: ink,
    font,
    gap: 3,
    grid: { stroke: line, width: 1 },
});

export const axisX = (look: Look, scale: Scale): uPlot.Axis => ({
    ...common(look),
    scale: "x",
    size: 24,
    ticks: { stroke: look.line, size: 4, width: 1 },
    ...tickMaker(scale, 90),
});

export const axisY = (look: Look, log: boolean): uPlot.Axis => ({
    ...common(look),
    scale: "y",
    size: yAxisSize,
    ticks: { show: false },
    ...tickMaker(log ? "log" : "number", 34),
});

/** `space` is what a tick takes, in pixels. */
function tickMaker(scale: Scale, space: number): Pick<uPlot.Axis, "splits" | "values"> {
    const made = (u: uPlot, min: number, max: number, ratioOf: "width" | "height") =>
        ticks(min, max, u.bbox[ratioOf] / uPlot.pxRatio / space, scale);
    const side = space > 50 ? "width" : "height";
    return {
        splits: (u, _, min, max) => made(u, min, max, side).at,
        values: (u, splits, axis) => {
            const { min, max } = u.scales[u.axes[axis]!.scale!]!;
            const { at, labels } = made(u, min!, max!, side);
            return splits.map(v => labels[at.indexOf(v)] ?? "");
        },
    };
}

const yAxisSize: uPlot.Axis.Size = (u, values, axis, cycle) => {
    if (cycle > 1) return (u.axes[axis] as unknown as { _size: number })._size;
    u.ctx.save();
    u.ctx.font = `${11 * uPlot.pxRatio}px sans-serif`;
    const widest = Math.max(0, ...(values ?? []).map(v => u.ctx.measureText(v).width));
    u.ctx.restore();
    return Math.ceil(widest / uPlot.pxRatio) + 14;
};
