// A version of a registered model.
import { useMemo } from "preact/hooks";
import type { Page } from "~/app";
import { FileBrowser } from "~/artifacts/browser";
import { SignatureView } from "~/artifacts/signature-view";
import { metricText, timeText } from "~/lib/format";
import { href, oneOf, param } from "~/lib/router";
import type { ModelVersion, RegisteredModel, Run } from "~/lib/types";
import { datasetsOf } from "~/run/facts";
import { Code } from "~/parts/code";
import { Copy } from "~/parts/copy";
import { KeyValues } from "~/parts/key-values";
import { Notes } from "~/parts/notes";
import { Empty, Loading, Tabs } from "~/parts/parts";
import { TagEditor } from "~/parts/tag-editor";
import { Aliases } from "./aliases";
import {
    aliasesOf,
    describeVersion,
    removeVersionTag,
    setVersionTag,
    useModel,
    useRuns,
    useVersion,
} from "./data";
import { Failed } from "./failed";
import { modelPath } from "./model";
import { filesOf, useModelFile } from "./signature";
import "./models.css";

const tabs = [
    { id: "overview", label: "Overview" },
    { id: "files", label: "Files" },
] as const;
const tab = param<"overview" | "files">("tab", oneOf("overview", "files"), "overview");

export const VersionPage: Page = ({ at }) => (
    <OneVersion key={`${at.name} ${at.version}`} name={at.name!} version={at.version!} />
);

function OneVersion({ name, version }: { name: string; version: string }) {
    const { data: model } = useModel(name);
    const { data, error, refetch } = useVersion(name, version);
    if (error) return <Failed name={name} error={error} retry={refetch} />;
    if (!data || !model) return <Loading what="the version" />;
    const to = (t: string) =>
        href(modelPath(name, version) + (t === "files" ? "?tab=files" : ""));
    const source = filesOf(data);
    return (
        <div class={`models-page${tab.value === "files" ? " fills" : ""}`}>
            <nav class="trail" aria-label="Place">
                <a href={href("/models")}>Models</a>
                <span aria-hidden="true">/</span>
                <a href={href(modelPath(name))}>{name}</a>
            </nav>
            <div class="list-head">
                <h1>
                    {name} <span class="soft">version {version}</span>
                </h1>
                <Aliases model={model} version={version} />
            </div>
            <Tabs tabs={[...tabs]} current={tab.value} to={to} />
            {tab.value === "overview" ? (
                <Overview model={model} version={data} />
            ) : source ? (
                <FileBrowser source={source} />
            ) : (
                <Empty title="This server cannot read the files">
                    <code>{data.source}</code>
                </Empty>
            )}
        </div>
    );
}

function Overview({ model, version }: { model: RegisteredModel; version: ModelVersion }) {
    const { data: runs } = useRuns([version]);
    const run = runs?.get(version.run_id ?? "");
    const id = [version.name, String(version.version)] as const;
    return (
        <div class="overview">
            <div class="main">
                <Notes
                    title="Description"
                    text={version.description ?? ""}
                    save={text => describeVersion(...id, text)}
                />
                <section aria-label="Signature">
                    <h2>Signature</h2>
                    <Signature version={version} />
                </section>
                {run && <Measured run={run} />}
                <section aria-label="Load it">
                    <h2>Load it</h2>
                    <Code language="python" text={loading(model, version)} />
                </section>
            </div>
            <aside class="side" aria-label="About the version">
                <Facts version={version} run={run} />
                <h2>Tags</h2>
                <TagEditor
                    tags={version.tags ?? []}
                    set={(key, value) => setVersionTag(...id, { key, value })}
                    remove={key => removeVersionTag(...id, key)}
                />
            </aside>
        </div>
    );
}

function Signature({ version }: { version: ModelVersion }) {
    const { data, error, isFetching } = useModelFile(version);
    if (error) return <p class="hint bad">It cannot be read: {error.message}</p>;
    if (data?.signature) return <SignatureView signature={data.signature} />;
    if (isFetching) return <Loading what="the signature" />;
    return <p class="hint">None was logged with the model.</p>;
}

function Measured({ run }: { run: Run }) {
    const metrics = useMemo(
        () =>
            (run.data.metrics ?? []).map(m => ({
                key: m.key,
                value: metricText(m.value),
                exact: String(m.value),
                number: Number(m.value),
            })),
        [run],
    );
    return (
        <div class="pair">
            <KeyValues title="Metrics of the run" items={metrics} empty="mlflow.log_metric" />
            <KeyValues
                title="Params of the run"
                items={run.data.params ?? []}
                empty="mlflow.log_param"
            />
        </div>
    );
}

function Facts({ version: v, run }: { version: ModelVersion; run: Run | undefined }) {
    const datasets = run ? datasetsOf(run) : [];
    return (
        <dl class="facts">
            {v.run_id && (
                <>
                    <dt>Run</dt>
                    <dd>
                        <a href={href(`/runs/${encodeURIComponent(v.run_id)}`)}>
                            {run?.info.run_name || v.run_id}
                        </a>
                    </dd>
                </>
            )}
            {datasets.length > 0 && (
                <>
                    <dt>Datasets</dt>
                    <dd>
                        {datasets
                            .map(d => (d.use ? `${d.name} (${d.use})` : d.name))
                            .join(", ")}
                    </dd>
                </>
            )}
            <dt>Made</dt>
            <dd>{timeText(Number(v.creation_timestamp))}</dd>
            {v.user_id && (
                <>
                    <dt>User</dt>
                    <dd>{v.user_id}</dd>
                </>
            )}
            {v.current_stage && v.current_stage !== "None" && (
                <>
                    <dt>Stage</dt>
                    <dd>{v.current_stage}</dd>
                </>
            )}
            {v.status && v.status !== "READY" && (
                <>
                    <dt>Status</dt>
                    <dd>
                        {v.status.replaceAll("_", " ").toLowerCase()} {v.status_message}
                    </dd>
                </>
            )}
            <dt>Source</dt>
            <dd>
                <span class="soft">{v.source}</span>{" "}
                <Copy label="Copy the source" text={v.source ?? ""} />
            </dd>
        </dl>
    );
}

function loading(model: RegisteredModel, v: ModelVersion): string {
    const alias = aliasesOf(model, String(v.version))[0];
    const uri = `models:/${v.name}${alias ? `@${alias}` : `/${v.version}`}`;
    return `import mlflow\n\nmodel = mlflow.pyfunc.load_model(${JSON.stringify(uri)})\nmodel.predict(data)\n`;
}
