// The registry: models, their versions, prompts, and what can be done to them.
import { get, mlflow, send } from "~/lib/api";
import { equals } from "~/lib/filter";
import { askAgain, useQuery } from "~/lib/query";
import type { KeyValue, ModelVersion, RegisteredModel, Run } from "~/lib/types";

export type Kind = "model" | "prompt";
const PROMPT = "mlflow.prompt.is_prompt";
/** What a prompt's version says, in a tag. */
export const PROMPT_TEXT = "mlflow.prompt.text";

/** Tags by which clients tell prompts from models. */
export const isOfPrompts = (key: string): boolean =>
    key.startsWith("mlflow.prompt.") || key.startsWith("_mlflow_prompt");

const PAGE = 100;
/** Versions that a page lists. */
export const MOST_VERSIONS = 200;

export interface ModelsPage {
    registered_models?: RegisteredModel[];
    next_page_token?: string;
}

/** Whether a text is meant as a filter: "tags.owner = 'ada' AND name LIKE 'digits%'". */
export const isFilter = (typed: string): boolean =>
    /(^|[\s(])(name|tags?\.\S+)\s*(=|!=|\b(not|i?like|in|is)\b)/i.test(typed);

/** The condition for what was typed: a filter, or a part of a name. */
export function conditionOf(typed: string): string | undefined {
    const text = typed.trim();
    if (text === "") return undefined;
    if (isFilter(text)) return `(${text})`;
    // Quotes cannot be written between quotes; any one character stands for them.
    return `name ILIKE '%${text.replaceAll("'", "_")}%'`;
}

/** A page of the models or prompts that fit what was typed. */
export function searchModels(
    kind: Kind,
    typed: string,
    page_token: string | undefined,
    signal?: AbortSignal,
): Promise<ModelsPage> {
    const conditions = [
        conditionOf(typed),
        ...(kind === "prompt" ? [`tags.\`${PROMPT}\` = 'true'`] : []),
    ].filter(c => c !== undefined);
    return get(
        mlflow("registered-models/search"),
        {
            max_results: PAGE,
            order_by: ["last_updated_timestamp DESC"],
            ...(conditions.length && { filter: conditions.join(" AND ") }),
            ...(page_token && { page_token }),
        },
        signal,
    );
}

const key = (name: string) => ["model", name];

export function useModel(name: string) {
    return useQuery<RegisteredModel>({
        queryKey: [...key(name), "model"],
        queryFn: async ({ signal }) =>
            (
                await get<{ registered_model: RegisteredModel }>(
                    mlflow("registered-models/get"),
                    { name },
                    signal,
                )
            ).registered_model,
    });
}

/** Versions, the newest first. */
export function useVersions(name: string, kind: Kind) {
    return useQuery<ModelVersion[]>({
        queryKey: [...key(name), "versions", kind],
        queryFn: async ({ signal }) => {
            const found = await get<{ model_versions?: ModelVersion[] }>(
                mlflow("model-versions/search"),
                {
                    filter:
                        equals("name", name) +
                        (kind === "prompt" ? ` AND tags.\`${PROMPT}\` = 'true'` : ""),
                    order_by: ["version_number DESC"],
                    max_results: MOST_VERSIONS,
                },
                signal,
            );
            return found.model_versions ?? [];
        },
    });
}

export function useVersion(name: string, version: string) {
    return useQuery<ModelVersion>({
        queryKey: [...key(name), "version", version],
        queryFn: ({ signal }) => fetchVersion(name, version, signal),
    });
}

async function fetchVersion(name: string, version: string, signal: AbortSignal) {
    const found = await get<{ model_version: ModelVersion }>(
        mlflow("model-versions/get"),
        { name, version },
        signal,
    );
    return found.model_version;
}

/** The runs that versions come from, by id; those that are gone are left out. */
export function useRuns(versions: readonly ModelVersion[]) {
    const ids = [...new Set(versions.flatMap(v => v.run_id || []))].slice(0, MOST_VERSIONS);
    return useQuery<Map<string, Run>>({
        queryKey: ["runs", ids],
        enabled: ids.length > 0,
        queryFn: async ({ signal }) => {
            const answers = await Promise.allSettled(
                ids.map(run_id => get<{ run: Run }>(mlflow("runs/get"), { run_id }, signal)),
            );
            return new Map(
                answers.flatMap(a =>
                    a.status === "fulfilled"
                        ? [[a.value.run.info.run_id, a.value.run] as const]
                        : [],
                ),
            );
        },
    });
}

type Method = "POST" | "PATCH" | "DELETE";

async function change(name: string, call: string, body: object, method: Method = "POST") {
    await send(mlflow(call), { name, ...body }, { method });
    await askAgain({ queryKey: key(name) });
}

export const setAlias = (name: string, alias: string, version: string) =>
    change(name, "registered-models/alias", { alias, version });
export const removeAlias = (name: string, alias: string) =>
    change(name, "registered-models/alias", { alias }, "DELETE");
export const describeModel = (name: string, description: string) =>
    change(name, "registered-models/update", { description }, "PATCH");
export const describeVersion = (name: string, version: string, description: string) =>
    change(name, "model-versions/update", { version, description }, "PATCH");
export const setModelTag = (name: string, tag: KeyValue) =>
    change(name, "registered-models/set-tag", tag);
export const removeModelTag = (name: string, tag: string) =>
    change(name, "registered-models/delete-tag", { key: tag }, "DELETE");
export const setVersionTag = (name: string, version: string, tag: KeyValue) =>
    change(name, "model-versions/set-tag", { version, ...tag });
export const removeVersionTag = (name: string, version: string, tag: string) =>
    change(name, "model-versions/delete-tag", { version, key: tag }, "DELETE");

/** Names of a version, in order; the model knows them even where the version does not say. */
export const aliasesOf = (model: RegisteredModel | undefined, version: string): string[] =>
    (model?.aliases ?? []).filter(a => String(a.version) === version).map(a => a.alias);
