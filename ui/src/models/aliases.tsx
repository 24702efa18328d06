// The aliases of a version as chips: added, moved here from another version, removed.
import { useState } from "preact/hooks";
import type { RegisteredModel } from "~/lib/types";
import { LineForm } from "~/parts/line-form";
import { Button } from "~/parts/parts";
import { toast, toastError } from "~/parts/toast";
import { aliasesOf, removeAlias, setAlias } from "./data";

const failed = "The alias could not be set";

export function Aliases({ model, version }: { model: RegisteredModel; version: string }) {
    const [adding, setAdding] = useState(false);
    const { name } = model;
    const drop = (alias: string) =>
        removeAlias(name, alias).then(
            () =>
                toast({
                    text: `Alias ${alias} was removed from version ${version}`,
                    action: { label: "Undo", run: () => void putBack(alias) },
                }),
            (e: unknown) => toastError("The alias could not be removed", e),
        );
    const putBack = (alias: string) => add(alias).catch((e: unknown) => toastError(failed, e));
    const add = async (alias: string) => {
        const before = model.aliases?.find(a => a.alias === alias)?.version;
        await setAlias(name, alias, version);
        if (before !== undefined && String(before) !== version)
            toast({
                text: `Alias ${alias} was moved from version ${before} to ${version}`,
                action: {
                    label: "Undo",
                    run: () => void setAlias(name, alias, String(before)),
                },
            });
    };
    return (
        <ul class="tags aliases" aria-label={`Aliases of version ${version}`}>
            {aliasesOf(model, version).map(alias => (
                <li key={alias} class="tag">
                    <span class="text" title={alias}>
                        @{alias}
                    </span>
                    <Button
                        bare
                        icon="close"
                        label={`Remove alias ${alias}`}
                        onClick={() => void drop(alias)}
                    />
                </li>
            ))}
            <li>
                {adding ? (
                    <AliasForm version={version} save={add} close={() => setAdding(false)} />
                ) : (
                    <Button
                        bare
                        icon="plus"
                        label={`Add an alias to version ${version}`}
                        onClick={() => setAdding(true)}
                    />
                )}
            </li>
        </ul>
    );
}

function AliasForm({
    version,
    save,
    close,
}: {
    version: string;
    save: (alias: string) => Promise<unknown>;
    close: () => void;
}) {
    const [alias, setText] = useState("");
    return (
        <LineForm
            ready={alias.trim() !== ""}
            save={() => save(alias.trim())}
            failed={failed}
            close={close}
        >
            <input
                class="field"
                aria-label={`New alias of version ${version}`}
                placeholder="champion"
                value={alias}
                onInput={e => setText(e.currentTarget.value)}
            />
        </LineForm>
    );
}
