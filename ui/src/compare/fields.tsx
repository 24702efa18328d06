// Which fields runs can be compared by, and how one is chosen.
import { columnOf, type ColumnId } from "~/lib/runs";
import type { Columns } from "~/lib/runs-data";
import type { Run } from "~/lib/types";
import { fieldLabel } from "./frame";

/** What is known of a field before its values are. */
export interface Field {
    id: ColumnId;
    numeric: boolean;
    differs: boolean;
    /** Different values; Infinity if they are many. */
    distinct: number;
    min?: number | undefined;
    max?: number | undefined;
}

/** Tags of the clients are no way to compare runs. */
const foreign = (key: string) => key.startsWith("mlflow.");

const attributes: Field[] = [
    { id: "start_time", numeric: true, differs: true, distinct: Infinity },
    { id: "duration", numeric: true, differs: true, distinct: Infinity },
    { id: "status", numeric: false, differs: true, distinct: 5 },
    { id: "user_id", numeric: false, differs: true, distinct: Infinity },
];

export function fieldsOf(columns: Columns): Field[] {
    const of = (kind: string, all: Columns["params"], numeric?: boolean) =>
        all
            .filter(c => !foreign(c.key))
            .map(c => ({
                id: `${kind}.${c.key}`,
                numeric: numeric ?? c.numeric === true,
                differs: c.differs,
                distinct: c.more ? Infinity : c.distinct,
                min: c.min,
                max: c.max,
            }));
    return [
        ...of("params", columns.params),
        ...of("metrics", columns.metrics, true),
        ...of("tags", columns.tags),
        ...attributes,
    ];
}

/** The same for a few runs that are at hand. */
export function fieldsOfRuns(runs: readonly Run[]): Field[] {
    const found = new Map<ColumnId, Set<string | number>>();
    const have = new Map<ColumnId, number>();
    const note = (id: ColumnId, value: string | number) => {
        found.set(id, (found.get(id) ?? new Set()).add(value));
        have.set(id, (have.get(id) ?? 0) + 1);
    };
    for (const { data } of runs) {
        for (const p of data.params ?? []) note(`params.${p.key}`, p.value);
        for (const m of data.metrics ?? []) note(`metrics.${m.key}`, m.value);
        for (const t of data.tags ?? []) if (!foreign(t.key)) note(`tags.${t.key}`, t.value);
    }
    const fields = [...found].map(([id, values]): Field => {
        const numbers = [...values].map(Number);
        return {
            id,
            numeric: id.startsWith("metrics.") || numbers.every(Number.isFinite),
            differs: values.size > 1 || have.get(id)! < runs.length,
            distinct: values.size,
            min: Math.min(...numbers),
            max: Math.max(...numbers),
        };
    });
    return [...fields.sort((a, b) => rank(a) - rank(b)), ...attributes];
}

const order = ["params", "metrics", "tags"];
const rank = (f: Field) => order.indexOf(columnOf(f.id).kind);

/** Metrics that people look at first. */
const telling = /loss|acc|score|auc|f1|error|reward|perplexity/i;

/** Fields that tell runs apart best: what differs and is no mere number of the run, params first. */
export function defaultAxes(fields: readonly Field[], params = 6, metrics = 2): ColumnId[] {
    const some = (kind: string, most: number, fits: (f: Field) => boolean) =>
        fields
            .filter(f => columnOf(f.id).kind === kind && f.differs && fits(f))
            .sort((a, b) => Number(telling.test(b.id)) - Number(telling.test(a.id)))
            .slice(0, most)
            .map(f => f.id);
    const few = (f: Field) => f.numeric || f.distinct <= 30;
    return [...some("params", params, few), ...some("metrics", metrics, () => true)];
}

/** Whether values over so many powers of ten are better read on a logarithmic axis. */
export const wantsLog = (f: Field | undefined): boolean =>
    f?.numeric === true &&
    columnOf(f.id).kind === "params" &&
    f.min !== undefined &&
    f.max !== undefined &&
    f.min > 0 &&
    f.max / f.min >= 100;

const headings = [
    ["params", "Params"],
    ["metrics", "Metrics"],
    ["tags", "Tags"],
    ["attribute", "The run"],
] as const;

export interface FieldChoiceProps {
    label: string;
    fields: readonly Field[];
    value: ColumnId;
    onChange: (id: ColumnId) => void;
    /** What choosing nothing is called, if that is possible. */
    none?: string;
}

export function FieldChoice({ label, fields, value, onChange, none }: FieldChoiceProps) {
    return (
        <label class="choice">
            <span>{label}</span>
            <select class="field" value={value} onChange={e => onChange(e.currentTarget.value)}>
                {none !== undefined && <option value="">{none}</option>}
                {headings.map(([kind, heading]) => (
                    <optgroup key={kind} label={heading}>
                        {fields
                            .filter(f => columnOf(f.id).kind === kind)
                            .map(f => (
                                <option key={f.id} value={f.id}>
                                    {fieldLabel(f.id)}
                                </option>
                            ))}
                    </optgroup>
                ))}
            </select>
        </label>
    );
}
