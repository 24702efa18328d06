// The lines of a chart as a picture, wider than what is seen. Many lines take longer to stroke than a
// frame lasts; while such a chart moves, this picture is moved instead.
import type { Line } from "./lines";
import { paintLines, paintMarks, paintSpikes, type Area } from "./paint";

/** How much of what is seen the picture holds beyond each of its ends. */
const beyond = 0.5;
/** A picture that was stretched further than this is made anew. */
const stretch = 2;

/** Ends of the horizontal axis, as logarithms if it is logarithmic. */
export interface Span {
    from: number;
    to: number;
}

export class Layer {
    private constructor(
        private readonly canvas: HTMLCanvasElement,
        private readonly span: Span,
        private readonly seen: Span,
    ) {}

    /** `area` is that of the chart as it stands; `toScale` takes an x to the axis of `seen`. */
    static of(
        lines: readonly Line[],
        area: Area,
        seen: Span,
        toScale: (x: number) => number,
    ): Layer {
        const room = (seen.to - seen.from) * beyond;
        const span = { from: seen.from - room, to: seen.to + room };
        const canvas = document.createElement("canvas");
        canvas.width = Math.round(area.width * (1 + 2 * beyond));
        canvas.height = Math.round(area.height);
        const perUnit = canvas.width / (span.to - span.from);
        const wide: Area = {
            left: 0,
            top: 0,
            width: canvas.width,
            height: canvas.height,
            ratio: area.ratio,
            toX: x => (toScale(x) - span.from) * perUnit,
            toY: y => area.toY(y) - area.top,
        };
        const ctx = canvas.getContext("2d")!;
        paintSpikes(ctx, lines, wide);
        paintLines(ctx, lines, wide);
        paintMarks(ctx, lines, wide);
        return new Layer(canvas, span, seen);
    }

    /** Whether it can stand for what is seen. */
    covers({ from, to }: Span): boolean {
        const longer = (to - from) / (this.seen.to - this.seen.from);
        return (
            from >= this.span.from &&
            to <= this.span.to &&
            longer <= stretch &&
            longer >= 1 / stretch
        );
    }

    draw(ctx: CanvasRenderingContext2D, area: Area, { from, to }: Span): void {
        const perUnit = this.canvas.width / (this.span.to - this.span.from);
        ctx.drawImage(
            this.canvas,
            (from - this.span.from) * perUnit,
            0,
            (to - from) * perUnit,
            this.canvas.height,
            area.left,
            area.top,
            area.width,
            area.height,
        );
    }
}
