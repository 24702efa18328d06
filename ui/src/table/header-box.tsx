// The first two cells of the header: select all, and which runs are drawn.
import { count } from "~/lib/format";
import { selection, setShowMode, showMode, showModes, solo, type ShowMode } from "~/lib/runs";
import { box } from "~/parts/box";
import { Opener, Menu } from "~/parts/popover";
import type { Layout } from "./layout";
import { selectAll, selectingAll, selectNone } from "./select";
import { tree } from "./store";

const modeLabels: Record<ShowMode, string> = {
    first10: "First 10 runs",
    first20: "First 20 runs",
    first100: "First 100 runs",
    all: "All runs",
    running: "Running runs",
    none: "No runs",
};

export function HeaderBox({ layout, column }: { layout: Layout; column: number }) {
    return (
        <>
            <div
                role="columnheader"
                aria-colindex={1}
                data-column={0}
                class="cell tool"
                style={box(layout.fixed[0]!)}
            >
                <SelectAll on={column === 0} />
            </div>
            <div
                role="columnheader"
                aria-colindex={2}
                data-column={1}
                class="cell tool"
                style={box(layout.fixed[1]!)}
            >
                <Opener
                    bare
                    small
                    icon="eye"
                    tabIndex={column === 1 ? 0 : -1}
                    label={
                        solo.value ? "One run is drawn" : `Drawn: ${modeLabels[showMode.value]}`
                    }
                >
                    {(anchor, close) => (
                        <Menu
                            anchor={anchor}
                            label="Which runs are drawn"
                            onClose={close}
                            items={[
                                showModes.map(mode => ({
                                    label: modeLabels[mode],
                                    checked: showMode.value === mode && !solo.value,
                                    run: () => setShowMode(mode),
                                })),
                            ]}
                        />
                    )}
                </Opener>
            </div>
        </>
    );
}

function SelectAll({ on }: { on: boolean }) {
    const chosen = selection.value.size;
    const all = tree.value?.total ?? 0;
    return (
        <input
            type="checkbox"
            aria-label={`Select all ${count(all)}`}
            title="Select everything that is found"
            tabIndex={on ? 0 : -1}
            disabled={selectingAll.value}
            checked={chosen > 0}
            ref={box => {
                if (box) box.indeterminate = chosen > 0 && chosen < all;
            }}
            onClick={e => {
                e.preventDefault();
                if (chosen > 0) selectNone();
                else void selectAll();
            }}
        />
    );
}
