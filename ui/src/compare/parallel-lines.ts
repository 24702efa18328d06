// Runs as lines across parallel axes. Thousands of lines take longer to stroke than a frame lasts: those
// that come are drawn over what is there, and where some have to go all are drawn anew, some in each
// frame, from everywhere in the list.

/** Lines stroked in one frame. */
const perFrame = 600;

/** Where the runs cross the axes, in pixels: x for each axis, and y for each run on it. */
export interface Crossings {
    readonly x: readonly number[];
    readonly y: readonly Float32Array[];
    readonly runs: number;
}

export interface LineLook {
    /** The number of each run's colour. */
    readonly colourOf: (run: number) => number;
    readonly colours: readonly string[];
    /** How opaque lines are, when so many are drawn. */
    readonly alpha: (count: number) => number;
}

export class LinePicture {
    /** The runs in the order in which they are drawn. */
    private readonly order: Uint32Array;
    private readonly drawn: Uint8Array;
    private wanted: Uint8Array;
    private alpha = 1;
    private next = 0;
    private frame = 0;

    constructor(
        private readonly ctx: CanvasRenderingContext2D,
        private readonly at: Crossings,
        private readonly look: LineLook,
    ) {
        this.order = scattered(at.runs);
        this.drawn = new Uint8Array(at.runs);
        this.wanted = this.drawn;
    }

    /** Draws the runs that have a 1 here and no others, at once or within the next frames. */
    show(wanted: Uint8Array): void {
        const alpha = this.look.alpha(wanted.reduce((n, one) => n + one, 0));
        const goes = this.drawn.some((one, run) => one === 1 && wanted[run] === 0);
        if (goes || alpha !== this.alpha) this.clear();
        this.wanted = wanted;
        this.alpha = alpha;
        this.next = 0;
        this.drawSome();
    }

    /** Leaves the picture as it is. */
    stop(): void {
        cancelAnimationFrame(this.frame);
    }

    private clear(): void {
        const { canvas } = this.ctx;
        this.ctx.save();
        this.ctx.resetTransform();
        this.ctx.clearRect(0, 0, canvas.width, canvas.height);
        this.ctx.restore();
        this.drawn.fill(0);
    }

    private drawSome(): void {
        this.stop();
        const piece: number[] = [];
        while (this.next < this.order.length && piece.length < perFrame) {
            const run = this.order[this.next++]!;
            if (this.wanted[run] === 1 && this.drawn[run] === 0) piece.push(run);
        }
        this.stroke(piece);
        if (this.next < this.order.length)
            this.frame = requestAnimationFrame(() => this.drawSome());
    }

    /** One stroke for each colour. */
    private stroke(runs: readonly number[]): void {
        const { colours, colourOf } = this.look;
        const paths = new Map<number, Path2D>();
        for (const run of runs) {
            const colour = colourOf(run);
            let path = paths.get(colour);
            if (!path) paths.set(colour, (path = new Path2D()));
            addLine(path, this.at, run);
            this.drawn[run] = 1;
        }
        this.ctx.globalAlpha = this.alpha;
        for (const [colour, path] of paths) {
            this.ctx.strokeStyle = colours[colour]!;
            this.ctx.stroke(path);
        }
    }
}

/** The line of a run, for a path that holds others too. */
export function addLine(path: Path2D, { x, y }: Crossings, run: number): void {
    for (let k = 0; k < x.length; k++)
        if (k === 0) path.moveTo(x[k]!, y[k]![run]!);
        else path.lineTo(x[k]!, y[k]![run]!);
}

/** All numbers below `count`, each next one far from the last. */
export function scattered(count: number): Uint32Array {
    // Steps of the golden ratio lie even wherever one stops, and meet every number if they have no
    // divisor in common with the count.
    let step = Math.max(1, Math.round(count * 0.618));
    while (greatestDivisor(step, count) > 1) step++;
    const order = new Uint32Array(count);
    for (let i = 0, at = 0; i < count; i++, at = (at + step) % count) order[i] = at;
    return order;
}

const greatestDivisor = (a: number, b: number): number =>
    b === 0 ? a : greatestDivisor(b, a % b);
