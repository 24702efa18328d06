// A chart on the page: uPlot for axes, lines, cursor and selection, with the rest painted around.
//
// uPlot's faceted mode gives each line an x of its own: runs have points at different places, and
// the union of all would be many times as long as any of them.
import uPlot from "uplot";
import { axisX, axisY, type Look } from "./axis";
import type { Range } from "./buckets";
import type { Line } from "./lines";
import { Layer, type Span } from "./layer";
import { paintBehind, paintMarks, trace, type Area } from "./paint";
import { fitY, onLog, pan, zoom } from "./scale";
import type { Going } from "./state";
import type { Scale } from "./ticks";

export interface Picture {
    lines: readonly Line[];
    /** What is seen of the horizontal axis. */
    seen: Range;
    xScale: Scale;
    yLog: boolean;
    clip: boolean;
    /** Vertical range that all panels share; each has its own if there is none. */
    yRange?: [number, number] | undefined;
    xLabel: string;
    /** A hand moves the charts. */
    moving: boolean;
}

export interface Wishes {
    /** Somebody moves to a part of the axis, or has moved there. */
    onRange(range: Range, how: Going): void;
    onReset(): void;
    /** The pointer is at a place of the plotting area, or has left it. */
    onCursor(at: { x: number; left: number; top: number } | undefined): void;
    onPick(): void;
}

/** More lines than this are thin and whole, since dashes would only cost. */
const manyLines = 60;
/** How long after its last turn a wheel counts as let go. */
const restMs = 250;
/** With more points than this a chart is not drawn anew while it moves. */
const manyPoints = 20_000;
/** Beyond this bands would be a fog. */
const mostBands = 30;

export class Plot {
    private u: uPlot | undefined;
    private picture: Picture | undefined;
    private readonly light = document.createElement("canvas");
    private lit: string | undefined;
    private paper = "";
    /** What is shown of the lines while a chart of many points moves. */
    private layer: Layer | undefined;
    private height: [number, number] = [0, 1];
    /** Where a hand has moved to, until it lets go. */
    private goal: Range | undefined;
    private rest: ReturnType<typeof setTimeout> | undefined;

    constructor(
        private readonly host: HTMLElement,
        private readonly wishes: Wishes,
        private readonly syncKey: string,
    ) {
        this.light.className = "chart-light";
    }

    /** Shows a picture. A new uPlot is made only if lines or scales are others than before. */
    show(picture: Picture): void {
        const same = this.picture && this.u && shape(this.picture) === shape(picture);
        this.picture = picture;
        if (!picture.moving) this.goal = undefined;
        if (!same) this.build();
        else if (this.u) this.update(this.u);
    }

    resize(): void {
        const size = this.size();
        if (this.u && (this.u.width !== size.width || this.u.height !== size.height)) {
            this.u.setSize(size);
            this.paintLight();
        }
    }

    /** Takes the colours of the theme anew. */
    recolour(): void {
        if (this.picture) this.build();
    }

    /** Brings one line to the front and dims the others; undefined: all are alike. */
    highlight(id: string | undefined): void {
        if (id === this.lit) return;
        this.lit = id;
        this.paintLight();
    }

    /** Puts the cursor at a place of the axis, at the height of a value; says where that is. */
    setCursor(x: number, value: number | undefined): { left: number; top: number } {
        if (!this.u) return { left: 0, top: 0 };
        const left = this.u.valToPos(x, "x");
        const top = value === undefined ? 0 : this.u.valToPos(value, "y");
        this.u.setCursor({ left, top }, false);
        return { left, top };
    }

    hideCursor(): void {
        this.u?.setCursor({ left: -10, top: -10 }, false);
    }

    /** Pixels of the page from the top of the plotting area. */
    toTop(value: number): number {
        return this.u?.valToPos(value, "y") ?? 0;
    }

    get canvas(): HTMLCanvasElement | undefined {
        return this.u?.ctx.canvas;
    }

    destroy(): void {
        clearTimeout(this.rest);
        this.end();
    }

    private size() {
        return { width: this.host.clientWidth, height: this.host.clientHeight };
    }

    /** Gives the memory of the pictures back at once: the browser keeps it until it clears up. */
    private end(): void {
        for (const canvas of [this.u?.ctx.canvas, this.light]) if (canvas) canvas.width = 0;
        this.layer = undefined;
        this.u?.destroy();
        this.u = undefined;
    }

    private build(): void {
        this.end();
        const picture = this.picture!;
        const size = this.size();
        if (picture.lines.length === 0 || size.width === 0) return;
        const u = new uPlot(this.options(picture, size), data(picture.lines), this.host);
        this.u = u;
        u.over.append(this.light);
        this.listen(u);
        this.update(u);
    }

    private update(u: uPlot): void {
        const { lines, seen, yLog, clip, yRange, moving } = this.picture!;
        if (moving && this.layer?.covers(this.span(seen))) {
            u.setScale("x", { min: seen.start, max: seen.end });
            return;
        }
        this.layer = undefined;
        // While it moves the height stays, lest the lines jump under the hand.
        if (!moving) this.height = yRange ?? fitY(lines, seen, { log: yLog, clip });
        const [min, max] = this.height;
        u.batch(() => {
            u.setData(data(lines), false);
            u.setScale("y", { min, max });
            // Setting this one also draws all lines anew.
            u.setScale("x", { min: seen.start, max: seen.end });
        });
        this.paintLight();
    }

    /** The part of the axis that is seen, as the scale has it. */
    private span({ start, end }: Range): Span {
        return { from: this.inScale(start), to: this.inScale(end) };
    }

    private options(picture: Picture, size: { width: number; height: number }): uPlot.Options {
        const style = getComputedStyle(this.host);
        this.paper = style.getPropertyValue("--bg");
        const look: Look = {
            ink: style.getPropertyValue("--ink-soft"),
            line: style.getPropertyValue("--line"),
            font: `11px ${style.getPropertyValue("--font")}`,
        };
        const log = (on: boolean) => (on ? { distr: 3 as const, log: 10 as const } : {});
        return {
            ...size,
            mode: 2,
            legend: { show: false },
            padding: [8, 10, 0, 0],
            scales: {
                x: { time: false, auto: false, range: asIs, ...log(picture.xScale === "log") },
                y: { auto: false, range: asIs, ...log(picture.yLog) },
            },
            axes: [axisX(look, picture.xScale), axisY(look, picture.yLog)],
            series: [{}, ...picture.lines.map(l => this.series(l, picture.lines.length))],
            cursor: {
                points: { show: false },
                dataIdx: () => null,
                drag: { x: true, y: false, setScale: false, dist: 4 },
                sync: { key: this.syncKey, scales: ["x", null], setSeries: false },
                bind: { dblclick: () => () => null, mousedown: unshifted },
            },
            hooks: {
                drawAxes: [u => this.paintUnder(u)],
                draw: [u => this.paintOver(u)],
                setSelect: [u => this.zoomToSelection(u)],
                setCursor: [u => this.cursorMoved(u)],
            },
        };
    }

    private series(line: Line, of: number): uPlot.Series {
        return {
            auto: false,
            pxAlign: 0,
            facets: [{ scale: "x" }, { scale: "y" }],
            stroke: line.colour,
            width: of > manyLines ? 1 : 1.5,
            dash: of > manyLines ? [] : [...line.dash],
            paths: (u, i, from, to) => (this.isHeavy() ? null : linear(u, i, from, to)),
            points: { show: false },
        };
    }

    private paintUnder(u: uPlot): void {
        const { lines, seen } = this.picture!;
        const at = area(u);
        if (this.isHeavy()) {
            const span = this.span(seen);
            this.layer ??= Layer.of(lines, at, span, x => this.inScale(x));
            this.layer.draw(u.ctx, at, span);
        } else paintBehind(u.ctx, lines, at, { bands: lines.length <= mostBands, raw: true });
    }

    private paintOver(u: uPlot): void {
        if (!this.isHeavy()) paintMarks(u.ctx, this.picture!.lines, area(u));
    }

    private isHeavy(): boolean {
        const { lines, moving } = this.picture!;
        if (!moving) return false;
        const points = lines.reduce((n, l) => n + l.x.length, 0);
        return points > manyPoints;
    }

    /** A veil over the plain lines and the chosen one on top costs less than drawing all anew. */
    private paintLight(): void {
        const u = this.u;
        const ctx = this.light.getContext("2d");
        if (!u || !ctx) return;
        const { left, top, width, height } = u.bbox;
        const line = this.picture!.lines.find(l => l.id === this.lit);
        const some = line !== undefined && this.picture!.lines.length >= 2;
        if (some && (this.light.width !== width || this.light.height !== height)) {
            this.light.width = width;
            this.light.height = height;
        } else ctx.clearRect(0, 0, width, height);
        if (!some) return;
        ctx.fillStyle = this.paper;
        ctx.globalAlpha = 0.65;
        ctx.fillRect(0, 0, width, height);
        ctx.globalAlpha = 1;
        ctx.setTransform(1, 0, 0, 1, -left, -top);
        const path = new Path2D();
        trace(path, line.x, line.y, area(u));
        ctx.strokeStyle = line.colour;
        ctx.lineWidth = 2.5 * uPlot.pxRatio;
        ctx.setLineDash(line.dash.map(d => d * uPlot.pxRatio));
        ctx.stroke(path);
        paintMarks(ctx, [line], area(u));
        ctx.setTransform(1, 0, 0, 1, 0, 0);
    }

    private cursorMoved(u: uPlot): void {
        // Charts that only follow another one's cursor have no event of their own.
        if (!u.cursor.event) return;
        const { left = -1, top = -1 } = u.cursor;
        if (left < 0) this.wishes.onCursor(undefined);
        else this.wishes.onCursor({ x: u.posToVal(left, "x"), left, top });
    }

    private zoomToSelection(u: uPlot): void {
        const { left, width } = u.select;
        if (width < 4) return;
        const range = { start: u.posToVal(left, "x"), end: u.posToVal(left + width, "x") };
        u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        if (range.end > range.start) this.wishes.onRange(range, "done");
    }

    private listen(u: uPlot): void {
        u.over.addEventListener("dblclick", () => this.wishes.onReset());
        u.over.addEventListener("click", () => this.wishes.onPick());
        u.over.addEventListener("wheel", e => this.wheel(u, e), { passive: false });
        u.over.addEventListener("pointerdown", e => {
            if (e.shiftKey && e.button === 0) this.drag(u, e);
        });
    }

    private wheel(u: uPlot, event: WheelEvent): void {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const at = u.posToVal(u.cursor.left ?? 0, "x");
        const factor = 1.002 ** Math.max(-200, Math.min(200, event.deltaY));
        this.change(r => zoom(r, this.inScale(at), factor));
        // A wheel does not tell when it is let go.
        clearTimeout(this.rest);
        this.rest = setTimeout(() => this.settle(), restMs);
    }

    /** Shift and drag: what is under the pointer stays under it. */
    private drag(u: uPlot, down: PointerEvent): void {
        down.preventDefault();
        const from = this.picture!.seen;
        const perPixel =
            (this.inScale(from.end) - this.inScale(from.start)) / u.over.clientWidth;
        const over = u.over;
        over.setPointerCapture(down.pointerId);
        over.classList.add("panning");
        const move = (e: PointerEvent) => {
            const by = (down.clientX - e.clientX) * perPixel;
            this.moveTo(this.scaled(from, r => pan(r, by)));
        };
        const up = () => {
            over.removeEventListener("pointermove", move);
            over.classList.remove("panning");
            this.settle();
        };
        over.addEventListener("pointermove", move);
        over.addEventListener("pointerup", up, { once: true });
        over.addEventListener("pointercancel", up, { once: true });
    }

    /** Changes what is seen, on the scale of the axis. */
    change(how: (seen: Range) => Range): void {
        if (this.picture) this.moveTo(this.scaled(this.goal ?? this.picture.seen, how));
    }

    private moveTo(range: Range): void {
        this.goal = range;
        this.highlight(undefined);
        this.wishes.onRange(range, "moving");
    }

    private settle(): void {
        if (this.goal) this.wishes.onRange(this.goal, "settled");
        this.goal = undefined;
    }

    private get xLog(): boolean {
        return this.picture?.xScale === "log";
    }
    private inScale(x: number): number {
        return this.xLog ? Math.log10(x) : x;
    }
    private scaled(range: Range, change: (r: Range) => Range): Range {
        return this.xLog ? onLog(range, change) : change(range);
    }
}

/** What a uPlot cannot change after it was made. */
function shape({ lines, xScale, yLog }: Picture): string {
    return JSON.stringify([xScale, yLog, lines.map(l => [l.id, l.colour, l.dash])]);
}

const data = (lines: readonly Line[]) =>
    [null, ...lines.map(l => [l.x, l.y])] as unknown as uPlot.AlignedData;

const asIs: uPlot.Range.Function = (_, min, max) => [min, max];

const linear = uPlot.paths.linear!();

/** Shift is for panning: uPlot sees only what is pressed without it. */
const unshifted: uPlot.Cursor.MouseListenerFactory = (_u, _target, handler) => event => {
    if (!event.shiftKey) handler(event);
    return null;
};

function area(u: uPlot): Area {
    const { left, top, width, height } = u.bbox;
    return {
        left,
        top,
        width,
        height,
        toX: x => u.valToPos(x, "x", true),
        toY: y => u.valToPos(y, "y", true),
        ratio: uPlot.pxRatio,
    };
}
