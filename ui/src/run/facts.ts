// What tags and datasets of a run say, made readable.
import type { Field } from "~/artifacts/signature";
import { signatureOf, typeName } from "~/artifacts/signature";
import type { Run } from "~/lib/types";

/** How the names of metrics of the machine begin; they have a tab of their own. */
export const SYSTEM = "system/";

/** The value of a tag. */
export const tagOf = (run: Run, key: string): string | undefined =>
    run.data.tags?.find(t => t.key === key)?.value;

/** Where a commit can be seen, for the usual places of repositories. */
export function commitLink(repository: string, commit: string): string | undefined {
    if (!/^[0-9a-f]{4,64}$/i.test(commit)) return undefined;
    const [, host, path] =
        /^git@([\w.-]+):([\w./-]+?)(?:\.git)?$/.exec(repository) ??
        /^https?:\/\/(?:[^/@]*@)?([\w.-]+)\/([\w./-]+?)(?:\.git)?\/?$/.exec(repository) ??
        [];
    if (!host || !path) return undefined;
    const between = host.includes("gitlab") ? "/-/commit/" : "/commit/";
    return `https://${host}/${path}${between}${commit}`;
}

export interface Dataset {
    name: string;
    digest: string;
    /** What the run did with it: "training". */
    use: string | undefined;
    kind: string;
    source: string;
    fields: Field[];
    profile: [string, string][];
}

export function datasetsOf(run: Run): Dataset[] {
    return (run.inputs?.dataset_inputs ?? []).map(({ dataset, tags }) => ({
        name: dataset.name,
        digest: dataset.digest,
        use: tags?.find(t => t.key === "mlflow.data.context")?.value,
        kind: dataset.source_type,
        source: readable(dataset.source),
        fields: datasetSchema(dataset.schema ?? ""),
        profile: Object.entries(object(dataset.profile)).map(([k, v]) => [
            k.replaceAll("_", " "),
            typeof v === "object" ? JSON.stringify(v) : String(v),
        ]),
    }));
}

type Dict = Record<string, unknown>;

function object(json: string | undefined): Dict {
    try {
        const value: unknown = JSON.parse(json ?? "");
        return typeof value === "object" && value !== null ? (value as Dict) : {};
    } catch {
        return {};
    }
}

/** Sources are JSON; what they say of the place is enough. */
function readable(source: string): string {
    const of = object(source);
    const place = of.uri ?? of.url ?? of.path ?? of.table_name ?? of.query;
    return typeof place === "string" ? place : source;
}

/** Fields of a dataset's schema: columns, or features and targets of arrays. */
export function datasetSchema(schema: string): Field[] {
    const whole = object(schema);
    const columns = whole.mlflow_colspec;
    if (columns) return signatureOf({ inputs: columns }).inputs;
    const tensors = whole.mlflow_tensorspec ?? whole;
    return Object.entries(tensors as Dict).flatMap(([name, spec]) => {
        const list: unknown = typeof spec === "string" ? parsed(spec) : spec;
        return Array.isArray(list)
            ? list.map(f => ({
                  name: typeof (f as Dict).name === "string" ? String((f as Dict).name) : name,
                  type: typeName(f),
                  required: true,
              }))
            : [];
    });
}

function parsed(json: string): unknown {
    try {
        return JSON.parse(json);
    } catch {
        return undefined;
    }
}
