// The difference of two texts, line by line (Myers' algorithm).

export interface Edit {
    kind: "same" | "gone" | "new";
    line: string;
}

/** More edits than this are not searched for; the rest then counts as replaced. */
const mostEdits = 500;

export function textDiff(before: string, after: string): Edit[] {
    const [a, b] = [before.split("\n"), after.split("\n")];
    let start = 0;
    while (start < a.length && start < b.length && a[start] === b[start]) start++;
    let end = 0;
    while (
        end < a.length - start &&
        end < b.length - start &&
        a[a.length - 1 - end] === b[b.length - 1 - end]
    )
        end++;
    const same = (line: string): Edit => ({ kind: "same", line });
    return [
        ...a.slice(0, start).map(same),
        ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)),
        ...a.slice(a.length - end).map(same),
    ];
}

function middle(a: readonly string[], b: readonly string[]): Edit[] {
    const trail = search(a, b);
    if (!trail)
        return [
            ...a.map((line): Edit => ({ kind: "gone", line })),
            ...b.map((line): Edit => ({ kind: "new", line })),
        ];
    return walkBack(a, b, trail);
}

/** For each number of edits how far each diagonal gets; undefined if there are too many. */
function search(a: readonly string[], b: readonly string[]): Map<number, number>[] | undefined {
    const reach = new Map<number, number>([[1, 0]]);
    const trail: Map<number, number>[] = [];
    for (let d = 0; d <= Math.min(mostEdits, a.length + b.length); d++) {
        trail.push(new Map(reach));
        for (let k = -d; k <= d; k += 2) {
            let x = down(reach, k, d) ? reach.get(k + 1)! : reach.get(k - 1)! + 1;
            while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
            reach.set(k, x);
            if (x >= a.length && x - k >= b.length) return trail;
        }
    }
    return undefined;
}

/** Whether the best way to a diagonal is by taking in a line of the new text. */
const down = (reach: Map<number, number>, k: number, d: number) =>
    k === -d || (k !== d && (reach.get(k - 1) ?? -1) < (reach.get(k + 1) ?? -1));

function walkBack(
    a: readonly string[],
    b: readonly string[],
    trail: readonly Map<number, number>[],
): Edit[] {
    const edits: Edit[] = [];
    let [x, y] = [a.length, b.length];
    for (let d = trail.length - 1; d >= 0; d--) {
        const reach = trail[d]!;
        const k = x - y;
        const before = down(reach, k, d) ? k + 1 : k - 1;
        const fromX = reach.get(before) ?? 0;
        const fromY = fromX - before;
        while (x > fromX && y > fromY && x > 0 && y > 0) {
            edits.push({ kind: "same", line: a[--x]! });
            y--;
        }
        if (d === 0) break;
        if (x === fromX) edits.push({ kind: "new", line: b[--y]! });
        else edits.push({ kind: "gone", line: a[--x]! });
    }
    return edits.reverse();
}

/** Same lines far from any change are left out: `null` stands for some of them. */
export function folded(edits: readonly Edit[], around = 3): (Edit | null)[] {
    const near = edits.map((_, i) =>
        edits.slice(Math.max(0, i - around), i + around + 1).some(e => e.kind !== "same"),
    );
    return edits.flatMap((edit, i) => (near[i] ? [edit] : i > 0 && !near[i - 1] ? [] : [null]));
}
