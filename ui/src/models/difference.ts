// How two versions of a model differ, as rows of a table.
import type { Signature } from "~/artifacts/signature";
import { delta, type Delta } from "~/lib/delta";
import { metricText, sizeText } from "~/lib/format";
import type { FileInfo, Run } from "~/lib/types";

export interface Row {
    name: string;
    before: string;
    after: string;
    differs: boolean;
    /** Of metrics: how far the second one is from the first. */
    change?: Delta;
}

type Pair = readonly [before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>];

/** Rows of two maps, those that differ first. */
export function rowsOf([before, after]: Pair): Row[] {
    const rows = [...new Set([...before.keys(), ...after.keys()])].map(name => {
        const a = before.get(name) ?? "";
        const b = after.get(name) ?? "";
        return { name, before: a, after: b, differs: a !== b };
    });
    const put = new Intl.Collator("en", { numeric: true }).compare;
    return rows.sort((a, b) => Number(b.differs) - Number(a.differs) || put(a.name, b.name));
}

export const fieldsOf = (signature: Signature | undefined): Map<string, string> =>
    new Map(
        (["inputs", "outputs", "params"] as const).flatMap(part =>
            (signature?.[part] ?? []).map(f => [
                `${part.slice(0, -1)} ${f.name}`,
                `${f.type}${f.fallback !== undefined ? ` = ${f.fallback}` : f.required ? "" : ", optional"}`,
            ]),
        ),
    );

export const paramsOf = (run: Run | undefined): Map<string, string> =>
    new Map((run?.data.params ?? []).map(p => [p.key, p.value]));

export const sizesOf = (files: readonly FileInfo[] | undefined): Map<string, string> =>
    new Map(
        (files ?? []).map(f => [
            f.path,
            f.is_dir ? "directory" : f.file_size === undefined ? "file" : sizeText(f.file_size),
        ]),
    );

/** Metrics with how they changed. */
export function metricRows(before: Run | undefined, after: Run | undefined): Row[] {
    const values = (run: Run | undefined) =>
        new Map((run?.data.metrics ?? []).map(m => [m.key, m.value]));
    const a = values(before);
    const b = values(after);
    const texts = (of: typeof a) => new Map([...of].map(([k, v]) => [k, metricText(v)]));
    return rowsOf([texts(a), texts(b)]).map(row => {
        const change = delta(b.get(row.name) ?? null, a.get(row.name) ?? null);
        return change && change.by !== 0 ? { ...row, change } : row;
    });
}
