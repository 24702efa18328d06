// A chart as tables: what each run did in short, and every point.
import { useState } from "preact/hooks";
import { metricText } from "~/lib/format";
import { Button } from "~/parts/parts";
import { nearestIndex } from "./readout";
import type { Line } from "./lines";
import { xText, type Scale } from "./ticks";

interface ValuesProps {
    title: string;
    lines: readonly Line[];
    xLabel: string;
    xScale: Scale;
}

/** Rows on one page. */
const pageSize = 100;

export function Values({ title, lines, xLabel, xScale }: ValuesProps) {
    const [points, setPoints] = useState(false);
    return (
        <div class="values" tabIndex={0} role="region" aria-label={`${title} as a table`}>
            <Button
                label={points ? "Show a summary" : "Show every point"}
                onClick={() => setPoints(!points)}
            />
            {points ? (
                <Points lines={lines} xLabel={xLabel} xScale={xScale} />
            ) : (
                <Summary lines={lines} xScale={xScale} />
            )}
        </div>
    );
}

function Summary({ lines, xScale }: { lines: readonly Line[]; xScale: Scale }) {
    return (
        <table>
            <thead>
                <tr>
                    {["Run", "First", "Last", "Least", "Greatest", "Points", "Not finite"].map(
                        name => (
                            <th key={name} scope="col">
                                {name}
                            </th>
                        ),
                    )}
                </tr>
            </thead>
            <tbody>
                {lines.map(line => {
                    const s = summary(line);
                    const place = (x: number) => <small> at {xText(x, xScale)}</small>;
                    return (
                        <tr key={line.id}>
                            <th scope="row">{line.name}</th>
                            <td>{metricText(s?.first)}</td>
                            <td>{metricText(s?.last)}</td>
                            <td>
                                {metricText(s?.least.value)}
                                {s && place(s.least.x)}
                            </td>
                            <td>
                                {metricText(s?.greatest.value)}
                                {s && place(s.greatest.x)}
                            </td>
                            <td>{line.points}</td>
                            <td>{line.nan.length + line.inf.length + line.negInf.length}</td>
                        </tr>
                    );
                })}
            </tbody>
        </table>
    );
}

interface Extreme {
    x: number;
    value: number;
}

/** Extremes are of all points, not only of those that are drawn; undefined if there is none. */
export function summary(
    line: Line,
): { first: number; last: number; least: Extreme; greatest: Extreme } | undefined {
    const values = line.raw ?? line.y;
    const some = [...values.keys()].filter(i => values[i] != null);
    if (some.length === 0) return undefined;
    const best = (
        of: readonly (number | null)[],
        better: (a: number, b: number) => boolean,
    ) => {
        let at = some[0]!;
        for (const i of some) if (better(of[i]!, of[at]!)) at = i;
        return { x: line.x[at]!, value: of[at]! };
    };
    return {
        first: values[some[0]!]!,
        last: values[some.at(-1)!]!,
        least: best(line.low ?? values, (a, b) => a < b),
        greatest: best(line.high ?? values, (a, b) => a > b),
    };
}

function Points({
    lines,
    xLabel,
    xScale,
}: {
    lines: readonly Line[];
    xLabel: string;
    xScale: Scale;
}) {
    const [page, setPage] = useState(0);
    const all = [...new Set(lines.flatMap(l => l.x))].sort((a, b) => a - b);
    const pages = Math.max(1, Math.ceil(all.length / pageSize));
    const rows = all.slice(page * pageSize, (page + 1) * pageSize);
    return (
        <>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{xLabel}</th>
                        {lines.map(line => (
                            <th key={line.id} scope="col">
                                {line.name}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {rows.map(x => (
                        <tr key={x}>
                            <th scope="row">{xText(x, xScale)}</th>
                            {lines.map(line => (
                                <td key={line.id}>{exactly(line, x)}</td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
            {pages > 1 && (
                <p class="pager">
                    <Button
                        label="Previous"
                        disabled={page === 0}
                        onClick={() => setPage(page - 1)}
                    />
                    Page {page + 1} of {pages}
                    <Button
                        label="Next"
                        disabled={page + 1 >= pages}
                        onClick={() => setPage(page + 1)}
                    />
                </p>
            )}
        </>
    );
}

function exactly(line: Line, x: number): string {
    if (line.nan.includes(x)) return "NaN";
    if (line.inf.includes(x)) return "∞";
    if (line.negInf.includes(x)) return "-∞";
    const i = nearestIndex(line, x);
    return i >= 0 && line.x[i] === x ? metricText(line.y[i]) : "";
}
