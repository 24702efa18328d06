// The experiments: their list, their counts, and changes to them.
import { signal } from "@preact/signals";
import { keepPreviousData } from "@tanstack/query-core";
import { get, mlflow, own, send } from "~/lib/api";
import { askAgain, useQuery } from "~/lib/query";
import { experimentIds } from "~/lib/runs";
import type { Experiment } from "~/lib/types";

/** Most experiments in the list; the search finds the others. */
export const maxListed = 200;

const names = signal<ReadonlyMap<string, string>>(new Map());

/** The name of an experiment, or its id while the name is not known. */
export const experimentName = (id: string): string => names.value.get(id) ?? `experiment ${id}`;

function learnNames(all: readonly Experiment[]): void {
    const news = all.filter(e => names.peek().get(e.experiment_id) !== e.name);
    if (news.length > 0)
        names.value = new Map([
            ...names.peek(),
            ...news.map(e => [e.experiment_id, e.name] as const),
        ]);
}

interface Found {
    experiments: Experiment[];
    /** There are more than are here. */
    more: boolean;
}

/** `%` and `_` mean something else in a LIKE; what stands for one character stands for them. */
const likePattern = (typed: string) => `%${typed.replaceAll("%", "_")}%`;

async function search(typed: string, deleted: boolean, signal: AbortSignal): Promise<Found> {
    const quote = typed.includes("'") ? '"' : "'";
    const pattern = likePattern(quote === '"' ? typed.replaceAll('"', "_") : typed);
    const answer = await send<{ experiments?: Experiment[]; next_page_token?: string }>(
        mlflow("experiments/search"),
        {
            max_results: maxListed,
            order_by: ["last_update_time DESC"],
            view_type: deleted ? "DELETED_ONLY" : "ACTIVE_ONLY",
            ...(typed && { filter: `name ILIKE ${quote}${pattern}${quote}` }),
        },
        { signal },
    );
    const experiments = answer.experiments ?? [];
    learnNames(experiments);
    return { experiments, more: answer.next_page_token !== undefined };
}

/** Those whose names hold what was typed, the last changed ones first. */
export function useExperiments(typed: string, deleted: boolean) {
    return useQuery<Found>({
        queryKey: ["experiments", "list", typed, deleted],
        queryFn: ({ signal }) => search(typed, deleted, signal),
        placeholderData: keepPreviousData,
    });
}

/** The experiments of the address, with their tags. */
export function useChosenExperiments() {
    const ids = experimentIds.value;
    return useQuery<Experiment[]>({
        queryKey: ["experiments", "chosen", ids],
        queryFn: async ({ signal }) => {
            const all = await Promise.all(
                ids.map(experiment_id =>
                    get<{ experiment: Experiment }>(
                        mlflow("experiments/get"),
                        { experiment_id },
                        signal,
                    ),
                ),
            );
            const found = all.map(a => a.experiment);
            learnNames(found);
            return found;
        },
        enabled: ids.length > 0,
    });
}

export interface Count {
    experiment_id: string;
    runs: number;
    running: number;
    last_activity?: number;
}

export function useCounts(ids: readonly string[]) {
    return useQuery<Map<string, Count>>({
        queryKey: ["experiments", "counts", ids],
        queryFn: async ({ signal }) => {
            const answer = await get<{ experiments: Count[] }>(
                own("experiments/counts"),
                { experiment_ids: ids },
                signal,
            );
            return new Map(answer.experiments.map(c => [c.experiment_id, c]));
        },
        enabled: ids.length > 0,
        placeholderData: keepPreviousData,
    });
}

/** Asks for the lists again, after something changed. */
export const refreshExperiments = () => askAgain({ queryKey: ["experiments"] });

async function change<T>(call: string, body: object): Promise<T> {
    const answer = await send<T>(mlflow(`experiments/${call}`), body);
    await refreshExperiments();
    return answer;
}

/** The id of a new experiment. */
export const createExperiment = async (name: string): Promise<string> =>
    (await change<{ experiment_id: string }>("create", { name })).experiment_id;

export const renameExperiment = (experiment_id: string, new_name: string) =>
    change("update", { experiment_id, new_name });

export const deleteExperiment = (experiment_id: string) => change("delete", { experiment_id });

export const restoreExperiment = (experiment_id: string) =>
    change("restore", { experiment_id });

export const setExperimentTag = (experiment_id: string, key: string, value: string) =>
    change("set-experiment-tag", { experiment_id, key, value });

export const deleteExperimentTag = (experiment_id: string, key: string) =>
    change("delete-experiment-tag", { experiment_id, key });
