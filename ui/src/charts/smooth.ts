// Smoothing of lines. Gaps (null) stay gaps; what comes in is left as it is.

export type Values = readonly (number | null)[];

/** How lines are smoothed. `amount` is a weight from 0 (not at all) to below 1, or the points of a
 *  window. */
export interface Smoothing {
    readonly kind: "none" | "time" | "steps" | "window";
    readonly amount: number;
}

export const unsmoothed: Smoothing = { kind: "none", amount: 0 };

/** Of each kind: what people call it, where its slider begins and ends, and what it begins with. */
export const smoothings = {
    none: { label: "No smoothing", min: 0, max: 0, step: 1, first: 0 },
    time: { label: "Average over the axis (EMA)", min: 0, max: 0.999, step: 0.001, first: 0.9 },
    steps: { label: "Average over points (EMA)", min: 0, max: 0.999, step: 0.001, first: 0.6 },
    window: { label: "Mean of a window", min: 3, max: 201, step: 2, first: 11 },
} as const;

/** In the address: "time:0.9". */
export const smoothingCodec = {
    parse(text: string): Smoothing | undefined {
        const [kind, amount] = text.split(":");
        if (kind === "none") return unsmoothed;
        if (kind !== "time" && kind !== "steps" && kind !== "window") return undefined;
        const { min, max } = smoothings[kind];
        const n = Number(amount);
        return n >= min && n <= max ? { kind, amount: n } : undefined;
    },
    format: (s: Smoothing) => (s.kind === "none" ? "none" : `${s.kind}:${s.amount}`),
};

/** How many pieces the whole axis is cut into for weights over the axis. */
const axisPieces = 500;

/** `span` is the length of the whole axis, so that zooming does not change how smooth a line is. */
export function smooth(x: readonly number[], y: Values, how: Smoothing, span: number): Values {
    if (how.kind === "none" || how.amount === 0) return y;
    if (how.kind === "window") return windowMean(y, how.amount);
    if (how.kind === "steps") return decay(y, () => how.amount);
    const piece = span / axisPieces;
    if (!(piece > 0)) return y;
    return decay(y, (i, before) => how.amount ** (Math.abs(x[i]! - x[before]!) / piece));
}

/** An exponential average whose past fades by a weight at each point. Dividing by the sum of the
 *  weights takes away the pull towards zero at the beginning. */
function decay(y: Values, weight: (i: number, before: number) => number): Values {
    let sum = 0;
    let weights = 0;
    let before = -1;
    return y.map((v, i) => {
        if (v === null) return null;
        const keep = before < 0 ? 0 : weight(i, before);
        before = i;
        sum = sum * keep + v;
        weights = weights * keep + 1;
        return sum / weights;
    });
}

/** The mean of as many points around each as there are, `size` at most. */
function windowMean(y: Values, size: number): Values {
    const half = Math.floor(size / 2);
    const places = y.flatMap((v, i) => (v === null ? [] : [i]));
    const out: (number | null)[] = y.map(() => null);
    for (const [n, i] of places.entries()) {
        // Narrower towards both ends, so that no end is pulled to one side.
        const reach = Math.min(half, n, places.length - 1 - n);
        let sum = 0;
        for (let k = n - reach; k <= n + reach; k++) sum += y[places[k]!]!;
        out[i] = sum / (2 * reach + 1);
    }
    return out;
}
