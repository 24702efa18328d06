// A run, and what can be done to it.
import { useMemo } from "preact/hooks";
import { get, mlflow, send } from "~/lib/api";
import { useChanges } from "~/lib/events";
import { askAgain, useQuery } from "~/lib/query";
import type { Experiment, Run } from "~/lib/types";
import { toast, toastError } from "~/parts/toast";
import { sparingly } from "~/table/sparingly";

const key = (id: string) => ["run", id];
const whole = (id: string) => [...key(id), "whole"];

/** How often what happens to a run is looked at, at most. */
const EVERY_MS = 400;

/** The run, kept up to date. New points change nothing else that is asked about it. */
export function useRun(id: string) {
    const [look, lookAtAll] = useMemo(
        () => [
            sparingly(() => void askAgain({ queryKey: whole(id) }), EVERY_MS),
            sparingly(() => void refresh(id), EVERY_MS),
        ],
        [id],
    );
    useChanges({ run_ids: [id] }, changes => {
        const kinds = changes.runs?.flatMap(r => r.kinds) ?? [];
        (changes.reset || kinds.some(k => k !== "metrics") ? lookAtAll : look)();
    });
    return useQuery<Run>({
        queryKey: whole(id),
        queryFn: ({ signal }) => fetchRun(id, signal),
    });
}

const fetchRun = async (run_id: string, signal: AbortSignal): Promise<Run> =>
    (await get<{ run: Run }>(mlflow("runs/get"), { run_id }, signal)).run;

/** Another run, as it is now; nothing is asked for an empty id. */
export function useOther(id: string) {
    return useQuery<Run>({
        queryKey: whole(id),
        queryFn: ({ signal }) => fetchRun(id, signal),
        enabled: id !== "",
        retry: false,
    });
}

export function useExperiment(id: string) {
    return useQuery<Experiment>({
        queryKey: ["experiment", id],
        queryFn: async ({ signal }) =>
            (
                await get<{ experiment: Experiment }>(
                    mlflow("experiments/get"),
                    { experiment_id: id },
                    signal,
                )
            ).experiment,
        staleTime: 60_000,
    });
}

/** Runs whose parent a run is, the newest first. */
export function useChildren(run: Run) {
    return useQuery<Run[]>({
        queryKey: [...key(run.info.run_id), "children"],
        queryFn: async ({ signal }) => {
            const found = await send<{ runs?: Run[] }>(
                mlflow("runs/search"),
                {
                    experiment_ids: [run.info.experiment_id],
                    filter: `tags.\`mlflow.parentRunId\` = '${run.info.run_id.replaceAll("'", "")}'`,
                    max_results: 100,
                },
                { signal },
            );
            return found.runs ?? [];
        },
    });
}

export const refresh = (id: string): Promise<void> => askAgain({ queryKey: key(id) });

async function change(id: string, call: string, body: object): Promise<void> {
    await send(mlflow(call), { run_id: id, ...body });
    await refresh(id);
}

export const setTag = (id: string, tag: string, value: string) =>
    change(id, "runs/set-tag", { key: tag, value });
export const removeTag = (id: string, tag: string) =>
    change(id, "runs/delete-tag", { key: tag });
export const rename = (id: string, run_name: string) => change(id, "runs/update", { run_name });

/** Puts a run into the bin, and says how to take it out again. */
export function deleteRun({ info }: Run): void {
    change(info.run_id, "runs/delete", {}).then(
        () =>
            toast({
                text: `Run ${info.run_name} was deleted`,
                action: { label: "Undo", run: () => restoreRun(info.run_id) },
            }),
        (e: unknown) => toastError("The run could not be deleted", e),
    );
}

export function restoreRun(id: string): void {
    change(id, "runs/restore", {}).catch((e: unknown) =>
        toastError("The run could not be restored", e),
    );
}
