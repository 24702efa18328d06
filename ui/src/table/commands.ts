// What can be done with runs by keys and from the command palette.
import type { Command } from "~/lib/keys";
import { columns, groupBy, nested, setShown, solo, togglePins, view } from "~/lib/runs";
import { deleteRuns } from "./delete";
import { exportCsv } from "./csv";
import { isDrawn } from "./drawn";
import { focusFilter } from "./filter-state";
import { nameColumn } from "./layout";
import { openRun } from "./row";
import { activeRun, selectAll, selectNone, targets, toggleRow } from "./select";
import { active, focusCell, rowCount } from "./store";

function step(by: number): void {
    const { row, column } = active.value;
    const to = Math.max(0, Math.min(rowCount.value - 1, row + by));
    focusCell({ row: to, column: row < 0 ? nameColumn : column });
}

/** All of them the same: hidden if the first is drawn. */
function toggleShown(): void {
    const ids = targets();
    const run = activeRun();
    if (ids.length > 0) setShown(ids, !(run && isDrawn(run)));
}

function withRun(f: (id: string) => void): () => void {
    return () => {
        const run = activeRun();
        if (run) f(run.run.run_id);
    };
}

const group = "Runs";

export const pageCommands = (): readonly Command[] => [
    { label: "Next run", keys: ["j"], group, run: () => step(1), keyOnly: true },
    { label: "Previous run", keys: ["k"], group, run: () => step(-1), keyOnly: true },
    { label: "Open the run", keys: ["o"], group, run: withRun(openRun) },
    {
        label: "Select the run",
        keys: ["x"],
        group,
        run: () => toggleRow(active.value.row, false),
    },
    { label: "Select all runs", keys: ["Ctrl+a"], group, run: () => void selectAll() },
    { label: "Select nothing", keys: ["Escape"], group, run: selectNone },
    {
        // Of what is selected, else of what is drawn.
        label: "Compare the runs",
        keys: ["c"],
        group,
        run: () => view.set("compare"),
    },
    { label: "Show or hide in charts", keys: ["h"], group, run: toggleShown },
    {
        label: "Draw only this run",
        keys: ["s"],
        group,
        run: withRun(id => solo.set(solo.value === id ? "" : id)),
    },
    { label: "Pin to the top", keys: ["p"], group, run: () => togglePins(targets()) },
    { label: "Delete the runs", keys: ["Delete"], group, run: () => deleteRuns(targets()) },
    { label: "Filter", keys: ["/", "f"], group, run: () => focusFilter() },
    { label: "Export as CSV", group, run: () => void exportCsv([]) },
    { label: "Table", keys: ["1"], group: "Views", run: () => view.set("table") },
    { label: "Charts", keys: ["2"], group: "Views", run: () => view.set("charts") },
    { label: "Compare", keys: ["3"], group: "Views", run: () => view.set("compare") },
    { label: "Columns that differ", group: "Views", run: () => columns.set([]) },
    {
        label: "Children below their parents",
        group: "Views",
        run: () => nested.set(!nested.value),
    },
    { label: "No groups", group: "Views", run: () => groupBy.set([]) },
];
