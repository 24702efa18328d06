// Deletes runs; many only after a question, which tells how many of them still run.
import { signal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { counted } from "~/lib/format";
import { which } from "~/lib/question";
import { fetchIds } from "~/lib/runs-data";
import { Dialog } from "~/parts/dialog";
import { Button } from "~/parts/parts";
import { moveRuns } from "./actions";

/** More runs than this are deleted only after a question. */
const askAbove = 20;

/** The runs of which it is asked whether they are to be deleted. */
const doubtful = signal<readonly string[]>([]);

export function deleteRuns(ids: readonly string[]): void {
    if (ids.length > askAbove) doubtful.value = ids;
    else if (ids.length > 0) void moveRuns(ids, "delete");
}

/** The question, while there is one. */
export function DeleteQuestion() {
    const ids = doubtful.value;
    return ids.length > 0 ? <Question ids={ids} close={() => (doubtful.value = [])} /> : null;
}

function Question({ ids, close }: { ids: readonly string[]; close: () => void }) {
    const running = useRunning(ids);
    const [spared, setSpared] = useState(false);
    const some = spared ? ids.filter(id => !running.has(id)) : ids;
    return (
        <Dialog
            title={`Delete ${counted(some.length, "run")}?`}
            onClose={close}
            onSubmit={() => {
                close();
                void moveRuns(some, "delete");
            }}
            actions={
                <>
                    <Button label="Keep them" onClick={close} />
                    <Button danger submit label="Delete" disabled={some.length === 0} />
                </>
            }
        >
            <p>They can be restored from the deleted runs until they are purged.</p>
            {running.size > 0 && (
                <label>
                    <input
                        type="checkbox"
                        checked={spared}
                        onChange={() => setSpared(!spared)}
                    />{" "}
                    Keep those that are still running ({running.size})
                </label>
            )}
        </Dialog>
    );
}

/** Which of these runs have not ended; none until that is known. */
function useRunning(ids: readonly string[]): ReadonlySet<string> {
    const [running, setRunning] = useState<ReadonlySet<string>>(new Set());
    useEffect(() => {
        const { experiment_ids } = which.peek();
        const wanted = new Set(ids);
        fetchIds({ experiment_ids, filter: "status = 'RUNNING'" }).then(
            ({ run_ids }) => setRunning(new Set(run_ids.filter(id => wanted.has(id)))),
            () => undefined, // then nothing is said of it
        );
    }, [ids]);
    return running;
}
