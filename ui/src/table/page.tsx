// The runs of one or several experiments: the list of experiments, and the runs as a table, as charts
// or compared.
import type { ComponentType } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Page } from "~/app";
import { useChanges, type Changes } from "~/lib/events";
import { count, counted } from "~/lib/format";
import { useCommands } from "~/lib/keys";
import { askAgain } from "~/lib/query";
import { go, href, oneOf, param, path, query } from "~/lib/router";
import { experimentIds, experimentsPath, selection, view, type View } from "~/lib/runs";
import { useColumns, useShownRuns } from "~/lib/runs-data";
import { Button, Empty, Loading, Problem, Tabs } from "~/parts/parts";
import { embed } from "~/shell";
import { SelectionBar } from "./bulk";
import { pageCommands } from "./commands";
import { drawnIds, isPlain } from "./drawn";
import {
    experimentName,
    refreshExperiments,
    useChosenExperiments,
    useExperiments,
} from "./experiments";
import { Grid } from "./grid";
import { serverPlace } from "./language";
import { Sidebar } from "./sidebar";
import { followQuestion, foundColumns, nextTree, problem, tree } from "./store";
import { Toolbar } from "./toolbar";
import { Views } from "./views";
import { sparingly } from "./sparingly";
import "./table.css";

/** Whether the list of experiments is shown: said by a person, or there is room for it. */
const side = param("side", oneOf("", "0", "1"), "");
const roomy = typeof matchMedia === "undefined" ? undefined : matchMedia("(min-width: 721px)");
const sideShown = (): boolean =>
    side.value === "" ? roomy?.matches === true : side.value === "1";

export const RunsPage: Page = () => (
    <div class="runs-page">
        {sideShown() && !embed.value && <Sidebar />}
        {experimentIds.value.length === 0 ? <Choose /> : <Runs />}
    </div>
);

/** No experiment is chosen: the one that changed last is. */
function Choose() {
    const found = useExperiments("", false);
    const first = found.isFetching ? undefined : found.data?.experiments[0];
    useEffect(() => {
        if (first) go(experimentsPath([first.experiment_id]), "replace");
    }, [first?.experiment_id]);
    return (
        <section class="runs">
            <h1 class="out-of-sight">Experiments</h1>
            {found.error ? (
                <Problem error={found.error} retry={() => void found.refetch()} />
            ) : !found.data || found.data.experiments.length > 0 ? (
                <Loading what="the experiments" />
            ) : (
                <Empty title="There is no experiment yet">
                    Create one, or log a first run.
                </Empty>
            )}
        </section>
    );
}

function Runs() {
    useLive();
    useCommands(pageCommands, []);
    const ids = experimentIds.value;
    const chosen = useChosenExperiments();
    const names = ids.map(experimentName);
    useEffect(() => {
        document.title = `${names.join(", ")} – Millstream`;
    }, [names.join()]);
    const to = (id: string) => {
        const next = new URLSearchParams(query.value);
        if (id === "table") next.delete("view");
        else next.set("view", id);
        const q = next.toString();
        return href(path.value + (q && `?${q}`));
    };
    const tabs: { id: View; label: string }[] = [
        { id: "table", label: "Table" },
        { id: "charts", label: "Charts" },
        { id: "compare", label: "Compare" },
    ];
    if (chosen.error)
        return (
            <section class="runs">
                <h1 class="out-of-sight">Runs</h1>
                <Problem error={chosen.error} retry={() => void chosen.refetch()} />
            </section>
        );
    return (
        <section class="runs" aria-label="Runs">
            {embed.value && <h1 class="out-of-sight">{names.join(", ")}</h1>}
            {!embed.value && (
                <header class="runs-head">
                    <Button
                        bare
                        icon="bars"
                        label={sideShown() ? "Hide the experiments" : "Show the experiments"}
                        onClick={() => side.set(sideShown() ? "0" : "1", "replace")}
                    />
                    <h1 title={names.join(", ")}>
                        {names.length > 2
                            ? counted(names.length, "experiment")
                            : names.join(", ")}
                    </h1>
                    <Tabs tabs={tabs} current={view.value} to={to} />
                    <span class="space" />
                    <Total />
                    <Views />
                </header>
            )}
            {!embed.value && <Toolbar />}
            {!embed.value && selection.value.size > 0 && <SelectionBar />}
            <div class="runs-view">{views[view.value]()}</div>
        </section>
    );
}

const views: Record<View, () => preact.JSX.Element> = {
    table: () => <Table />,
    charts: () => (
        <Later key="charts" load={async () => (await import("~/charts/view")).ChartsView} />
    ),
    compare: () => (
        <Later key="compare" load={async () => (await import("~/compare/view")).CompareView} />
    ),
};

/** Keeps rows, columns and counts true while runs change. */
function useLive(): void {
    useLayoutEffect(followQuestion, []); // before anything is painted: rows may be there
    const columns = useColumns(tree.value !== undefined && nextTree.value === undefined);
    useLayoutEffect(() => {
        if (columns.data) foundColumns.value = columns.data;
    }, [columns.data]);
    const [{ rows, columns: askColumns, counts }] = useState(() => ({
        rows: sparingly(() => tree.peek()?.refresh(), 500),
        columns: sparingly(() => void askAgain({ queryKey: ["runs"] }), 3_000),
        counts: sparingly(() => void refreshExperiments(), 3_000),
    }));
    // From the rows on: what changed before them is in them.
    const ids = experimentIds.value;
    const shown = tree.value?.query.which.experiment_ids.join() === ids.join();
    const where = shown ? { experiment_ids: ids } : {};
    const hear = (changes: Changes) => {
        rows();
        askColumns();
        const kinds = new Set(changes.runs?.flatMap(r => r.kinds));
        if (
            changes.experiments ||
            changes.reset ||
            ["created", "info", "deleted", "restored"].some(k => kinds.has(k as never))
        )
            counts();
    };
    useChanges(where, hear, tree.value?.generation);
}

function Total() {
    const t = tree.value;
    void t?.version.value;
    if (!t || t.total === undefined) return <span role="status" />;
    const what = t.query.groupBy.length > 0 ? "group" : "run";
    return (
        <span class="total" role="status">
            {counted(t.total, what)}
            {t.unlisted > 0 && ` of ${count(t.total + t.unlisted)}: filter to see others`}
            {selection.value.size > 0 && (
                <span class="out-of-sight">, {count(selection.value.size)} selected</span>
            )}
        </span>
    );
}

function Table() {
    const t = tree.value;
    useDrawn();
    const error = problem.value;
    const refused = error && serverPlace(error.message) !== undefined; // said below the filter
    if (!t)
        return refused ? (
            <Empty title="The filter is not understood">
                It is marked where it goes wrong.
            </Empty>
        ) : error ? (
            <Problem error={error} retry={() => nextTree.value?.refresh()} />
        ) : (
            <Loading what="the runs" />
        );
    void t.version.value;
    return (
        <>
            {error && !refused && (
                <Problem error={error} retry={() => (nextTree.value ?? t).refresh()} />
            )}
            {t.total === 0 ? <NoRuns /> : t.total !== undefined && <Grid />}
        </>
    );
}

/** In a folded list the eyes follow what the charts draw. */
function useDrawn(): void {
    const shown = useShownRuns(!isPlain());
    const key = shown.runs.map(r => r.run_id).join();
    useEffect(() => {
        drawnIds.value = new Set(shown.runs.map(r => r.run_id));
    }, [key]);
}

function NoRuns() {
    const { which } = tree.value!.query;
    if (which.filter || which.name_regex)
        return (
            <Empty title="No run fits">
                <Button label="Show all runs" onClick={() => go(path.value)} />
            </Empty>
        );
    if (which.run_view_type === "DELETED_ONLY") return <Empty title="No run is deleted" />;
    const [id] = experimentIds.value;
    return (
        <Empty title="There is no run yet">
            <p>Log one, and it appears here at once:</p>
            <pre class="snippet">{`import mlflow

mlflow.set_tracking_uri("${new URL(document.baseURI).href.replace(/\/$/, "")}")
with mlflow.start_run(experiment_id="${id}"):
    mlflow.log_param("rate", 0.1)
    mlflow.log_metric("loss", 0.5, step=1)`}</pre>
        </Empty>
    );
}

/** A view that is fetched when it is first wanted. */
function Later({ load }: { load: () => Promise<ComponentType> }) {
    const [ready, setReady] = useState<ComponentType>();
    const [error, setError] = useState<Error>();
    useEffect(() => {
        load().then(
            view => setReady(() => view),
            (e: Error) => setError(e),
        );
    }, []);
    if (error) return <Problem error={error} retry={() => location.reload()} />;
    const Ready = ready;
    return Ready ? <Ready /> : <Loading what="the view" />;
}
