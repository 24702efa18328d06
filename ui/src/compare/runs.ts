// Runs with all that is known of them.
import { get, mlflow } from "~/lib/api";
import { learnColours } from "~/lib/colours";
import { colourTag } from "~/lib/question";
import { useQuery } from "~/lib/query";
import type { Run } from "~/lib/types";

/** Most runs that are compared value by value. */
export const mostCompared = 50;

/** How many are asked for at a time: browsers open six connections, and one is for events. */
const together = 5;

async function fetchAll(ids: readonly string[], signal: AbortSignal): Promise<Run[]> {
    const runs = new Array<Run>(ids.length);
    let next = 0;
    const work = async () => {
        for (let i = next++; i < ids.length; i = next++)
            runs[i] = (
                await get<{ run: Run }>(mlflow("runs/get"), { run_id: ids[i] }, signal)
            ).run;
    };
    await Promise.all(Array.from({ length: together }, work));
    learnColours(
        runs.map(r => [r.info.run_id, r.data.tags?.find(t => t.key === colourTag)?.value]),
    );
    return runs;
}

export function useFullRuns(ids: readonly string[]) {
    return useQuery<Run[]>({
        queryKey: ["runs", "full", ids],
        queryFn: ({ signal }) => fetchAll(ids, signal),
        enabled: ids.length > 0,
    });
}
