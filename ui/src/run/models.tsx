// Models that a run logged, and what became of them in the registry.
import { useState } from "preact/hooks";
import { get, mlflow } from "~/lib/api";
import { metricText } from "~/lib/format";
import { useQuery } from "~/lib/query";
import { href } from "~/lib/router";
import type { LoggedModel, ModelVersion, Run } from "~/lib/types";

/** More are not looked up one by one. */
const MOST = 20;

async function loggedModels(run: Run, signal: AbortSignal): Promise<LoggedModel[]> {
    const ids = (run.outputs?.model_outputs ?? []).map(o => o.model_id).slice(0, MOST);
    const answers = await Promise.allSettled(
        ids.map(id =>
            get<{ model: LoggedModel }>(
                mlflow(`logged-models/${encodeURIComponent(id)}`),
                {},
                signal,
            ),
        ),
    );
    // One that was deleted since is no longer told of.
    return answers.flatMap(a => (a.status === "fulfilled" ? [a.value.model] : []));
}

async function versionsOf(run: Run, signal: AbortSignal): Promise<ModelVersion[]> {
    const filter = `run_id = '${run.info.run_id.replaceAll("'", "")}'`;
    const found = await get<{ model_versions?: ModelVersion[] }>(
        mlflow("model-versions/search"),
        { filter, max_results: 100 },
        signal,
    );
    return found.model_versions ?? [];
}

export function Models({ run }: { run: Run }) {
    const id = run.info.run_id;
    const logged = useQuery<LoggedModel[]>({
        queryKey: ["run", id, "models"],
        queryFn: ({ signal }) => loggedModels(run, signal),
    });
    const registered = useQuery<ModelVersion[]>({
        queryKey: ["run", id, "versions"],
        queryFn: ({ signal }) => versionsOf(run, signal),
    });
    const models = logged.data ?? [];
    const versions = registered.data ?? [];
    if (models.length + versions.length === 0) return null;
    return (
        <section aria-label="Models">
            <h2>
                Models <span class="soft">{models.length || versions.length}</span>
            </h2>
            <ul class="rows">
                {models.map(model => (
                    <Logged key={model.info.model_id} run={run} model={model} />
                ))}
                {versions.map(v => (
                    <li key={`${v.name} ${v.version}`}>
                        registered as{" "}
                        <a
                            href={href(
                                `/models/${encodeURIComponent(v.name)}/${encodeURIComponent(v.version)}`,
                            )}
                        >
                            {v.name}, version {v.version}
                        </a>
                        {v.aliases?.map(a => (
                            <span key={a} class="badge">
                                @{a}
                            </span>
                        ))}
                    </li>
                ))}
            </ul>
        </section>
    );
}

/** A model that was logged: what it was made with, and what was measured on it. */
function Logged({ run, model: { info, data } }: { run: Run; model: LoggedModel }) {
    const [open, setOpen] = useState(false);
    const state = info.status?.replace("LOGGED_MODEL_", "").toLowerCase().replaceAll("_", " ");
    return (
        <li>
            <details open={open} onToggle={e => setOpen(e.currentTarget.open)}>
                <summary>
                    <strong>{info.name}</strong> <code>{info.model_id}</code>{" "}
                    {state !== "ready" && <span class="badge">{state}</span>}
                </summary>
                {open && (
                    <dl class="facts">
                        {(data?.params ?? []).map(p => (
                            <>
                                <dt>{p.key}</dt>
                                <dd>{p.value}</dd>
                            </>
                        ))}
                        {(data?.metrics ?? []).map(m => (
                            <>
                                <dt>{m.key}</dt>
                                <dd>
                                    {metricText(m.value)}{" "}
                                    <span class="soft">
                                        {m.dataset_name && `on ${m.dataset_name}`}
                                    </span>
                                </dd>
                            </>
                        ))}
                    </dl>
                )}
            </details>
            <a href={filesLink(run.info.run_id, info.model_id)}>Files</a>
        </li>
    );
}

const filesLink = (run: string, model: string) =>
    href(`/runs/${encodeURIComponent(run)}?tab=artifacts&model=${encodeURIComponent(model)}`);
