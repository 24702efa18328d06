// Above the table: what is filtered, which names, which columns, how it is grouped.
import { effect, useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import { groupBy, nameRegex, nested, stage, type ColumnId } from "~/lib/runs";
import { Menu, Opener, type MenuItem } from "~/parts/popover";
import { Button } from "~/parts/parts";
import { Icon } from "~/parts/icons";
import { ColumnChooser } from "./chooser";
import { Conditions } from "./conditions";
import { attributes, fullLabel, groupAttribute } from "./columns";
import { exportCsv } from "./csv";
import { FilterBox } from "./filter-box";
import { foundColumns, problem } from "./store";
import { selection } from "~/lib/runs";

export function Toolbar() {
    return (
        <div class="toolbar">
            <FilterBox />
            <NameSearch />
            <ColumnChooser />
            <Grouping />
            <Opener
                bare
                icon="more"
                label="More"
                pressed={nested.value || stage.value === "deleted"}
            >
                {(anchor, close) => (
                    <Menu
                        anchor={anchor}
                        label="More"
                        onClose={close}
                        items={[
                            [
                                {
                                    label: "Children below their parents",
                                    checked: nested.value,
                                    run: () => nested.set(!nested.value),
                                },
                                {
                                    label: "Deleted runs",
                                    checked: stage.value === "deleted",
                                    run: toggleStage,
                                },
                            ],
                            [
                                {
                                    label: "Export as CSV",
                                    icon: "download",
                                    run: () => void exportCsv([]),
                                },
                            ],
                        ]}
                    />
                )}
            </Opener>
            <Conditions />
        </div>
    );
}

function toggleStage(): void {
    selection.value = new Set();
    stage.set(stage.value === "deleted" ? "active" : "deleted");
}

/** After so long without a key the names are searched. */
const typingMs = 200;

function NameSearch() {
    const typed = useSignal(nameRegex.value);
    const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
    useLayoutEffect(() => {
        // A change from elsewhere (the Back button, a saved view) takes the place of what is typed; at
        // once, lest a letter that is typed next is lost.
        const end = effect(() => {
            typed.value = nameRegex.value;
            clearTimeout(timer.current);
        });
        return () => {
            end();
            clearTimeout(timer.current);
        };
    }, []);
    const wrong = /regex|regular/i.test(problem.value?.message ?? "");
    return (
        <div class="name-search">
            <Icon name="search" />
            <input
                class="field"
                type="search"
                aria-label="Find in names (regular expression)"
                placeholder="Name (regex)"
                aria-invalid={wrong}
                spellcheck={false}
                value={typed.value}
                onInput={e => {
                    const now = e.currentTarget.value;
                    typed.value = now;
                    clearTimeout(timer.current);
                    timer.current = setTimeout(() => nameRegex.set(now, "replace"), typingMs);
                }}
            />
        </div>
    );
}

/** Most keys that the menu offers; the menu of a column offers its own. */
const maxOffered = 25;

function Grouping() {
    const now = groupBy.value;
    const found = foundColumns.value;
    const keys: ColumnId[] = [
        ...Object.values(attributes).flatMap(a => (a.group ? [a.group] : [])),
        ...(found?.params ?? []).filter(c => c.differs && !c.more).map(c => `params.${c.key}`),
        ...(found?.tags ?? [])
            .filter(c => c.differs && !c.key.startsWith("mlflow."))
            .map(c => `tags.${c.key}`),
    ];
    const offered = [...new Set([...now, ...keys])].slice(0, maxOffered);
    const item = (id: ColumnId): MenuItem => ({
        label: groupLabel(id),
        checked: now.includes(id),
        run: () => groupBy.set(now.includes(id) ? now.filter(g => g !== id) : [...now, id]),
    });
    return (
        <>
            <Opener label="Group" icon="group" pressed={now.length > 0}>
                {(anchor, close) => (
                    <Menu
                        anchor={anchor}
                        label="Group by"
                        onClose={close}
                        items={[
                            offered.map(item),
                            now.length > 0
                                ? [
                                      {
                                          label: "No groups",
                                          icon: "close",
                                          run: () => groupBy.set([]),
                                      },
                                  ]
                                : [],
                        ]}
                    />
                )}
            </Opener>
            {now.map(id => (
                <Button
                    key={id}
                    icon="close"
                    label={groupLabel(id)}
                    onClick={() => groupBy.set(now.filter(g => g !== id))}
                />
            ))}
        </>
    );
}

const groupLabel = (id: ColumnId): string => fullLabel(groupAttribute(id));
