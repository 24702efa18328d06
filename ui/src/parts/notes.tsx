// A text in Markdown that can be edited with a preview: notes of a run, descriptions of a model.
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { Markdown } from "./markdown";
import { Button } from "./parts";
import { toastError } from "./toast";
import "./notes.css";

interface NotesProps {
    /** What it is called: "Notes". */
    title: string;
    text: string;
    save: (text: string) => Promise<unknown>;
}

export function Notes({ title, text, save }: NotesProps) {
    const [draft, setDraft] = useState<string>();
    if (draft !== undefined)
        return (
            <Editor
                title={title}
                draft={draft}
                setDraft={setDraft}
                save={() =>
                    save(draft).then(
                        // What was typed meanwhile is not stored yet.
                        () => setDraft(now => (now === draft ? undefined : now)),
                        (e: unknown) => toastError(`${title} could not be stored`, e),
                    )
                }
                cancel={() => setDraft(undefined)}
            />
        );
    return (
        <section class="notes" aria-label={title}>
            <header>
                <h2>{title}</h2>
                <Button
                    bare
                    icon="edit"
                    label={`Edit ${title.toLowerCase()}`}
                    onClick={() => setDraft(text)}
                />
            </header>
            {text.trim() === "" ? <p class="hint">Nothing yet.</p> : <Markdown text={text} />}
        </section>
    );
}

function Editor({
    title,
    draft,
    setDraft,
    save,
    cancel,
}: {
    title: string;
    draft: string;
    setDraft: (text: string) => void;
    save: () => Promise<unknown>;
    cancel: () => void;
}) {
    const [shown, setShown] = useState(false);
    const [busy, setBusy] = useState(false);
    const area = useRef<HTMLTextAreaElement>(null);
    useLayoutEffect(() => area.current?.focus(), [shown]);
    const submit = () => {
        if (busy) return;
        setBusy(true);
        void save().finally(() => setBusy(false));
    };
    return (
        <section class="notes" aria-label={title}>
            <header>
                <h2>{title}</h2>
                <Button label="Preview" pressed={shown} onClick={() => setShown(!shown)} />
            </header>
            {shown ? (
                <Markdown text={draft} />
            ) : (
                <textarea
                    class="field"
                    rows={8}
                    aria-label={`${title}, in Markdown`}
                    value={draft}
                    ref={area}
                    onInput={e => setDraft(e.currentTarget.value)}
                    onKeyDown={e => {
                        if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) submit();
                        if (e.key === "Escape") cancel();
                    }}
                />
            )}
            <footer>
                <Button primary label="Save" disabled={busy} onClick={submit} />
                <Button label="Cancel" onClick={cancel} />
                <span class="hint">Markdown. Ctrl+Enter saves.</span>
            </footer>
        </section>
    );
}
