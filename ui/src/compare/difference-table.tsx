// Params, metrics and tags of runs beside each other.
import { useMemo, useState } from "preact/hooks";
import { baseline, chooseBaseline } from "~/lib/baseline";
import { delta, numeric, type Cell } from "~/lib/delta";
import { metricText } from "~/lib/format";
import { href } from "~/lib/router";
import type { Run } from "~/lib/types";
import { DeltaText } from "~/parts/delta";
import { Dialog } from "~/parts/dialog";
import { Button, Empty } from "~/parts/parts";
import { differences, heat, type Row } from "./difference";
import { allRows, transposed } from "./state";
import { TextDifference } from "./text-difference";

const headings = {
    attributes: "The run",
    params: "Params",
    metrics: "Metrics",
    tags: "Tags",
} as const;

/** Texts longer than this are compared in a window of their own. */
const longText = 60;

interface Texts {
    key: string;
    before: { name: string; text: string };
    after: { name: string; text: string };
}

export function DifferenceTable({ runs }: { runs: readonly Run[] }) {
    const [texts, setTexts] = useState<Texts>();
    const all = useMemo(() => differences(runs), [runs]);
    const rows = allRows.value ? all : all.filter(r => r.differs);
    const choose = (id: string) => {
        for (const experiment of new Set(runs.map(r => r.info.experiment_id)))
            chooseBaseline(experiment, id);
    };
    const base = runs.findIndex(r => r.info.run_id === baseline.value);
    const cell = (row: Row, run: number, warmth: number | undefined) => (
        <ValueCell
            key={runs[run]!.info.run_id + row.key}
            row={row}
            value={row.values[run]!}
            base={base >= 0 && base !== run ? row.values[base]! : undefined}
            warmth={warmth}
            onTexts={() => setTexts(asTexts(row, runs, run, base))}
        />
    );
    return (
        <div class="differences">
            <div class="chart-bar">
                <label class="choice">
                    <span>Baseline</span>
                    <select
                        class="field"
                        value={baseline.value}
                        onChange={e => choose(e.currentTarget.value)}
                    >
                        <option value="">None</option>
                        {runs.map(r => (
                            <option key={r.info.run_id} value={r.info.run_id}>
                                {r.info.run_name}
                            </option>
                        ))}
                    </select>
                </label>
                <Button
                    label="Only what differs"
                    pressed={!allRows.value}
                    onClick={() => allRows.set(!allRows.value)}
                />
                <Button
                    label="Runs as rows"
                    pressed={transposed.value}
                    onClick={() => transposed.set(!transposed.value)}
                />
                <span class="hint">
                    {all.filter(r => r.differs).length} of {all.length} values differ
                </span>
            </div>
            {rows.length === 0 ? (
                <Empty title="Nothing differs">
                    All params, metrics and tags are the same in these runs.
                </Empty>
            ) : (
                <div class="scroll" tabIndex={0} role="region" aria-label="Values of the runs">
                    {transposed.value ? (
                        <Turned rows={rows} runs={runs} base={base} cell={cell} />
                    ) : (
                        <Beside rows={rows} runs={runs} base={base} cell={cell} />
                    )}
                </div>
            )}
            {texts && (
                <Dialog title={texts.key} wide onClose={() => setTexts(undefined)}>
                    <TextDifference before={texts.before} after={texts.after} />
                </Dialog>
            )}
        </div>
    );
}

interface TableProps {
    rows: readonly Row[];
    runs: readonly Run[];
    base: number;
    cell: (row: Row, run: number, warmth: number | undefined) => preact.JSX.Element;
}

function RunName({ run, isBase }: { run: Run; isBase: boolean }) {
    return (
        <>
            <a href={href(`/runs/${run.info.run_id}`)} title={run.info.run_name}>
                {run.info.run_name || run.info.run_id}
            </a>
            {isBase && <small> baseline</small>}
        </>
    );
}

const warmthOf = (row: Row) =>
    row.kind === "metrics" ? heat(row.values) : row.values.map(() => undefined);

/** Keys below each other, runs beside each other. */
function Beside({ rows, runs, base, cell }: TableProps) {
    const kinds = [...new Set(rows.map(r => r.kind))];
    return (
        <table>
            <thead>
                <tr>
                    <th scope="col">Key</th>
                    {runs.map((run, i) => (
                        <th key={run.info.run_id} scope="col">
                            <RunName run={run} isBase={i === base} />
                        </th>
                    ))}
                </tr>
            </thead>
            {kinds.map(kind => (
                <tbody key={kind}>
                    <tr class="heading">
                        <th scope="rowgroup" colSpan={runs.length + 1}>
                            {headings[kind]}
                        </th>
                    </tr>
                    {rows
                        .filter(r => r.kind === kind)
                        .map(row => {
                            const warmth = warmthOf(row);
                            return (
                                <tr key={row.key} class={row.differs ? undefined : "same"}>
                                    <th scope="row" title={row.key}>
                                        {row.key}
                                    </th>
                                    {runs.map((_, i) => cell(row, i, warmth[i]))}
                                </tr>
                            );
                        })}
                </tbody>
            ))}
        </table>
    );
}

/** Runs below each other, keys beside each other. */
function Turned({ rows, runs, base, cell }: TableProps) {
    const warmth = rows.map(warmthOf);
    return (
        <table>
            <thead>
                <tr>
                    <th scope="col">Run</th>
                    {rows.map(row => (
                        <th key={row.kind + row.key} scope="col" title={headings[row.kind]}>
                            {row.key}
                        </th>
                    ))}
                </tr>
            </thead>
            <tbody>
                {runs.map((run, i) => (
                    <tr key={run.info.run_id}>
                        <th scope="row">
                            <RunName run={run} isBase={i === base} />
                        </th>
                        {rows.map((row, k) => cell(row, i, warmth[k]![i]))}
                    </tr>
                ))}
            </tbody>
        </table>
    );
}

function ValueCell({
    row,
    value,
    base,
    warmth,
    onTexts,
}: {
    row: Row;
    value: Cell;
    base: Cell | undefined;
    warmth: number | undefined;
    onTexts: () => void;
}) {
    const text = cellText(row, value);
    const by = base === undefined ? undefined : delta(value, base);
    const isLong = text.length > longText || text.includes("\n");
    const kind = numeric(value) === undefined ? "text" : "number";
    return (
        <td
            class={warmth === undefined ? kind : `${kind} warm`}
            style={
                warmth === undefined
                    ? undefined
                    : { "--warmth": `${Math.round(warmth * 100)}%` }
            }
        >
            {value === null ? (
                <span class="none" aria-label="none">
                    –
                </span>
            ) : isLong ? (
                <button type="button" class="link" onClick={onTexts} title="Compare the texts">
                    {text.slice(0, longText)}…
                </button>
            ) : (
                text
            )}
            {by && by.by !== 0 && (
                <DeltaText metric={row.kind === "metrics" ? row.key : undefined} delta={by} />
            )}
        </td>
    );
}

function cellText(row: Row, value: Cell): string {
    if (typeof value === "number") return metricText(value);
    return row.kind === "metrics" ? (value ?? "").replace("Infinity", "∞") : (value ?? "");
}

/** A long value beside that of the baseline, or of the run before. */
function asTexts(row: Row, runs: readonly Run[], run: number, base: number): Texts {
    const other =
        base >= 0 && base !== run ? base : run > 0 ? run - 1 : Math.min(1, runs.length - 1);
    const side = (i: number) => ({
        name: runs[i]!.info.run_name,
        text: String(row.values[i] ?? ""),
    });
    return { key: row.key, before: side(other), after: side(run) };
}
