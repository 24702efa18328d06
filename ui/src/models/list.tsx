// The list of registered models, and that of prompts.
import { useEffect, useRef, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { agoText, timeText } from "~/lib/format";
import { href, param, text } from "~/lib/router";
import type { RegisteredModel } from "~/lib/types";
import { Button, Empty, Loading, Problem } from "~/parts/parts";
import { isFilter, isOfPrompts, searchModels, type Kind } from "./data";
import "./models.css";

const search = param("search", text, "");
/** How long nothing is typed before it is searched. */
const PAUSE_MS = 150;

const words = {
    model: {
        title: "Models",
        at: "/models/",
        none: "No models are registered",
        how: 'mlflow.register_model("runs:/RUN_ID/model", "name")',
    },
    prompt: {
        title: "Prompts",
        at: "/prompts/",
        none: "No prompts are registered",
        how: 'mlflow.genai.register_prompt(name="name", template="Hello {{name}}")',
    },
};

export function ModelList({ kind }: { kind: Kind }) {
    const { models, more, error, again } = useSearch(kind, search.value);
    const say = words[kind];
    return (
        <div class="models-page">
            <header class="list-head">
                <h1>{say.title}</h1>
                <input
                    class="field"
                    type="search"
                    placeholder="A name, or tags.owner = 'ada'"
                    aria-label={`Search ${say.title.toLowerCase()}`}
                    value={search.value}
                    onInput={e => search.set(e.currentTarget.value, "replace")}
                />
            </header>
            {error ? (
                <Problem error={error} retry={again} />
            ) : !models ? (
                <Loading what={say.title.toLowerCase()} />
            ) : models.length > 0 ? (
                <>
                    <ModelTable kind={kind} models={models} />
                    {more && (
                        <p>
                            <Button label="Load more" onClick={more} />
                        </p>
                    )}
                </>
            ) : search.value ? (
                <Empty
                    title={
                        isFilter(search.value)
                            ? "Nothing fits the filter"
                            : `Nothing is called “${search.value}”`
                    }
                >
                    <Button label="Show all" onClick={() => search.set("")} />
                </Empty>
            ) : (
                <Empty title={say.none}>
                    <code>{say.how}</code>
                </Empty>
            )}
        </div>
    );
}

interface Found {
    /** What was looked for. */
    name: string;
    models: RegisteredModel[];
    /** Where the next page begins; undefined: there is none. */
    next: string | undefined;
}

function useSearch(kind: Kind, name: string) {
    const [found, setFound] = useState<Found>();
    const [error, setError] = useState<Error>();
    const [tries, setTries] = useState(0);
    const asked = useRef<AbortController>(undefined);
    /** Asks for the page after `before`, or for the first one. What was asked before is given up. */
    const load = async (before?: Found) => {
        asked.current?.abort();
        const { signal } = (asked.current = new AbortController());
        try {
            const page = await searchModels(kind, name, before?.next, signal);
            if (signal.aborted) return;
            const models = [...(before?.models ?? []), ...(page.registered_models ?? [])];
            setFound({ name, models, next: page.next_page_token || undefined });
            setError(undefined);
        } catch (e) {
            if (!signal.aborted) setError(asError(e));
        }
    };
    useEffect(() => {
        const timer = setTimeout(() => void load(), found === undefined ? 0 : PAUSE_MS);
        return () => {
            clearTimeout(timer);
            asked.current?.abort();
        };
    }, [kind, name, tries]);
    return {
        models: found?.models,
        error,
        more: found?.next && found.name === name ? () => void load(found) : undefined,
        again: () => setTries(tries + 1),
    };
}

/** The number of the newest version that the list knows. */
const latest = (model: RegisteredModel) =>
    Math.max(0, ...(model.latest_versions ?? []).map(v => Number(v.version)));

function ModelTable({ kind, models }: { kind: Kind; models: RegisteredModel[] }) {
    return (
        <div class="wide-table" tabIndex={0} role="group" aria-label={words[kind].title}>
            <table class="plain">
                <thead>
                    <tr>
                        <th scope="col">Name</th>
                        <th scope="col" class="number">
                            Version
                        </th>
                        <th scope="col">Aliases</th>
                        <th scope="col">Tags</th>
                        <th scope="col">Changed</th>
                    </tr>
                </thead>
                <tbody>
                    {models.map(m => (
                        <tr key={m.name}>
                            <td>
                                <a href={href(words[kind].at + encodeURIComponent(m.name))}>
                                    {m.name}
                                </a>
                            </td>
                            <td class="number">{latest(m) || ""}</td>
                            <td>
                                {(m.aliases ?? []).map(a => (
                                    <span key={a.alias} class="badge">
                                        @{a.alias} → {a.version}
                                    </span>
                                ))}
                            </td>
                            <td>
                                {(m.tags ?? [])
                                    .filter(t => !isOfPrompts(t.key))
                                    .map(t => (
                                        <span key={t.key} class="badge">
                                            {t.key} {t.value}
                                        </span>
                                    ))}
                            </td>
                            <td title={timeText(Number(m.last_updated_timestamp))}>
                                {agoText(Number(m.last_updated_timestamp), Date.now())}
                            </td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
