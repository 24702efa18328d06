// Where charts are shown: of the runs that the table draws, and of one run.
import { keepPreviousData } from "@tanstack/query-core";
import { useMemo } from "preact/hooks";
import { colourOf, dashes, palette } from "~/lib/colours";
import { useQuery } from "~/lib/query";
import { columnOf, experimentIds } from "~/lib/runs";
import {
    fetchRuns,
    useColumns,
    useShownRuns,
    type Columns,
    type RunRow,
    type TablePage,
} from "~/lib/runs-data";
import { anyOf } from "~/lib/filter";
import { useRun } from "~/run/data";
import { Empty, Loading, Problem } from "~/parts/parts";
import { Charts } from "./charts";
import type { LineStyle } from "./lines";
import type { Drawn, Grouped } from "./panel";
import { averageBy } from "./state";

/** The charts of the runs that are drawn, for the experiments of the address. */
export function ChartsView() {
    const { runs, total, pending, error } = useShownRuns();
    const columns = useColumns();
    const drawn = useDrawn(runs);
    const averaged = useAverages(runs);
    const keys = useMemo(() => columns.data?.metrics.map(m => m.key) ?? [], [columns.data]);
    const problem = error ?? columns.error;
    if (problem && !columns.data) return <Problem error={problem} />;
    if (pending || !columns.data) return <Loading what="the charts" />;
    if (runs.length === 0)
        return (
            <Empty title={total === 0 ? "No run was found" : "No run is shown"}>
                {total === 0
                    ? "Take conditions out of the filter, or log a run."
                    : "Press the eye beside a run in the table to see its lines."}
            </Empty>
        );
    return (
        <Charts
            drawn={averaged ? { ...drawn, groups: averaged } : drawn}
            keys={keys}
            columns={groupColumns(columns.data)}
            where={{ experiment_ids: experimentIds.value }}
            note={runs.length < total ? `Showing ${runs.length} of ${total} runs.` : undefined}
        />
    );
}

/** Params and tags with more values than this make no groups. */
const mostGroups = 50;

function groupColumns(columns: Columns): string[] {
    const few = (kind: string, all: Columns["params"]) =>
        all
            .filter(
                c => c.distinct > 1 && c.distinct <= mostGroups && !c.key.startsWith("mlflow."),
            )
            .map(c => `${kind}.${c.key}`);
    return [...few("params", columns.params), ...few("tags", columns.tags)];
}

/** How runs look; the same object while nothing of it changes. A single line needs no dashes. */
export function useDrawn(runs: readonly { run_id: string; run_name: string }[]): Drawn {
    const styles = runs.map((run): LineStyle => {
        const { colour, dash } = colourOf(run.run_id);
        return {
            id: run.run_id,
            name: run.run_name || run.run_id,
            colour,
            dash: runs.length > 1 ? dash : [],
        };
    });
    return useMemo(
        () => ({ runs: new Map(styles.map(s => [s.id, s])) }),
        [JSON.stringify(styles)],
    );
}

/** The groups by which lines are averaged, if they are. */
function useAverages(runs: readonly RunRow[]): readonly Grouped[] | undefined {
    const by = averageBy.value;
    const { kind, key } = columnOf(by);
    const ids = runs.map(r => r.run_id);
    const grouped = by !== "" && (kind === "params" || kind === "tags");
    const { data } = useQuery<TablePage>({
        queryKey: ["runs", "average", experimentIds.value, by, ids],
        queryFn: ({ signal }) =>
            fetchRuns(
                {
                    experiment_ids: experimentIds.value,
                    filter: anyOf("run_id", ids),
                    run_view_type: "ALL",
                    max_results: ids.length,
                    [kind]: [key],
                },
                signal,
            ),
        enabled: grouped && ids.length > 0,
        placeholderData: keepPreviousData,
    });
    const colours = palette();
    return useMemo(() => {
        if (!grouped || !data) return undefined;
        const members = new Map<string, Set<string>>();
        for (const run of data.runs) {
            const value = (kind === "params" ? run.params : run.tags)?.[0] ?? "none";
            members.set(value, (members.get(value) ?? new Set()).add(run.run_id));
        }
        const put = new Intl.Collator("en", { numeric: true }).compare;
        return [...members]
            .sort(([a], [b]) => put(a, b))
            .map(([value, set], i) => ({
                style: groupStyle(key, value, i, colours),
                runs: set,
            }));
    }, [data, by, colours]);
}

function groupStyle(
    key: string,
    value: string,
    place: number,
    colours: readonly string[],
): LineStyle {
    return {
        id: `${key}=${value}`,
        name: `${key} = ${value}`,
        colour: colours[place % colours.length]!,
        dash: dashes[Math.floor(place / colours.length) % dashes.length]!,
    };
}

export interface RunChartsProps {
    runId: string;
    /** Only metrics that begin so, "system/" for instance. */
    prefix?: string;
    /** No metrics that begin so. */
    without?: string;
}

/** The charts of one run. */
export function RunCharts({ runId, prefix = "", without }: RunChartsProps) {
    const { data: run, error, refetch } = useRun(runId);
    const drawn = useDrawn(run ? [run.info] : []);
    const where = useMemo(() => ({ run_ids: [runId] }), [runId]);
    if (error && !run) return <Problem error={error} retry={() => void refetch()} />;
    if (!run) return <Loading what="the charts" />;
    const keys = (run.data.metrics ?? [])
        .map(m => m.key)
        .filter(k => k.startsWith(prefix) && !(without && k.startsWith(without)));
    return <Charts drawn={drawn} keys={keys} where={where} named={false} />;
}
