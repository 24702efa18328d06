// The page of one run.
import { useEffect } from "preact/hooks";
import type { Page } from "~/app";
import { FileBrowser } from "~/artifacts/browser";
import { filesOfRun } from "~/artifacts/source";
import { href, oneOf, param } from "~/lib/router";
import type { Run } from "~/lib/types";
import { Empty, Loading, Problem, Tabs } from "~/parts/parts";
import { ApiError } from "~/lib/api";
import { useRun } from "./data";
import { Head } from "./head";
import { Overview } from "./overview";
import "./run.css";

const tabs = [
    { id: "overview", label: "Overview" },
    { id: "artifacts", label: "Artifacts" },
] as const;
type Tab = (typeof tabs)[number]["id"];

const tab = param<Tab>("tab", oneOf(...tabs.map(t => t.id)), "overview");

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
    const to = (t: string) =>
        href(`/runs/${encodeURIComponent(id)}${t === "overview" ? "" : `?tab=${t}`}`);
    return (
        <div class={`run-page${tab.value === "artifacts" ? " fills" : ""}`}>
            <Head run={run} tab={tab.value} />
            <Tabs tabs={[...tabs]} current={tab.value} to={to} />
            {tab.value === "overview" && <Overview run={run} />}
            {tab.value === "artifacts" && <FileBrowser source={filesOfRun(id)} />}
        </div>
    );
}
