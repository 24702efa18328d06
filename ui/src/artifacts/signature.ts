// What a model takes and gives, as MLmodel files say it.

export interface Field {
    name: string;
    type: string;
    required: boolean;
    /** Of params only. */
    fallback?: string;
}

export interface Signature {
    inputs: Field[];
    outputs: Field[];
    params: Field[];
}

export interface ModelFile {
    flavors: { name: string; version?: string; details: Record<string, unknown> }[];
    signature?: Signature;
    facts: [label: string, value: string][];
    runId?: string;
    modelId?: string;
}

type Dict = Record<string, unknown>;
const dict = (v: unknown): Dict =>
    typeof v === "object" && v !== null && !Array.isArray(v) ? (v as Dict) : {};
const word = (v: unknown): string | undefined =>
    typeof v === "string" || typeof v === "number" || typeof v === "boolean"
        ? String(v)
        : v instanceof Date
          ? v.toISOString()
          : undefined;

const facts: [field: string, label: string][] = [
    ["utc_time_created", "Made (UTC)"],
    ["mlflow_version", "MLflow"],
    ["model_uuid", "UUID"],
    ["artifact_path", "Path"],
    ["model_size_bytes", "Bytes"],
    ["prompts", "Prompts"],
];

/** Reads an MLmodel file. Throws an Error when it is no YAML. */
export async function parseModelFile(yaml: string): Promise<ModelFile> {
    const { load } = await import("js-yaml");
    const whole = dict(load(yaml));
    const signature = whole.signature ? signatureOf(dict(whole.signature)) : undefined;
    const runId = word(whole.run_id);
    const modelId = word(whole.model_id);
    return {
        flavors: Object.entries(dict(whole.flavors)).map(([name, of]) => {
            const details = dict(of);
            const version = word(details[`${name}_version`]) ?? word(details.python_version);
            return { name, details, ...(version ? { version } : {}) };
        }),
        ...(signature ? { signature } : {}),
        facts: facts.flatMap(([field, label]) => {
            const value = word(whole[field]);
            return value ? [[label, value] as [string, string]] : [];
        }),
        ...(runId ? { runId } : {}),
        ...(modelId ? { modelId } : {}),
    };
}

/** A signature whose parts are texts of JSON (as in files) or values. */
export function signatureOf(whole: Dict): Signature {
    return {
        inputs: fieldsOf(whole.inputs),
        outputs: fieldsOf(whole.outputs),
        params: fieldsOf(whole.params),
    };
}

function fieldsOf(part: unknown): Field[] {
    let list: unknown = part;
    if (typeof part === "string")
        try {
            list = JSON.parse(part);
        } catch {
            return [];
        }
    if (!Array.isArray(list)) return list ? [fieldOf(list, 0)] : [];
    return list.map(fieldOf);
}

function fieldOf(of: unknown, i: number): Field {
    const field = dict(of);
    const fallback = field.default;
    return {
        name: word(field.name) ?? (i === 0 ? "—" : String(i)),
        type: typeName(field),
        required: field.required !== false && !("default" in field),
        ...(fallback !== undefined ? { fallback: JSON.stringify(fallback) } : {}),
    };
}

/** "double", "float32 (-1, 28, 28)", "array of {a: long}". */
export function typeName(of: unknown): string {
    const field = dict(of);
    const tensor = dict(field["tensor-spec"]);
    if (field.type === "tensor" && tensor.dtype)
        return `${word(tensor.dtype)} (${(Array.isArray(tensor.shape) ? tensor.shape : []).join(", ")})`;
    if (field.type === "array") return `array of ${typeName(field.items)}`;
    if (field.type === "object") {
        const members = Object.entries(dict(field.properties));
        return `{${members.map(([name, m]) => `${name}: ${typeName(m)}`).join(", ")}}`;
    }
    if (field.type === "map") return `map of ${typeName(field.values)}`;
    const shape = Array.isArray(field.shape) ? ` (${field.shape.join(", ")})` : "";
    return (word(field.type) ?? word(field.dtype) ?? "any") + shape;
}
