// The experiments at the side: found by name, with their counts, several at once.
import { useState } from "preact/hooks";
import { counted, count } from "~/lib/format";
import { asError } from "~/lib/error";
import { go, href } from "~/lib/router";
import { experimentIds, experimentsPath } from "~/lib/runs";
import type { Experiment } from "~/lib/types";
import { Dialog } from "~/parts/dialog";
import { Icon } from "~/parts/icons";
import { useOnce } from "~/parts/once";
import { Menu, Opener } from "~/parts/popover";
import { Button, Loading, Problem } from "~/parts/parts";
import { toast, toastError } from "~/parts/toast";
import {
    createExperiment,
    deleteExperiment,
    maxListed,
    renameExperiment,
    restoreExperiment,
    useCounts,
    useExperiments,
    type Count,
} from "./experiments";

export function Sidebar() {
    const [typed, setTyped] = useState("");
    const [deleted, setDeleted] = useState(false);
    const [creating, setCreating] = useState(false);
    const found = useExperiments(typed, deleted);
    const all = found.data?.experiments ?? [];
    const counts = useCounts(all.map(e => e.experiment_id));
    return (
        <aside class="sidebar" aria-label="Experiments">
            <header>
                <h2>Experiments</h2>
                <Button
                    bare
                    icon="plus"
                    label="New experiment"
                    onClick={() => setCreating(true)}
                />
            </header>
            <input
                class="field"
                type="search"
                aria-label="Find an experiment"
                placeholder="Find an experiment"
                value={typed}
                onInput={e => setTyped(e.currentTarget.value)}
            />
            <label class="switch">
                <input
                    type="checkbox"
                    checked={deleted}
                    onChange={() => setDeleted(!deleted)}
                />
                Deleted ones
            </label>
            {found.error && <Problem error={found.error} retry={() => void found.refetch()} />}
            {found.isPending && <Loading what="the experiments" />}
            <ul class="experiments">
                {all.map(e => (
                    <Entry
                        key={e.experiment_id}
                        experiment={e}
                        count={counts.data?.get(e.experiment_id)}
                        counted={counts.data !== undefined}
                    />
                ))}
            </ul>
            {found.data && all.length === 0 && (
                <p class="hint">
                    {typed
                        ? "No experiment is called that."
                        : deleted
                          ? "None is deleted."
                          : "There is none yet."}
                </p>
            )}
            {found.data?.more && (
                <p class="hint">The {maxListed} changed last. Type to find the others.</p>
            )}
            {creating && (
                <NameDialog
                    title="New experiment"
                    action="Create"
                    close={() => setCreating(false)}
                    work={createExperiment}
                    done={id => go(experimentsPath([id]))}
                />
            )}
        </aside>
    );
}

function Entry({
    experiment,
    count: c,
    counted: known,
}: {
    experiment: Experiment;
    count: Count | undefined;
    counted: boolean;
}) {
    const { experiment_id: id, name, lifecycle_stage } = experiment;
    const [renaming, setRenaming] = useState(false);
    const chosen = experimentIds.value;
    const on = chosen.includes(id);
    const alone = on && chosen.length === 1;
    const toggle = () => {
        const next = on ? chosen.filter(e => e !== id) : [...chosen, id];
        if (next.length > 0) go(experimentsPath(next));
    };
    return (
        <li class={on ? "chosen" : undefined}>
            <input
                type="checkbox"
                aria-label={`Show ${name} with the others`}
                checked={on}
                disabled={alone}
                onChange={toggle}
            />
            <a
                href={href(experimentsPath([id]))}
                title={name}
                aria-current={alone ? "true" : undefined}
            >
                {name}
            </a>
            {c && c.running > 0 && (
                <span class="running" title={counted(c.running, "running run")}>
                    <span class="out-of-sight">{counted(c.running, "running run")}</span>
                </span>
            )}
            {known && <span class="count">{count(c?.runs ?? 0)}</span>}
            <Opener bare small icon="more" label={`Experiment ${name}`}>
                {(anchor, close) => (
                    <Menu
                        anchor={anchor}
                        label={name}
                        onClose={close}
                        items={[
                            [{ label: "Rename …", icon: "edit", run: () => setRenaming(true) }],
                            [
                                lifecycle_stage === "active"
                                    ? {
                                          label: "Delete",
                                          icon: "trash",
                                          danger: true,
                                          run: () => void remove(experiment),
                                      }
                                    : {
                                          label: "Restore",
                                          icon: "undo",
                                          run: () => void bringBack(experiment),
                                      },
                            ],
                        ]}
                    />
                )}
            </Opener>
            {renaming && (
                <NameDialog
                    title={`Rename ${name}`}
                    action="Rename"
                    name={name}
                    close={() => setRenaming(false)}
                    work={to => renameExperiment(id, to)}
                />
            )}
        </li>
    );
}

async function remove({ experiment_id, name }: Experiment): Promise<void> {
    try {
        await deleteExperiment(experiment_id);
        const rest = experimentIds.value.filter(id => id !== experiment_id);
        if (rest.length < experimentIds.value.length)
            go(rest.length > 0 ? experimentsPath(rest) : "/experiments");
        toast({
            text: `${name} was deleted`,
            action: {
                label: "Undo",
                run: () => void bringBack({ experiment_id, name }),
            },
        });
    } catch (error) {
        toastError(`${name} could not be deleted`, error);
    }
}

async function bringBack({
    experiment_id,
    name,
}: Pick<Experiment, "experiment_id" | "name">): Promise<void> {
    try {
        await restoreExperiment(experiment_id);
        toast({ text: `${name} was restored` });
    } catch (error) {
        toastError(`${name} could not be restored`, error);
    }
}

/** Asks for a name and does something with it; what the server refuses is said beside the field. */
export function NameDialog<T>({
    title,
    action,
    name = "",
    close,
    work,
    done,
}: {
    title: string;
    action: string;
    name?: string;
    close: () => void;
    work: (name: string) => Promise<T>;
    /** Comes after it, unless the window was closed meanwhile. */
    done?: (made: T) => void;
}) {
    const [typed, setTyped] = useState(name);
    const [error, setError] = useState("");
    const once = useOnce();
    const submit = () => {
        if (typed.trim() === "") return;
        once(
            () => work(typed.trim()),
            made => {
                close();
                done?.(made);
            },
            e => setError(asError(e).message),
        );
    };
    return (
        <Dialog
            title={title}
            onClose={close}
            onSubmit={submit}
            actions={<Button primary submit label={action} disabled={typed.trim() === ""} />}
        >
            <label class="labelled">
                Name
                <input
                    class="field"
                    value={typed}
                    aria-invalid={error !== ""}
                    onInput={e => {
                        setTyped(e.currentTarget.value);
                        setError("");
                    }}
                />
            </label>
            {error && (
                <p class="hint bad" role="alert">
                    <Icon name="warning" /> {error}
                </p>
            )}
        </Dialog>
    );
}
