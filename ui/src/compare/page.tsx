// Runs beside each other, whatever experiments they are of: /compare?runs=a,b,c
import { useMemo } from "preact/hooks";
import type { Page } from "~/app";
import { Charts } from "~/charts/charts";
import { useDrawn } from "~/charts/view";
import { list, param } from "~/lib/router";
import type { Run } from "~/lib/types";
import { Empty, Loading, Problem } from "~/parts/parts";
import { DifferenceTable } from "./difference-table";
import { Drawings } from "./drawings";
import { Files } from "./files";
import { fieldsOfRuns } from "./fields";
import { useFrameOf } from "./frame-data";
import { mostCompared, useFullRuns } from "./runs";
import { by, ways } from "./state";
import { Ways } from "./ways";
import "./compare.css";

const ids = param<readonly string[]>("runs", list, []);

export const ComparePage: Page = () => {
    const wanted = [...new Set(ids.value)].slice(0, mostCompared);
    const { data, error, refetch } = useFullRuns(wanted);
    if (wanted.length === 0)
        return (
            <Empty title="No runs were chosen">
                Select some in the runs table and press “Compare”.
            </Empty>
        );
    if (error && !data) return <Problem error={error} retry={() => void refetch()} />;
    if (!data) return <Loading what="the runs" />;
    return (
        <div class="compare page">
            <h1>
                {data.length} {data.length === 1 ? "run" : "runs"} compared
            </h1>
            <Ways offered={ways} current={by.value} />
            <Way runs={data} />
        </div>
    );
};

function Way({ runs }: { runs: readonly Run[] }) {
    const fields = useMemo(() => fieldsOfRuns(runs), [runs]);
    const useFrame = useMemo(() => useFrameOf(runs), [runs]);
    const way = by.value;
    if (way === "values") return <DifferenceTable runs={runs} />;
    if (way === "files") return <Files runs={runs} />;
    if (way === "charts") return <Lines runs={runs} />;
    return <Drawings way={way} fields={fields} useFrame={useFrame} />;
}

function Lines({ runs }: { runs: readonly Run[] }) {
    const infos = useMemo(() => runs.map(r => r.info), [runs]);
    const drawn = useDrawn(infos);
    const keys = useMemo(
        () => [...new Set(runs.flatMap(r => (r.data.metrics ?? []).map(m => m.key)))],
        [runs],
    );
    const where = useMemo(() => ({ run_ids: runs.map(r => r.info.run_id) }), [runs]);
    return <Charts drawn={drawn} keys={keys} where={where} />;
}
