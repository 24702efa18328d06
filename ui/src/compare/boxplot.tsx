// A box plot: how a metric spreads in the groups of a param. The figures stand beside the boxes.
import { useMemo } from "preact/hooks";
import { ticks } from "~/charts/ticks";
import { metricText } from "~/lib/format";
import type { ColumnId } from "~/lib/runs";
import { Empty } from "~/parts/parts";
import { boxes, type Box } from "./boxes";
import { categories, fieldLabel, place, type Frame } from "./frame";

/** Most groups that are drawn. */
const mostGroups = 60;
const width = 480;
const rowHeight = 26;

export interface BoxPlotProps {
    frame: Frame;
    group: ColumnId;
    value: ColumnId;
}

export function BoxPlot({ frame, group, value }: BoxPlotProps) {
    const made = useMemo(() => boxesOf(frame, group, value), [frame, group, value]);
    if (made.length === 0)
        return (
            <Empty title="There is nothing to draw">
                No run has both {fieldLabel(group)} and {fieldLabel(value)}.
            </Empty>
        );
    const ends = [
        Math.min(...made.map(b => b.min)),
        Math.max(...made.map(b => b.max)),
    ] as const;
    return (
        <div class="boxes" tabIndex={0} role="region" aria-label="Box plot">
            <table>
                <thead>
                    <tr>
                        <th scope="col">{fieldLabel(group)}</th>
                        <th scope="col">
                            <Scale ends={ends} label={fieldLabel(value)} />
                        </th>
                        {["Runs", "Least", "25 %", "Median", "75 %", "Greatest"].map(name => (
                            <th key={name} scope="col" class="number">
                                {name}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody>
                    {made.slice(0, mostGroups).map(b => (
                        <tr key={b.group}>
                            <th scope="row" title={b.group}>
                                {b.group}
                            </th>
                            <td class="box">
                                <Drawn box={b} ends={ends} />
                            </td>
                            <td class="number">{b.count}</td>
                            {[b.min, b.q1, b.median, b.q3, b.max].map((v, i) => (
                                <td key={i} class="number">
                                    {metricText(v)}
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
            {made.length > mostGroups && (
                <p class="hint">{made.length - mostGroups} groups more are not shown.</p>
            )}
        </div>
    );
}

function boxesOf(frame: Frame, group: ColumnId, value: ColumnId): Box[] {
    const groups = frame.columns.get(group);
    const values = frame.columns.get(value);
    if (!groups || values?.kind !== "number") return [];
    return boxes(categories(groups.texts), groups.texts, values.numbers);
}

type Ends = readonly [number, number];
const pad = 8;
const at = (v: number, ends: Ends) => pad + place(v, ends) * (width - 2 * pad);

function Scale({ ends, label }: { ends: Ends; label: string }) {
    const { at: values, labels } = ticks(ends[0], ends[1], 6, "number");
    return (
        <>
            {label}
            <svg class="scale" viewBox={`0 0 ${width} 16`} aria-hidden="true">
                {values.map((v, i) => (
                    <text key={v} x={at(v, ends)} y="12" text-anchor="middle">
                        {labels[i]}
                    </text>
                ))}
            </svg>
        </>
    );
}

function Drawn({ box, ends }: { box: Box; ends: Ends }) {
    const x = (v: number) => at(v, ends);
    const middle = rowHeight / 2;
    return (
        <svg viewBox={`0 0 ${width} ${rowHeight}`} aria-hidden="true">
            <path
                class="whisker"
                d={
                    `M${x(box.low)} ${middle}H${x(box.q1)}M${x(box.q3)} ${middle}H${x(box.high)}` +
                    `M${x(box.low)} ${middle - 4}v8M${x(box.high)} ${middle - 4}v8`
                }
            />
            <rect
                x={x(box.q1)}
                y={middle - 8}
                width={Math.max(1, x(box.q3) - x(box.q1))}
                height={16}
            />
            <path class="median" d={`M${x(box.median)} ${middle - 8}v16`} />
            {box.outliers.slice(0, 200).map((v, i) => (
                <circle key={i} cx={x(v)} cy={middle} r="2" />
            ))}
        </svg>
    );
}
