// Who ran what when, from which code.
import type { ComponentChildren } from "preact";
import { filesOfRun } from "~/artifacts/source";
import { timeText } from "~/lib/format";
import { useQuery } from "~/lib/query";
import { href } from "~/lib/router";
import type { FileInfo, Run } from "~/lib/types";
import { Copy } from "~/parts/copy";
import { commitLink, tagOf } from "./facts";
import { tookText, useNow } from "./head";

const runLink = (id: string) => href(`/runs/${encodeURIComponent(id)}`);

export function About({ run }: { run: Run }) {
    const now = useNow(run.info.status === "RUNNING");
    const { info } = run;
    const found = useFilesAtTop(info.run_id);
    const parent = tagOf(run, "mlflow.parentRunId");
    const user = info.user_id || tagOf(run, "mlflow.user");
    const source = tagOf(run, "mlflow.source.name");
    const kind = tagOf(run, "mlflow.source.type");
    return (
        <dl class="facts">
            <Fact label="Id">
                <code>{info.run_id}</code> <Copy label="Copy the id" text={info.run_id} />
            </Fact>
            <Fact label="Started">
                {info.start_time ? timeText(Number(info.start_time)) : undefined}
            </Fact>
            <Fact label="Took">{tookText(run, now)}</Fact>
            <Fact label="User">{user}</Fact>
            <Fact label="Source">
                {source}
                {source && kind && <span class="soft"> {kind.toLowerCase()}</span>}
            </Fact>
            <Fact label="Commit">
                <Commit run={run} />
            </Fact>
            <Fact label="Changes">
                {found(/\.(diff|patch)$/i) ?? <span class="soft">none logged</span>}
            </Fact>
            <Fact label="Environment">
                {found(/^(requirements.*\.txt|(conda|python_env|environment).*\.ya?ml)$/i)}
            </Fact>
            <Fact label="Logs">{found(/\.(log|out|err)$/i)}</Fact>
            <Fact label="Parent">{parent && <a href={runLink(parent)}>{parent}</a>}</Fact>
            <Fact label="Files at">
                <span class="soft">{info.artifact_uri}</span>
            </Fact>
        </dl>
    );
}

/** Left out when there is nothing to say. */
function Fact({ label, children }: { label: string; children: ComponentChildren }) {
    const said = Array.isArray(children) ? children.some(Boolean) : children;
    return said ? (
        <>
            <dt>{label}</dt>
            <dd>{children}</dd>
        </>
    ) : null;
}

function Commit({ run }: { run: Run }) {
    const commit = tagOf(run, "mlflow.source.git.commit");
    const branch = tagOf(run, "mlflow.source.git.branch");
    if (!commit) return <span class="soft">not known</span>;
    const link = commitLink(tagOf(run, "mlflow.source.git.repoURL") ?? "", commit);
    const short = <code title={commit}>{commit.slice(0, 12)}</code>;
    return (
        <>
            {link ? (
                <a href={link} target="_blank" rel="noopener noreferrer">
                    {short}
                </a>
            ) : (
                short
            )}{" "}
            {branch && <span class="soft">on {branch}</span>}{" "}
            <Copy label="Copy the commit" text={commit} />
        </>
    );
}

/** Gives links to the files at the top whose names fit; undefined where none does. */
function useFilesAtTop(id: string): (names: RegExp) => ComponentChildren {
    const source = filesOfRun(id);
    const { data } = useQuery<FileInfo[]>({
        queryKey: ["files", source.key, ""],
        queryFn: ({ signal }) => source.list("", signal),
    });
    return names => {
        const files = (data ?? []).filter(f => !f.is_dir && names.test(f.path));
        if (files.length === 0) return undefined;
        return files.slice(0, MOST).map(f => (
            <a key={f.path} href={fileLink(id, f.path)}>
                {f.path}{" "}
            </a>
        ));
    };
}

/** Files that are named. */
const MOST = 20;
const fileLink = (id: string, path: string) =>
    `${runLink(id)}?tab=artifacts&path=${encodeURIComponent(path)}`;
