// What the menus of columns and cells offer.
import { and, equals, field } from "~/lib/filter";
import {
    columnOf,
    columnWidths,
    filter,
    groupBy,
    order,
    pinnedColumns,
    type ColumnId,
} from "~/lib/runs";
import type { MenuItem } from "~/parts/popover";
import { toast } from "~/parts/toast";
import {
    fullLabel,
    groupColumn,
    isNumeric,
    pinColumn,
    resize,
    shiftColumn,
    showColumn,
    sortColumn,
} from "./columns";
import { focusFilter } from "./filter-state";
import { setSort } from "./order";
import type { RunNode } from "./rows";
import { wantedColumns } from "./store";

export function columnMenu(id: ColumnId): MenuItem[][] {
    return [sortItems(id), narrowItems(id), extremes(id), placeItems(id)];
}

function sortItems(id: ColumnId): MenuItem[] {
    const column = sortColumn(id);
    if (!column) return [];
    const now = order.value;
    const others = now.some(k => k.column !== column);
    const item = (label: string, descending: boolean, add: boolean): MenuItem => ({
        label,
        icon: "sort",
        run: () => setSort(column, descending, add),
    });
    return [
        item("Sort ascending", false, false),
        item("Sort descending", true, false),
        ...(others
            ? [
                  item("Then by this, ascending", false, true),
                  item("Then by this, descending", true, true),
              ]
            : []),
        ...(now.some(k => k.column === column)
            ? [
                  {
                      label: "Do not sort by this",
                      run: () => order.set(now.filter(k => k.column !== column)),
                  },
              ]
            : []),
    ];
}

function narrowItems(id: ColumnId): MenuItem[] {
    const group = groupColumn(id);
    const grouped = group !== undefined && groupBy.value.includes(group);
    const known = columnOf(id).kind !== "attribute" || sortColumn(id) !== undefined;
    return [
        ...(known
            ? [
                  {
                      label: "Filter by this …",
                      icon: "filter" as const,
                      run: () => focusFilter(`${field(columnOf(sortColumn(id) ?? id))} `),
                  },
              ]
            : []),
        ...(group
            ? [
                  {
                      label: "Group by this",
                      icon: "group" as const,
                      checked: grouped,
                      run: () =>
                          groupBy.set(
                              grouped
                                  ? groupBy.value.filter(c => c !== group)
                                  : [...groupBy.value, group],
                          ),
                  },
              ]
            : []),
    ];
}

/** A metric's latest value, minimum and maximum are columns of their own. */
function extremes(id: ColumnId): MenuItem[] {
    const { kind, key } = columnOf(id);
    if (kind !== "metrics" && kind !== "min" && kind !== "max") return [];
    const now = wantedColumns.value;
    const labels = { metrics: "Latest value", min: "Minimum", max: "Maximum" };
    return Object.entries(labels).map(([k, label]) => {
        const other = `${k}.${key}`;
        const shown = now.includes(other);
        return {
            label,
            checked: shown,
            run: () => showColumn(other, !shown, now, id),
        };
    });
}

function placeItems(id: ColumnId): MenuItem[] {
    if (id === "run_name")
        return columnWidths.value.has(id)
            ? [{ label: "Usual width", run: () => resize(id, undefined) }]
            : [];
    const now = wantedColumns.value;
    return [
        {
            label: "Pin to the left",
            icon: "pin",
            checked: pinnedColumns.value.includes(id),
            run: () => pinColumn(id),
        },
        { label: "Move left", hint: "Ctrl+←", run: () => shiftColumn(id, -1, now) },
        { label: "Move right", hint: "Ctrl+→", run: () => shiftColumn(id, 1, now) },
        ...(columnWidths.value.has(id)
            ? [{ label: "Usual width", run: () => resize(id, undefined) }]
            : []),
        {
            label: "Hide this column",
            icon: "eyeOff",
            run: () => showColumn(id, false, now),
        },
    ];
}

/** The field that a filter on a column speaks of, and its value in a run. */
function fieldValue(
    node: RunNode,
    id: ColumnId,
): { column: ColumnId; value: string | number | null } | undefined {
    const { run } = node;
    const of: Record<string, [ColumnId, string | number | undefined]> = {
        run_name: ["run_name", run.run_name],
        state: ["status", run.status],
        start_time: ["start_time", run.start_time],
        end_time: ["end_time", run.end_time],
        user_id: ["user_id", run.user_id],
        experiment: ["experiment_id", run.experiment_id],
        run_id: ["run_id", run.run_id],
    };
    const { kind } = columnOf(id);
    if (kind === "attribute") {
        const [column, value] = of[id] ?? [];
        return column && value !== undefined ? { column, value } : undefined;
    }
    const value = node.values[id];
    if (value === undefined || kind === "min" || kind === "max") return undefined;
    return { column: id, value };
}

export function cellMenu(node: RunNode, id: ColumnId): MenuItem[][] {
    const found = fieldValue(node, id);
    const shown = found?.value ?? node.values[id];
    const copy: MenuItem[] =
        shown === null || shown === undefined
            ? []
            : [{ label: "Copy the value", icon: "copy", run: () => copyText(String(shown)) }];
    if (!found) return [copy];
    const { column, value } = found;
    const name = field(columnOf(column));
    const add = (condition: string) => filter.set(and(filter.value, condition));
    const is = equals(column, value);
    const text = value === null ? "without a value" : `with ${fullLabel(id)} ${short(value)}`;
    const ranged = typeof value === "number" || isNumeric(id);
    return [
        [
            { label: `Only runs ${text}`, icon: "filter", run: () => add(is) },
            { label: "Only the other runs", run: () => add(`NOT ${is}`) },
            ...(ranged && typeof value === "number"
                ? [
                      { label: "At least this", run: () => add(`${name} >= ${value}`) },
                      { label: "At most this", run: () => add(`${name} <= ${value}`) },
                  ]
                : []),
        ],
        copy,
    ];
}

const short = (value: string | number) => {
    const text = String(value);
    return text.length > 40 ? `${text.slice(0, 39)}…` : text;
};

async function copyText(text: string): Promise<void> {
    try {
        await navigator.clipboard.writeText(text);
        toast({ text: "Copied" });
    } catch {
        toast({ text: "The browser does not allow copying here", bad: true });
    }
}
