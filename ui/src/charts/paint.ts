// What a chart shows beside its plain lines: bands between extremes, spikes, raw lines behind
// smoothed ones, single points, and marks for values that are not finite. Canvas only.
import type { Line } from "./lines";
import type { Values } from "./smooth";

/** The plotting area, in pixels of the canvas. */
export interface Area {
    left: number;
    top: number;
    width: number;
    height: number;
    /** Where a value is. */
    toX(x: number): number;
    toY(y: number): number;
    /** Pixels of the canvas in one of the page. */
    ratio: number;
}

/** What takes a path: Path2D, or the writer of an SVG. */
export interface Pen {
    moveTo(x: number, y: number): void;
    lineTo(x: number, y: number): void;
}

/** Draws a line of values, lifting the pen at gaps. */
export function trace(pen: Pen, x: readonly number[], y: Values, area: Area): void {
    let down = false;
    for (let i = 0; i < x.length; i++) {
        const v = y[i];
        if (v == null) {
            down = false;
            continue;
        }
        const [px, py] = [area.toX(x[i]!), area.toY(v)];
        if (down) pen.lineTo(px, py);
        else pen.moveTo(px, py);
        down = true;
    }
}

/** The outline of what lies between the extremes, one closed piece between two gaps. */
export function traceBand(
    pen: Pen & { closePath(): void },
    { x, low, high }: Line,
    area: Area,
): void {
    if (!low || !high) return;
    for (let i = 0; i < x.length; i++) {
        if (high[i] == null) continue;
        const from = i;
        while (i < x.length && high[i] != null) i++;
        for (let k = from; k < i; k++) {
            const at = [area.toX(x[k]!), area.toY(high[k]!)] as const;
            if (k === from) pen.moveTo(...at);
            else pen.lineTo(...at);
        }
        for (let k = i - 1; k >= from; k--)
            pen.lineTo(area.toX(x[k]!), area.toY(low[k] ?? high[k]!));
        pen.closePath();
    }
}

/** How far, in pixels of the page, an extreme stands out to be a spike. */
const spikeHeight = 4;

/** The strokes of extremes that stand out from both their neighbours. A band alone would show them
 *  one faint pixel wide, and nobody would see them. */
export function traceSpikes(pen: Pen, line: Line, area: Area): void {
    const { x, low, high, y } = line;
    if (!low || !high) return;
    const from = line.raw ?? y;
    const apart = spikeHeight * area.ratio;
    for (let i = 0; i < x.length; i++) {
        const [bottom, top] = [low[i], high[i]];
        if (bottom == null || top == null || bottom === top) continue;
        const above = top > Math.max(high[i - 1] ?? -Infinity, high[i + 1] ?? -Infinity);
        const below = bottom < Math.min(low[i - 1] ?? Infinity, low[i + 1] ?? Infinity);
        const base = from[i];
        if (base == null) continue;
        const ends: number[] = [];
        if (above && outstanding(high, i, top, area, apart)) ends.push(top);
        if (below && outstanding(low, i, bottom, area, apart)) ends.push(bottom);
        for (const end of ends) {
            pen.moveTo(area.toX(x[i]!), area.toY(base));
            pen.lineTo(area.toX(x[i]!), area.toY(end));
        }
    }
}

function outstanding(of: Values, i: number, value: number, area: Area, apart: number): boolean {
    const here = area.toY(value);
    return [of[i - 1], of[i + 1]].every(
        v => v == null || Math.abs(area.toY(v) - here) >= apart,
    );
}

export interface Behind {
    bands: boolean;
    raw: boolean;
}

const bandOpacity = 0.2;
const rawOpacity = 0.3;

/** What lies under the lines. The context is clipped to the area while it is drawn. */
export function paintBehind(
    ctx: CanvasRenderingContext2D,
    lines: readonly Line[],
    area: Area,
    what: Behind,
): void {
    clipped(ctx, area, () => {
        ctx.lineWidth = area.ratio;
        for (const line of lines) {
            ctx.strokeStyle = ctx.fillStyle = line.colour;
            if (what.bands && line.low) {
                const band = new Path2D();
                traceBand(band, line, area);
                ctx.globalAlpha = bandOpacity;
                ctx.fill(band);
            }
            if (what.raw && line.raw) {
                const raw = new Path2D();
                trace(raw, line.x, line.raw, area);
                ctx.globalAlpha = rawOpacity;
                ctx.stroke(raw);
            }
        }
    });
    paintSpikes(ctx, lines, area);
}

export function paintSpikes(
    ctx: CanvasRenderingContext2D,
    lines: readonly Line[],
    area: Area,
): void {
    clipped(ctx, area, () => {
        ctx.lineWidth = area.ratio;
        for (const line of lines) {
            if (!line.low) continue;
            const spikes = new Path2D();
            traceSpikes(spikes, line, area);
            ctx.strokeStyle = line.colour;
            ctx.stroke(spikes);
        }
    });
}

/** The lines themselves, thin and whole: for charts that move, where uPlot draws none. */
export function paintLines(
    ctx: CanvasRenderingContext2D,
    lines: readonly Line[],
    area: Area,
): void {
    ctx.lineWidth = area.ratio;
    for (const line of lines) {
        const path = new Path2D();
        trace(path, line.x, line.y, area);
        ctx.strokeStyle = line.colour;
        ctx.stroke(path);
    }
}

function clipped(ctx: CanvasRenderingContext2D, area: Area, draw: () => void): void {
    ctx.save();
    ctx.beginPath();
    ctx.rect(area.left, area.top, area.width, area.height);
    ctx.clip();
    // uPlot leaves the dashes of its last line.
    ctx.setLineDash([]);
    draw();
    ctx.restore();
}

/** Points closer than this, in pixels of the page, have no dots of their own. */
const dotSpace = 14;

/** Indices of points that need a dot to be seen: those between two gaps, or all if they are few. */
export function dots(line: Line, area: Area): number[] {
    const { x, y } = line;
    const some: number[] = [];
    const right = area.left + area.width;
    for (let i = 0; i < x.length; i++) {
        const at = y[i] == null ? NaN : area.toX(x[i]!);
        if (at >= area.left - 1 && at <= right + 1) some.push(i);
    }
    if (some.length * dotSpace * area.ratio <= area.width) return some;
    return some.filter(i => y[i - 1] == null && y[i + 1] == null);
}

/** What lies over the lines: dots, and marks on the border for values that are not finite. */
export function paintMarks(
    ctx: CanvasRenderingContext2D,
    lines: readonly Line[],
    area: Area,
): void {
    clipped(ctx, area, () => {
        for (const line of lines) {
            ctx.fillStyle = line.colour;
            for (const i of dots(line, area)) {
                ctx.beginPath();
                ctx.arc(
                    area.toX(line.x[i]!),
                    area.toY(line.y[i]!),
                    2.5 * area.ratio,
                    0,
                    2 * Math.PI,
                );
                ctx.fill();
            }
        }
    });
    ctx.setLineDash([]);
    for (const line of lines) {
        ctx.strokeStyle = line.colour;
        ctx.lineWidth = 1.5 * area.ratio;
        for (const mark of marks(line, area)) {
            const path = new Path2D();
            traceMark(path, mark, area.ratio);
            ctx.stroke(path);
        }
    }
}

export interface Mark {
    kind: "nan" | "inf" | "negInf";
    x: number;
    y: number;
}

/** Marks on the border: NaN and -Infinity below, Infinity above; one for each few pixels. */
export function marks(line: Line, area: Area): Mark[] {
    const bottom = area.top + area.height - 5 * area.ratio;
    const top = area.top + 5 * area.ratio;
    const kinds = [
        { kind: "nan", at: line.nan, y: bottom },
        { kind: "inf", at: line.inf, y: top },
        { kind: "negInf", at: line.negInf, y: bottom },
    ] as const;
    return kinds.flatMap(({ kind, at, y }) => {
        const places = new Set<number>();
        for (const x of at) {
            const px = Math.round(area.toX(x) / (4 * area.ratio)) * 4 * area.ratio;
            if (px >= area.left && px <= area.left + area.width) places.add(px);
        }
        return [...places].map(x => ({ kind, x, y }));
    });
}

/** A cross for NaN, an arrow for the infinities. */
export function traceMark(pen: Pen, { kind, x, y }: Mark, ratio: number): void {
    const r = 3.5 * ratio;
    if (kind === "nan") {
        pen.moveTo(x - r, y - r);
        pen.lineTo(x + r, y + r);
        pen.moveTo(x - r, y + r);
        pen.lineTo(x + r, y - r);
        return;
    }
    const tip = kind === "inf" ? -r : r;
    pen.moveTo(x - r, y - tip);
    pen.lineTo(x, y + tip);
    pen.lineTo(x + r, y - tip);
    pen.lineTo(x - r, y - tip);
}
