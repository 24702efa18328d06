// A prompt: its versions at the left, the chosen one or its difference from another at the right.
import type { Page } from "~/app";
import { agoText, timeText } from "~/lib/format";
import { href, param, text } from "~/lib/router";
import type { ModelVersion, RegisteredModel } from "~/lib/types";
import { Code } from "~/parts/code";
import { Copy } from "~/parts/copy";
import { Notes } from "~/parts/notes";
import { Empty, Loading } from "~/parts/parts";
import { TagEditor } from "~/parts/tag-editor";
import { Aliases } from "./aliases";
import {
    aliasesOf,
    describeModel,
    describeVersion,
    isOfPrompts,
    removeVersionTag,
    setVersionTag,
    useModel,
    useVersions,
} from "./data";
import { Failed } from "./failed";
import { promptOf, variables } from "./prompt-text";
import { lines, type Line } from "./words";
import "./models.css";

const chosen = param("version", text, "");
/** The version that the chosen one is compared with; empty: none. */
const against = param("against", text, "");

export const PromptPage: Page = ({ at }) => <OnePrompt key={at.name} name={at.name!} />;

function OnePrompt({ name }: { name: string }) {
    const { data: model, error, refetch } = useModel(name);
    const { data: versions } = useVersions(name, "prompt");
    if (error) return <Failed name={name} error={error} retry={refetch} />;
    if (!model || !versions) return <Loading what="the prompt" />;
    const find = (version: string) => versions.find(v => String(v.version) === version);
    const version = find(chosen.value) ?? versions[0];
    return (
        <div class="models-page">
            <nav class="trail" aria-label="Place">
                <a href={href("/prompts")}>Prompts</a>
            </nav>
            <h1>{name}</h1>
            <Notes
                title="Description"
                text={model.description ?? ""}
                save={words => describeModel(name, words)}
            />
            {version ? (
                <div class="prompt">
                    <Versions model={model} versions={versions} version={version} />
                    <Version
                        key={version.version}
                        model={model}
                        version={version}
                        versions={versions}
                        other={find(against.value)}
                    />
                </div>
            ) : (
                <Empty title="There are no versions yet" />
            )}
        </div>
    );
}

function Versions({
    model,
    versions,
    version,
}: {
    model: RegisteredModel;
    versions: ModelVersion[];
    version: ModelVersion;
}) {
    return (
        <nav class="version-list" aria-label="Versions">
            {versions.map(v => (
                <a
                    key={v.version}
                    href={href(
                        `/prompts/${encodeURIComponent(v.name)}?version=${encodeURIComponent(v.version)}`,
                    )}
                    aria-current={v === version ? "page" : undefined}
                >
                    <span>Version {v.version}</span>
                    {aliasesOf(model, String(v.version)).map(a => (
                        <span key={a} class="badge">
                            @{a}
                        </span>
                    ))}
                    <span class="soft">
                        {agoText(Number(v.creation_timestamp), Date.now())}
                    </span>
                </a>
            ))}
        </nav>
    );
}

function Version({
    model,
    version,
    versions,
    other,
}: {
    model: RegisteredModel;
    version: ModelVersion;
    versions: ModelVersion[];
    other: ModelVersion | undefined;
}) {
    const words = promptOf(version.tags ?? []);
    const id = [version.name, String(version.version)] as const;
    const named = variables(words);
    return (
        <section class="prompt-version" aria-label={`Version ${version.version}`}>
            <header class="list-head">
                <h2>Version {version.version}</h2>
                <Aliases model={model} version={String(version.version)} />
                <span class="space" />
                <label>
                    Compare with{" "}
                    <select
                        class="field"
                        value={other ? String(other.version) : ""}
                        onChange={e => against.set(e.currentTarget.value)}
                    >
                        <option value="">nothing</option>
                        {versions
                            .filter(v => v !== version)
                            .map(v => (
                                <option key={v.version} value={String(v.version)}>
                                    version {v.version}
                                </option>
                            ))}
                    </select>
                </label>
                <Copy label="Copy the text" text={words} />
            </header>
            {other ? (
                <Difference before={other} after={version} />
            ) : (
                <pre class="prompt-text" tabIndex={0}>
                    <Template words={words} />
                </pre>
            )}
            {named.length > 0 && (
                <p class="hint">
                    To be filled in:{" "}
                    {named.map(n => (
                        <code key={n}>{n} </code>
                    ))}
                </p>
            )}
            <Code language="python" text={loading(model, version)} />
            <p class="hint">Made {timeText(Number(version.creation_timestamp))}</p>
            <Notes
                title="What changed"
                text={version.description ?? ""}
                save={said => describeVersion(...id, said)}
            />
            <TagEditor
                tags={(version.tags ?? []).filter(t => !isOfPrompts(t.key))}
                set={(key, value) => setVersionTag(...id, { key, value })}
                remove={key => removeVersionTag(...id, key)}
            />
        </section>
    );
}

function loading(model: RegisteredModel, { name, version }: ModelVersion): string {
    const alias = aliasesOf(model, String(version))[0];
    const uri = `prompts:/${name}${alias ? `@${alias}` : `/${version}`}`;
    return `import mlflow\n\nprompt = mlflow.genai.load_prompt(${JSON.stringify(uri)})\n`;
}

/** The text with what is to be filled in marked. */
function Template({ words }: { words: string }) {
    return (
        <code>
            {words
                .split(/(\{\{\s*[\w.-]+\s*\}\})/)
                .map((part, i) => (i % 2 ? <mark key={i}>{part}</mark> : part))}
        </code>
    );
}

const signs = { same: " ", gone: "−", new: "+" };
const said = { same: "", gone: "removed: ", new: "added: " };

function Difference({ before, after }: { before: ModelVersion; after: ModelVersion }) {
    const found = lines(promptOf(before.tags ?? []), promptOf(after.tags ?? []));
    if (found.every(l => l.kind === "same"))
        return <p class="hint">Both versions say the same.</p>;
    return (
        <pre
            class="prompt-text difference"
            tabIndex={0}
            role="group"
            aria-label={`From version ${before.version} to ${after.version}`}
        >
            {found.map((l, i) => (
                <DifferentLine key={i} line={l} />
            ))}
        </pre>
    );
}

function DifferentLine({ line }: { line: Line }) {
    return (
        <div class={line.kind}>
            <span class="sign" aria-hidden="true">
                {signs[line.kind]}
            </span>
            <span class="out-of-sight">{said[line.kind]}</span>
            <span>
                {line.pieces.map((p, i) =>
                    p.changed ? <mark key={i}>{p.text}</mark> : <span key={i}>{p.text}</span>,
                )}
            </span>
        </div>
    );
}
