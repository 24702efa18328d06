// Figures of a box plot: how values spread in each group.

export interface Box {
    group: string;
    count: number;
    min: number;
    q1: number;
    median: number;
    q3: number;
    max: number;
    /** The outermost values within one and a half boxes of the box. */
    low: number;
    high: number;
    outliers: number[];
}

/** The value below which a share of sorted values lies, between two of them on the straight. */
export function quantile(sorted: readonly number[], share: number): number {
    const at = share * (sorted.length - 1);
    const below = Math.floor(at);
    const [a, b] = [sorted[below]!, sorted[Math.min(below + 1, sorted.length - 1)]!];
    return a + (b - a) * (at - below);
}

export function box(group: string, values: readonly number[]): Box {
    const sorted = [...values].sort((a, b) => a - b);
    const [q1, median, q3] = [0.25, 0.5, 0.75].map(s => quantile(sorted, s)) as [
        number,
        number,
        number,
    ];
    const reach = 1.5 * (q3 - q1);
    const within = sorted.filter(v => v >= q1 - reach && v <= q3 + reach);
    return {
        group,
        count: sorted.length,
        min: sorted[0]!,
        q1,
        median,
        q3,
        max: sorted.at(-1)!,
        low: within[0] ?? q1,
        high: within.at(-1) ?? q3,
        outliers: sorted.filter(v => v < q1 - reach || v > q3 + reach),
    };
}

/** A box for each group that has values, in the order of `groups`. */
export function boxes(
    groups: readonly string[],
    groupOf: readonly (string | null)[],
    values: Float64Array,
): Box[] {
    const members = new Map<string, number[]>(groups.map(g => [g, []]));
    for (const [i, v] of values.entries()) {
        const group = groupOf[i];
        if (group != null && !Number.isNaN(v)) members.get(group)?.push(v);
    }
    return groups.flatMap(g => (members.get(g)!.length > 0 ? [box(g, members.get(g)!)] : []));
}
