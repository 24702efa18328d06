// The runs as a file for spreadsheets: all that are found, or the selected ones, in the order and with
// the columns of the table.
import { anyOf } from "~/lib/filter";
import { counted } from "~/lib/format";
import { columnOf, type ColumnId } from "~/lib/runs";
import { orderBy, which, type TableQuery } from "~/lib/question";
import { closeToast, toast, toastError } from "~/parts/toast";
import { fullLabel } from "./columns";
import { inPieces } from "./pieces";
import { fetchValues, type RunValues } from "./values";
import { wantedColumns } from "./store";

const page = 1000;
/** Ids in one filter. */
const idsAtOnce = 500;

/** A cell of the file. What a spreadsheet would take for a formula is kept from being one. */
export function csvCell(value: string | number | null | undefined): string {
    if (value === null || value === undefined) return "";
    const text =
        typeof value === "string" && /^[=+\-@\t\r]/.test(value) && isNaN(Number(value))
            ? `'${value}`
            : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const iso = (time: number | undefined) => (time ? new Date(time).toISOString() : "");

const attribute: Record<string, (run: RunValues["run"]) => string | number> = {
    state: run => run.state,
    start_time: run => iso(run.start_time),
    end_time: run => iso(run.end_time),
    duration: run => (run.end_time ? (run.end_time - run.start_time) / 1000 : ""),
    user_id: run => run.user_id ?? "",
    experiment: run => run.experiment_id,
    run_id: run => run.run_id,
};

function line({ run, values }: RunValues, columns: readonly ColumnId[]): string {
    const cells = columns.map(id => {
        const { kind, key } = columnOf(id);
        return csvCell(kind === "attribute" ? attribute[key]?.(run) : values[id]);
    });
    return [csvCell(run.run_id), csvCell(run.run_name), ...cells].join(",");
}

/** Offers bytes as a download. */
export function download(name: string, parts: BlobPart[], type: string): void {
    const address = URL.createObjectURL(new Blob(parts, { type }));
    const link = document.createElement("a");
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** Writes the file; of `ids` if there are any, else of all that are found. */
export async function exportCsv(ids: readonly string[]): Promise<void> {
    const columns = wantedColumns.value.filter(id => id !== "run_id");
    const heads = ["Run id", "Name", ...columns.map(csvHead)];
    const parts = [`${heads.map(csvCell).join(",")}\r\n`];
    let stopped = false;
    let shown: number | undefined;
    const tell = (done: number, total: number) => {
        shown = toast(
            {
                text: `Writing ${done} of ${counted(total, "run")}`,
                done: total ? done / total : 0,
                action: { label: "Stop", run: () => (stopped = true) },
            },
            shown,
        );
    };
    try {
        let done = 0;
        for await (const { rows, total } of piecesOf(ids, columns)) {
            parts.push(rows.map(r => `${line(r, columns)}\r\n`).join(""));
            done += rows.length;
            if (stopped) break;
            if (total > page) tell(done, total);
        }
        if (!stopped) download("runs.csv", parts, "text/csv;charset=utf-8");
    } catch (error) {
        toastError("The file could not be written", error);
    } finally {
        if (shown !== undefined) closeToast(shown);
    }
}

const csvHead = (id: ColumnId) => (id === "duration" ? "Duration (s)" : fullLabel(id));

async function* piecesOf(ids: readonly string[], columns: readonly ColumnId[]) {
    const common: TableQuery = { ...which.value, order_by: orderBy.value };
    if (ids.length > 0) {
        for (const piece of inPieces(ids, idsAtOnce)) {
            const { rows } = await fetchValues(
                {
                    experiment_ids: common.experiment_ids,
                    run_view_type: "ALL",
                    filter: anyOf("run_id", piece),
                    max_results: piece.length,
                    ...(common.order_by && { order_by: common.order_by }),
                },
                columns,
            );
            yield { rows, total: ids.length };
        }
        return;
    }
    for (let offset = 0; ; offset += page) {
        const piece = await fetchValues({ ...common, offset, max_results: page }, columns);
        yield piece;
        if (offset + page >= piece.total) return;
    }
}
