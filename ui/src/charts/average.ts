// One line for a group of runs: their mean, with the least and the greatest of them around it.
import type { Line, LineStyle } from "./lines";

/** Most places at which means are taken. */
const most = 1000;

export function average(lines: readonly Line[], style: LineStyle): Line {
    const x = places(lines);
    const columns = lines.map(line => along(line, x));
    const y: (number | null)[] = [];
    const low: (number | null)[] = [];
    const high: (number | null)[] = [];
    for (let i = 0; i < x.length; i++) {
        const values = columns.flatMap(c => c[i] ?? []);
        const some = values.length > 0;
        y.push(some ? values.reduce((a, b) => a + b / values.length, 0) : null);
        low.push(some ? Math.min(...values) : null);
        high.push(some ? Math.max(...values) : null);
    }
    const odd = (of: (l: Line) => readonly number[]) => [...new Set(lines.flatMap(of))];
    return {
        ...style,
        x,
        y,
        low,
        high,
        nan: odd(l => l.nan),
        inf: odd(l => l.inf),
        negInf: odd(l => l.negInf),
        points: lines.reduce((n, l) => n + l.points, 0),
    };
}

/** Where the lines have points; evenly spread places if those are too many. */
function places(lines: readonly Line[]): number[] {
    const all = [...new Set(lines.flatMap(l => l.x))].sort((a, b) => a - b);
    if (all.length <= most) return all;
    const first = all[0]!;
    const step = (all.at(-1)! - first) / (most - 1);
    return Array.from({ length: most }, (_, i) => first + i * step);
}

/** The line's values at places in order, between its points on the straight; null beyond its ends
 *  and in its gaps. */
export function along(line: Line, at: readonly number[]): (number | null)[] {
    const { x, y } = line;
    let i = 0;
    return at.map(place => {
        while (i + 1 < x.length && x[i + 1]! <= place) i++;
        const [x0, y0] = [x[i], y[i]];
        if (x0 === undefined || y0 == null || place < x0) return null;
        if (place === x0) return y0;
        const [x1, y1] = [x[i + 1], y[i + 1]];
        if (x1 === undefined || y1 == null) return null;
        return y0 + ((y1 - y0) * (place - x0)) / (x1 - x0);
    });
}
