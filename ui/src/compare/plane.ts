// Geometry of scatter plots: the lasso, the trend, the nearest point.

export interface Point {
    x: number;
    y: number;
}

/** Whether a point lies in a polygon, by how often a ray to the right crosses its edges. */
export function inside({ x, y }: Point, polygon: readonly Point[]): boolean {
    let within = false;
    for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
        const [a, b] = [polygon[i]!, polygon[j]!];
        if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x)
            within = !within;
    }
    return within;
}

export interface Trend {
    slope: number;
    intercept: number;
    /** Pearson's correlation, squared: how much of the variance the line explains. */
    r2: number;
}

/** The line of least squares; undefined with fewer than three points or without any spread. */
export function trend(points: readonly Point[]): Trend | undefined {
    const n = points.length;
    if (n < 3) return undefined;
    const mx = points.reduce((s, p) => s + p.x / n, 0);
    const my = points.reduce((s, p) => s + p.y / n, 0);
    let [sxx, sxy, syy] = [0, 0, 0];
    for (const { x, y } of points) {
        sxx += (x - mx) ** 2;
        sxy += (x - mx) * (y - my);
        syy += (y - my) ** 2;
    }
    if (!(sxx > 0)) return undefined;
    const slope = sxy / sxx;
    const r2 = syy > 0 ? (sxy * sxy) / (sxx * syy) : 1;
    return { slope, intercept: my - slope * mx, r2 };
}

/** Index of the point nearest to another one within `reach`; -1 if there is none. */
export function nearestPoint(
    points: readonly (Point | undefined)[],
    at: Point,
    reach: number,
): number {
    let best = -1;
    let least = reach * reach;
    for (const [i, p] of points.entries()) {
        if (!p) continue;
        const away = (p.x - at.x) ** 2 + (p.y - at.y) ** 2;
        if (away <= least) [best, least] = [i, away];
    }
    return best;
}

/** Spearman's rank correlation of the pairs in which both are numbers; undefined if they are fewer
 *  than three or one side never changes. */
export function spearman(a: Float64Array, b: Float64Array): number | undefined {
    const both = [...a.keys()].filter(i => !Number.isNaN(a[i]!) && !Number.isNaN(b[i]!));
    if (both.length < 3) return undefined;
    const [x, y] = [ranks(both.map(i => a[i]!)), ranks(both.map(i => b[i]!))];
    const points = x.map((rank, i) => ({ x: rank, y: y[i]! }));
    const line = trend(points);
    const flat = y.every(v => v === y[0]);
    return line && !flat ? Math.sign(line.slope) * Math.sqrt(line.r2) : undefined;
}

/** Equal values share the mean of their ranks. */
function ranks(values: readonly number[]): number[] {
    const order = [...values.keys()].sort((i, j) => values[i]! - values[j]!);
    const out = new Array<number>(values.length);
    for (let from = 0; from < order.length;) {
        let to = from;
        while (to + 1 < order.length && values[order[to + 1]!] === values[order[from]!]) to++;
        for (let k = from; k <= to; k++) out[order[k]!] = (from + to) / 2;
        from = to + 1;
    }
    return out;
}
