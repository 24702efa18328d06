// The runs before and after one in the list that one came from; else in that of its experiment.
import { own, send } from "~/lib/api";
import { lastList, type RunList } from "~/lib/last-list";
import { useQuery } from "~/lib/query";
import { experimentsPath } from "~/lib/runs";
import type { Run } from "~/lib/types";

/** Longer lists are not fetched for the sake of two links. */
const MOST = 20_000;

export interface Neighbours {
    /** Where the list is. */
    list: string;
    place?: { at: number; of: number };
    before?: string;
    after?: string;
}

export function useNeighbours({ info }: Run): Neighbours {
    const came = lastList();
    const ofExperiment: RunList = {
        to: experimentsPath([info.experiment_id]),
        ask: { experiment_ids: [info.experiment_id], order_by: [] },
    };
    const list = came?.ask.experiment_ids.includes(info.experiment_id) ? came : ofExperiment;
    const { data } = useQuery<string[]>({
        queryKey: ["neighbours", list.ask],
        queryFn: async ({ signal }) =>
            (
                await send<{ run_ids: string[] }>(
                    own("runs/table"),
                    { ...list.ask, ids_only: true, max_results: MOST },
                    { signal },
                )
            ).run_ids,
        staleTime: 60_000,
    });
    const at = data?.indexOf(info.run_id) ?? -1;
    if (!data || at < 0) return { list: list.to };
    const before = data[at - 1];
    const after = data[at + 1];
    return {
        list: list.to,
        place: { at: at + 1, of: data.length },
        ...(before ? { before } : {}),
        ...(after ? { after } : {}),
    };
}
