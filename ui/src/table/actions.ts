// What can be done to many runs at once, with progress, and how it is taken back.
import { mlflow, send } from "~/lib/api";
import { anyOf } from "~/lib/filter";
import { counted } from "~/lib/format";
import { askAgain } from "~/lib/query";
import { selection } from "~/lib/runs";
import { colourTag, which } from "~/lib/question";
import { fetchRuns } from "~/lib/runs-data";
import { closeToast, toast, toastError } from "~/parts/toast";
import { inPieces } from "./pieces";
import { pinnedTree, tree } from "./store";

/** Requests at a time: a browser opens no more to one server. */
const atOnce = 5;

/** Everything that shows runs asks again. */
export function refreshRuns(): void {
    tree.peek()?.refresh();
    pinnedTree.peek()?.refresh();
    void askAgain({ queryKey: ["runs"] });
    void askAgain({ queryKey: ["experiments", "counts"] });
}

/** Does something to each run. Tells how far it is, can be stopped, and stops at the first failure.
 *  Gives the runs to which it was done. */
async function forEach(
    ids: readonly string[],
    doing: string,
    work: (id: string) => Promise<unknown>,
): Promise<string[]> {
    const done: string[] = [];
    const rest = [...ids];
    let failure: unknown;
    let stopped = false;
    const shown = { id: undefined as number | undefined };
    const tell = () => {
        if (ids.length <= atOnce || stopped) return;
        shown.id = toast(
            {
                text: `${doing} ${done.length} of ${counted(ids.length, "run")}`,
                done: done.length / ids.length,
                action: { label: "Stop", run: () => (stopped = true) },
            },
            shown.id,
        );
    };
    const worker = async () => {
        for (let id = rest.shift(); id !== undefined && !stopped; id = rest.shift())
            try {
                await work(id);
                done.push(id);
                tell();
            } catch (error) {
                failure ??= error;
                stopped = true;
            }
    };
    tell();
    await Promise.all(Array.from({ length: atOnce }, worker));
    if (shown.id !== undefined) closeToast(shown.id);
    if (failure) toastError(`${doing} stopped after ${counted(done.length, "run")}`, failure);
    return done;
}

const call = (name: string, body: object) => send(mlflow(`runs/${name}`), body);

const opposite = { delete: "restore", restore: "delete" } as const;
const doing = { delete: "Deleting", restore: "Restoring" } as const;
const past = { delete: "deleted", restore: "restored" } as const;

/** Deletes or restores runs; the message offers to take it back. */
export async function moveRuns(ids: readonly string[], way: "delete" | "restore") {
    const done = await forEach(ids, doing[way], run_id => call(way, { run_id }));
    const gone = new Set(done);
    selection.value = new Set([...selection.value].filter(id => !gone.has(id)));
    refreshRuns();
    if (done.length === 0) return;
    const were = done.length === 1 ? "was" : "were";
    toast({
        text: `${counted(done.length, "run")} ${were} ${past[way]}`,
        action: { label: "Undo", run: () => void moveRuns(done, opposite[way]) },
    });
}

/** The value of a tag in runs that have it. */
async function tagValues(ids: readonly string[], key: string): Promise<Map<string, string>> {
    const values = new Map<string, string>();
    for (const piece of inPieces(ids, 500)) {
        const { runs } = await fetchRuns({
            experiment_ids: which.peek().experiment_ids,
            filter: anyOf("run_id", piece),
            run_view_type: "ALL",
            max_results: piece.length,
            tags: [key],
        });
        for (const run of runs) {
            const value = run.tags?.[0];
            if (value !== null && value !== undefined) values.set(run.run_id, value);
        }
    }
    return values;
}

const setTag = (run_id: string, key: string, value: string | undefined) =>
    value === undefined
        ? call("delete-tag", { run_id, key })
        : call("set-tag", { run_id, key, value });

/** Sets a tag of runs, or removes it where `value` is undefined; the message offers to take it back. */
export async function tagRuns(ids: readonly string[], key: string, value: string | undefined) {
    try {
        const before = await tagValues(ids, key);
        // What is not there cannot be removed.
        const some = value === undefined ? ids.filter(id => before.has(id)) : ids;
        const verb = value === undefined ? "Untagging" : "Tagging";
        const done = await forEach(some, verb, id => setTag(id, key, value));
        refreshRuns();
        const undo = async () => {
            await forEach(done, "Restoring the tag of", id => setTag(id, key, before.get(id)));
            refreshRuns();
        };
        toast({
            text: `The tag ${key} was ${value === undefined ? "removed from" : "set in"} ${counted(done.length, "run")}`,
            ...(done.length > 0 && { action: { label: "Undo", run: () => void undo() } }),
        });
    } catch (error) {
        toastError("The runs could not be tagged", error);
    }
}

/** A colour of one's own for runs; undefined gives them their usual ones. */
export const colourRuns = (ids: readonly string[], colour: string | undefined) =>
    tagRuns(ids, colourTag, colour);
