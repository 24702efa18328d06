// Saved views: what the address says, kept under a name as a tag of the experiment.
import { useState } from "preact/hooks";
import { experimentIds, viewQuery } from "~/lib/runs";
import { go, path } from "~/lib/router";
import type { Experiment } from "~/lib/types";
import { Menu, Opener, type MenuItem } from "~/parts/popover";
import { toast, toastError } from "~/parts/toast";
import { deleteExperimentTag, setExperimentTag, useChosenExperiments } from "./experiments";
import { NameDialog } from "./sidebar";

const prefix = "millstream.view.";

interface SavedView {
    name: string;
    query: string;
}

export function viewsOf(experiment: Experiment | undefined): SavedView[] {
    return (experiment?.tags ?? [])
        .filter(t => t.key.startsWith(prefix) && t.key.length > prefix.length)
        .map(t => ({ name: t.key.slice(prefix.length), query: t.value }))
        .sort((a, b) => a.name.localeCompare(b.name));
}

export function Views() {
    const [saving, setSaving] = useState(false);
    const chosen = useChosenExperiments();
    const id = experimentIds.value[0];
    const views = viewsOf(chosen.data?.[0]);
    const now = viewQuery.value;
    const current = views.find(v => v.query === now);
    if (id === undefined) return null;

    const remove = async ({ name, query }: SavedView) => {
        try {
            await deleteExperimentTag(id, prefix + name);
            toast({
                text: `The view ${name} was deleted`,
                action: {
                    label: "Undo",
                    run: () => void setExperimentTag(id, prefix + name, query),
                },
            });
        } catch (error) {
            toastError("The view could not be deleted", error);
        }
    };
    const items = (): MenuItem[][] => [
        views.map(v => ({
            label: v.name,
            checked: v === current,
            run: () => go(path.value + (v.query ? `?${v.query}` : "")),
        })),
        [
            { label: "Save this view …", icon: "bookmark", run: () => setSaving(true) },
            { label: "Copy its address", icon: "copy", run: () => void copyAddress() },
            { label: "Reset", icon: "undo", disabled: now === "", run: () => go(path.value) },
        ],
        current
            ? [
                  {
                      label: `Delete ${current.name}`,
                      icon: "trash",
                      danger: true,
                      run: () => void remove(current),
                  },
              ]
            : [],
    ];
    return (
        <>
            <Opener
                label={current ? current.name : "Views"}
                icon="bookmark"
                pressed={current !== undefined}
            >
                {(anchor, close) => (
                    <Menu anchor={anchor} label="Views" items={items()} onClose={close} />
                )}
            </Opener>
            {saving && (
                <NameDialog
                    title="Save this view"
                    action="Save"
                    name={current?.name ?? ""}
                    close={() => setSaving(false)}
                    work={name => setExperimentTag(id, prefix + name, now)}
                />
            )}
        </>
    );
}

async function copyAddress(): Promise<void> {
    try {
        await navigator.clipboard.writeText(location.href);
        toast({ text: "The address was copied" });
    } catch {
        toast({ text: "The browser does not allow copying here", bad: true });
    }
}
