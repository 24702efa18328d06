// The comparison on the page of experiments: values and files of the selected runs, or of those that
// are drawn; drawings of all that were found.
import { filter, selection } from "~/lib/runs";
import { useColumns, useShownRuns } from "~/lib/runs-data";
import { setQuery } from "~/lib/router";
import { Empty, Loading, Problem } from "~/parts/parts";
import { useMemo } from "preact/hooks";
import { brushFilter } from "./brush-filter";
import { DifferenceTable } from "./difference-table";
import { Drawings } from "./drawings";
import { Files } from "./files";
import { fieldsOf } from "./fields";
import { useFoundFrame } from "./frame-data";
import { mostCompared, useFullRuns } from "./runs";
import { brushes, by, ways } from "./state";
import { Ways } from "./ways";
import "./compare.css";

export function CompareView() {
    const offered = ways.filter(w => w !== "charts");
    const way = by.value === "charts" ? "values" : by.value;
    const each = way === "values" || way === "files";
    return (
        <div class="compare">
            <Ways offered={offered} current={way} />
            {each ? <Each files={way === "files"} /> : <All />}
        </div>
    );
}

function Each({ files }: { files: boolean }) {
    const shown = useShownRuns();
    const chosen =
        selection.value.size > 0 ? [...selection.value] : shown.runs.map(r => r.run_id);
    const ids = chosen.slice(0, mostCompared);
    const { data, error, refetch } = useFullRuns(ids);
    const problem = error ?? shown.error;
    if (problem) return <Problem error={problem} retry={() => void refetch()} />;
    if (ids.length === 0)
        return shown.pending ? (
            <Loading what="the runs" />
        ) : (
            <Empty title="No run is selected">
                Select runs in the table, or show some with the eyes beside them.
            </Empty>
        );
    if (!data) return <Loading what="the runs" />;
    return (
        <>
            {chosen.length > ids.length && (
                <p class="hint">
                    These are the first {ids.length} of {chosen.length} runs.
                </p>
            )}
            {files ? <Files runs={data} /> : <DifferenceTable runs={data} />}
        </>
    );
}

function All() {
    const columns = useColumns();
    const fields = useMemo(() => (columns.data ? fieldsOf(columns.data) : []), [columns.data]);
    if (columns.error && !columns.data) return <Problem error={columns.error} />;
    if (!columns.data) return <Loading what="the runs" />;
    return (
        <Drawings
            way={by.value}
            fields={fields}
            useFrame={useFoundFrame}
            onFilter={frame => {
                const q = brushFilter(filter.value, brushes.value, frame);
                setQuery({ q: q || undefined, brush: undefined, view: undefined });
            }}
        />
    );
}
