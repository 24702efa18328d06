// The page of one run.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Page } from "~/app";
import { FileBrowser } from "~/artifacts/browser";
import { filesOfModel, filesOfRun } from "~/artifacts/source";
import type { RunChartsProps } from "~/charts/view";
import { ApiError } from "~/lib/api";
import { href, oneOf, param, text } from "~/lib/router";
import type { Run } from "~/lib/types";
import { Empty, Loading, Problem, Tabs } from "~/parts/parts";
import { useRun } from "./data";
import { SYSTEM } from "./facts";
import { Head } from "./head";
import { Overview } from "./overview";
import { runPath } from "./place";
import "./run.css";

const ids = ["overview", "charts", "system", "artifacts"] as const;
type Tab = (typeof ids)[number];

const tab = param<Tab>("tab", oneOf(...ids), "overview");
/** The id of a logged model whose files are shown. */
const model = param("model", text, "");

/** Those that have something to show. */
function tabsOf(run: Run) {
    const metrics = run.data.metrics ?? [];
    const system = metrics.filter(m => m.key.startsWith(SYSTEM)).length;
    const charts = metrics.length - system;
    return [
        { id: "overview", label: "Overview" },
        { id: "charts", label: "Charts", ...(charts > 0 && { count: charts }) },
        ...(system > 0 || tab.value === "system"
            ? [{ id: "system", label: "System", count: system }]
            : []),
        { id: "artifacts", label: "Artifacts" },
    ];
}

export const RunPage: Page = ({ at }) => <OneRun key={at.id} id={at.id!} />;

function OneRun({ id }: { id: string }) {
    const { data: run, error, refetch } = useRun(id);
    useEffect(() => {
        if (run) document.title = `${run.info.run_name} · Millstream`;
        return () => void (document.title = "Millstream");
    }, [run?.info.run_name]);
    if (run) return <Whole run={run} />;
    if (error instanceof ApiError && error.status === 404)
        return (
            <Empty title="There is no such run">
                <h1 class="out-of-sight">Run</h1>
                <p>It may have been removed for good, or the address is incomplete.</p>
                <a href={href("/experiments")}>See the experiments</a>
            </Empty>
        );
    if (error) return <Problem error={error} retry={() => void refetch()} />;
    return <Loading what="the run" />;
}

function Whole({ run }: { run: Run }) {
    const id = run.info.run_id;
    const to = (t: string) => href(runPath(id, t));
    return (
        <div class={`run-page${tab.value === "artifacts" ? " fills" : ""}`}>
            <Head run={run} tab={tab.value} />
            <Tabs tabs={tabsOf(run)} current={tab.value} to={to} />
            {tab.value === "overview" && <Overview run={run} />}
            {tab.value === "charts" && <Charts key="charts" runId={id} without={SYSTEM} />}
            {tab.value === "system" && <Charts key="system" runId={id} prefix={SYSTEM} />}
            {tab.value === "artifacts" && <Files id={id} />}
        </div>
    );
}

/** Files of the run, or of a model that it logged. */
function Files({ id }: { id: string }) {
    if (model.value === "") return <FileBrowser source={filesOfRun(id)} />;
    return (
        <>
            <p class="hint of-model">
                Files of model <code>{model.value}</code>.{" "}
                <a href={href(`/runs/${encodeURIComponent(id)}?tab=artifacts`)}>
                    Those of the run
                </a>
            </p>
            <FileBrowser source={filesOfModel(model.value)} />
        </>
    );
}

/** The drawing of charts is fetched when it is needed. */
function Charts(props: RunChartsProps) {
    const [View, setView] = useState<ComponentType<RunChartsProps>>();
    const [error, setError] = useState<Error>();
    useEffect(() => {
        import("~/charts/view").then(
            m => setView(() => m.RunCharts),
            (e: Error) => setError(e),
        );
    }, []);
    if (error) return <Problem error={error} retry={() => location.reload()} />;
    if (!View) return <Loading what="the charts" />;
    return (
        <>
            <h2 class="out-of-sight">Charts</h2>
            <View {...props} />
        </>
    );
}
