// Tags as chips that can be changed, added and removed.
import { useState } from "preact/hooks";
import type { KeyValue } from "~/lib/types";
import { LineForm } from "./line-form";
import { Button } from "./parts";
import { toast, toastError } from "./toast";
import "./notes.css";

interface TagEditorProps {
    tags: readonly KeyValue[];
    set: (key: string, value: string) => Promise<unknown>;
    remove: (key: string) => Promise<unknown>;
}

const failed = "The tag could not be stored";

/** Tags that programs set for themselves. */
const ofPrograms = /^(mlflow|millstream)\./;

export function TagEditor({ tags, set, remove }: TagEditorProps) {
    const [edited, setEdited] = useState<KeyValue>();
    const [all, setAll] = useState(false);
    const own = tags.filter(t => !ofPrograms.test(t.key));
    const hidden = tags.length - own.length;
    const shown = all ? tags : own;
    const drop = (tag: KeyValue) =>
        remove(tag.key).then(
            () =>
                toast({
                    text: `Tag ${tag.key} was removed`,
                    action: { label: "Undo", run: () => void putBack(tag) },
                }),
            (e: unknown) => toastError("The tag could not be removed", e),
        );
    const putBack = ({ key, value }: KeyValue) =>
        set(key, value).catch((e: unknown) => toastError(failed, e));
    return (
        <section aria-label="Tags">
            <ul class="tags">
                {shown.map(tag => (
                    <li key={tag.key} class="tag">
                        <span class="text" title={`${tag.key}: ${tag.value}`}>
                            <span class="soft">{tag.key}</span> {tag.value}
                        </span>
                        <Button
                            bare
                            icon="edit"
                            label={`Edit tag ${tag.key}`}
                            onClick={() => setEdited(tag)}
                        />
                        <Button
                            bare
                            icon="close"
                            label={`Remove tag ${tag.key}`}
                            onClick={() => void drop(tag)}
                        />
                    </li>
                ))}
                <li>
                    {edited ? (
                        <TagForm
                            key={edited.key}
                            tag={edited}
                            save={set}
                            close={() => setEdited(undefined)}
                        />
                    ) : (
                        <Button
                            icon="plus"
                            label="Add a tag"
                            onClick={() => setEdited({ key: "", value: "" })}
                        />
                    )}
                </li>
            </ul>
            {hidden > 0 && (
                <button type="button" class="link" onClick={() => setAll(!all)}>
                    {all ? "Hide" : "Show"} {hidden} set by programs
                </button>
            )}
        </section>
    );
}

function TagForm({
    tag,
    save,
    close,
}: {
    tag: KeyValue;
    save: TagEditorProps["set"];
    close: () => void;
}) {
    const [key, setKey] = useState(tag.key);
    const [value, setValue] = useState(tag.value);
    const isNew = tag.key === "";
    return (
        <LineForm
            ready={key.trim() !== ""}
            save={() => save(key.trim(), value)}
            failed={failed}
            close={close}
        >
            {isNew && (
                <input
                    class="field"
                    aria-label="Name of the tag"
                    placeholder="name"
                    value={key}
                    onInput={e => setKey(e.currentTarget.value)}
                />
            )}
            <input
                class="field"
                aria-label={isNew ? "Value of the tag" : `Value of tag ${tag.key}`}
                placeholder="value"
                value={value}
                onInput={e => setValue(e.currentTarget.value)}
            />
        </LineForm>
    );
}
