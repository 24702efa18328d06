// A registered model: what it is, and its versions beside what their runs measured.
import { useMemo, useState } from "preact/hooks";
import type { Page } from "~/app";
import { agoText, metricText, timeText } from "~/lib/format";
import { go, href, list, param } from "~/lib/router";
import type { ModelVersion, RegisteredModel, Run } from "~/lib/types";
import { Notes } from "~/parts/notes";
import { Button, Empty, Loading } from "~/parts/parts";
import { Opener, Popover } from "~/parts/popover";
import { TagEditor } from "~/parts/tag-editor";
import { Aliases } from "./aliases";
import { Compare } from "./compare";
import {
    describeModel,
    MOST_VERSIONS,
    removeModelTag,
    setModelTag,
    useModel,
    useRuns,
    useVersions,
} from "./data";
import { Failed } from "./failed";
import "./models.css";

/** Two versions that are compared; else none. */
const compared = param<readonly string[]>("compare", list, []);
/** Metrics that have a column; empty: the first few. */
const chosen = param<readonly string[]>("metrics", list, []);
const FEW = 4;

export const modelPath = (name: string, version?: string): string =>
    `/models/${encodeURIComponent(name)}${version ? `/${encodeURIComponent(version)}` : ""}`;

export const ModelPage: Page = ({ at }) => <OneModel key={at.name} name={at.name!} />;

function OneModel({ name }: { name: string }) {
    const { data: model, error, refetch } = useModel(name);
    const versions = useVersions(name, "model");
    if (error) return <Failed name={name} error={error} retry={refetch} />;
    if (!model || !versions.data) return <Loading what="the model" />;
    const pair = compared.value.map(v => versions.data!.find(o => String(o.version) === v));
    return (
        <div class="models-page">
            <nav class="trail" aria-label="Place">
                <a href={href("/models")}>Models</a>
                {pair.length > 0 && (
                    <>
                        <span aria-hidden="true">/</span>
                        <a href={href(modelPath(name))}>{name}</a>
                    </>
                )}
            </nav>
            <h1>{name}</h1>
            {pair.length === 2 && pair[0] && pair[1] ? (
                <Compare before={pair[0]} after={pair[1]} />
            ) : (
                <About model={model} versions={versions.data} />
            )}
        </div>
    );
}

function About({ model, versions }: { model: RegisteredModel; versions: ModelVersion[] }) {
    const { name } = model;
    return (
        <>
            <Notes
                title="Description"
                text={model.description ?? ""}
                save={text => describeModel(name, text)}
            />
            <TagEditor
                tags={model.tags ?? []}
                set={(key, value) => setModelTag(name, { key, value })}
                remove={key => removeModelTag(name, key)}
            />
            {versions.length > 0 ? (
                <Versions model={model} versions={versions} />
            ) : (
                <Empty title="There are no versions yet">
                    <code>mlflow.register_model("runs:/RUN_ID/model", "{name}")</code>
                </Empty>
            )}
        </>
    );
}

function Versions({ model, versions }: { model: RegisteredModel; versions: ModelVersion[] }) {
    const [marked, setMarked] = useState<readonly string[]>([]);
    const { data: runs } = useRuns(versions);
    const keys = useMemo(() => metricKeys(runs), [runs]);
    const columns = chosen.value.length > 0 ? chosen.value : keys.slice(0, FEW);
    const staged = versions.some(v => v.current_stage && v.current_stage !== "None");
    const mark = (version: string, on: boolean) =>
        setMarked(on ? [...marked, version].slice(-2) : marked.filter(v => v !== version));
    const compare = () => {
        const [a, b] = [...marked].sort((x, y) => Number(x) - Number(y));
        go(`${modelPath(model.name)}?compare=${a},${b}`);
    };
    return (
        <section aria-label="Versions">
            <header class="list-head">
                <h2>
                    Versions <span class="soft">{versions.length}</span>
                </h2>
                <Button
                    label={
                        marked.length === 2 ? "Compare" : "Mark two versions to compare them"
                    }
                    disabled={marked.length !== 2}
                    onClick={compare}
                />
                <span class="space" />
                <Columns keys={keys} columns={columns} />
            </header>
            {versions.length === MOST_VERSIONS && (
                <p class="hint">The newest {MOST_VERSIONS} are shown.</p>
            )}
            <div class="wide-table" tabIndex={0} role="group" aria-label="Versions, scrolls">
                <table class="plain">
                    <thead>
                        <tr>
                            <th class="mark">
                                <span class="out-of-sight">Mark</span>
                            </th>
                            <th scope="col">Version</th>
                            <th scope="col">Aliases</th>
                            {staged && <th scope="col">Stage</th>}
                            {columns.map(key => (
                                <th key={key} scope="col" class="number" title={key}>
                                    {key}
                                </th>
                            ))}
                            <th scope="col">Run</th>
                            <th scope="col">Made</th>
                            <th scope="col">Description</th>
                        </tr>
                    </thead>
                    <tbody>
                        {versions.map(v => (
                            <Version
                                key={v.version}
                                model={model}
                                version={v}
                                run={runs?.get(v.run_id ?? "")}
                                columns={columns}
                                staged={staged}
                                marked={marked.includes(String(v.version))}
                                mark={on => mark(String(v.version), on)}
                            />
                        ))}
                    </tbody>
                </table>
            </div>
        </section>
    );
}

/** What the runs measured, the commonest first. */
function metricKeys(runs: ReadonlyMap<string, Run> | undefined): string[] {
    const count = new Map<string, number>();
    for (const run of runs?.values() ?? [])
        for (const { key } of run.data.metrics ?? []) count.set(key, (count.get(key) ?? 0) + 1);
    return [...count.keys()].sort(
        (a, b) => count.get(b)! - count.get(a)! || a.localeCompare(b),
    );
}

/** Which metrics have a column. */
function Columns({ keys, columns }: { keys: string[]; columns: readonly string[] }) {
    if (keys.length === 0) return null;
    const turn = (key: string, on: boolean) =>
        chosen.set(on ? [...columns, key] : columns.filter(c => c !== key), "replace");
    return (
        <Opener label="Metrics" icon="columns" kind="dialog">
            {(anchor, close) => (
                <Popover anchor={anchor} label="Metrics" onClose={close}>
                    <ul class="checks">
                        {keys.map(key => (
                            <li key={key}>
                                <label>
                                    <input
                                        type="checkbox"
                                        checked={columns.includes(key)}
                                        onChange={e => turn(key, e.currentTarget.checked)}
                                    />{" "}
                                    {key}
                                </label>
                            </li>
                        ))}
                    </ul>
                </Popover>
            )}
        </Opener>
    );
}

function Version({
    model,
    version: v,
    run,
    columns,
    staged,
    marked,
    mark,
}: {
    model: RegisteredModel;
    version: ModelVersion;
    run: Run | undefined;
    columns: readonly string[];
    staged: boolean;
    marked: boolean;
    mark: (on: boolean) => void;
}) {
    const made = Number(v.creation_timestamp);
    const metric = (key: string) => run?.data.metrics?.find(m => m.key === key)?.value;
    return (
        <tr>
            <td class="mark">
                <input
                    type="checkbox"
                    aria-label={`Mark version ${v.version}`}
                    checked={marked}
                    onChange={e => mark(e.currentTarget.checked)}
                />
            </td>
            <td>
                <a href={href(modelPath(model.name, String(v.version)))}>{v.version}</a>
                {v.status && v.status !== "READY" && (
                    <span class="badge">{v.status.replaceAll("_", " ").toLowerCase()}</span>
                )}
            </td>
            <td>
                <Aliases model={model} version={String(v.version)} />
            </td>
            {staged && <td>{v.current_stage === "None" ? "" : v.current_stage}</td>}
            {columns.map(key => (
                <td key={key} class="number" title={String(metric(key) ?? "")}>
                    {metricText(metric(key))}
                </td>
            ))}
            <td>
                {v.run_id && (
                    <a href={href(`/runs/${encodeURIComponent(v.run_id)}`)}>
                        {run?.info.run_name || v.run_id.slice(0, 8)}
                    </a>
                )}
            </td>
            <td title={timeText(made)}>{agoText(made, Date.now())}</td>
            <td class="description" title={v.description}>
                {v.description?.split("\n")[0]}
            </td>
        </tr>
    );
}
