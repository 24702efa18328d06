// A value over two others as a surface: what runs have, and between them what the nearer ones suggest.
import { contours, type ContourMultiPolygon } from "d3-contour";
import { dark } from "~/lib/theme";
import { placeOn, type ParallelAxis } from "./axes";
import type { Size } from "./canvas";
import { shade } from "./colour-scale";
import { extent, place, valueAt } from "./frame";
import { along, margin } from "./scatter-frame";

/** Nodes of the grid on which the surface is found. */
const [columns, rows] = [72, 54];
const steps = 12;

export interface Surface {
    /** Areas above one value after another, in coordinates of the grid. */
    readonly levels: readonly ContourMultiPolygon[];
    /** The least and the greatest value of a run, which give the colours their meaning. */
    readonly ends: readonly [number, number];
}

interface Spot {
    x: number;
    y: number;
    sum: number;
    runs: number;
}

/** The surface of the values of runs; undefined with fewer than three that differ. */
export function surfaceOf(
    x: ParallelAxis,
    y: ParallelAxis,
    heights: Float64Array,
): Surface | undefined {
    const spots = spotsOf(x, y, heights);
    const ends = extent(heights);
    const means = extent(Float64Array.from(spots, s => s.sum / s.runs));
    if (!ends || !means || means[0] === means[1] || spots.length < 3) return undefined;
    const thresholds = Array.from({ length: steps }, (_, i) => valueAt(i / steps, means));
    const levels = contours().size([columns, rows]).thresholds(thresholds)(gridOf(spots));
    return { levels, ends };
}

/** Runs that share a node of the grid count as one. */
function spotsOf(x: ParallelAxis, y: ParallelAxis, heights: Float64Array): Spot[] {
    const found = new Map<number, Spot>();
    for (const [i, height] of heights.entries()) {
        const [px, py] = [placeOn(x, i), 1 - placeOn(y, i)];
        if (Number.isNaN(px + py + height)) continue;
        const at = Math.round(py * (rows - 1)) * columns + Math.round(px * (columns - 1));
        const spot = found.get(at) ?? { x: px, y: py, sum: 0, runs: 0 };
        spot.sum += height;
        spot.runs++;
        found.set(at, spot);
    }
    return [...found.values()];
}

/** Means of all spots, the nearer the heavier (Shepard's method). */
function gridOf(spots: readonly Spot[]): number[] {
    const grid = new Array<number>(columns * rows);
    for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++) {
            const [x, y] = [(c + 0.5) / columns, (r + 0.5) / rows];
            let sum = 0;
            let weights = 0;
            for (const spot of spots) {
                const away = (spot.x - x) ** 2 + (spot.y - y) ** 2 + 1e-4;
                const weight = 1 / away ** 2;
                sum += weight * spot.sum;
                weights += weight * spot.runs;
            }
            grid[r * columns + c] = sum / weights;
        }
    return grid;
}

export function drawSurface(
    ctx: CanvasRenderingContext2D,
    { levels, ends }: Surface,
    { width, height }: Size,
): void {
    const x = (c: number) => along(c / columns, margin.left, width - margin.right);
    const y = (r: number) => along(r / rows, margin.top, height - margin.bottom);
    ctx.strokeStyle = "rgb(255 255 255 / 0.35)";
    ctx.lineWidth = 1;
    for (const level of levels) {
        ctx.beginPath();
        for (const ring of level.coordinates.flat()) {
            for (const [k, [c, r]] of ring.entries())
                if (k === 0) ctx.moveTo(x(c!), y(r!));
                else ctx.lineTo(x(c!), y(r!));
            ctx.closePath();
        }
        ctx.fillStyle = shade(place(level.value, ends), dark.peek());
        ctx.fill("evenodd");
        ctx.stroke();
    }
}
