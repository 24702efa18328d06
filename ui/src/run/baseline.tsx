// What a run is measured by: the choice of another run, and that run.
import { useLayoutEffect } from "preact/hooks";
import { baseline, chooseBaseline, keptBaseline } from "~/lib/baseline";
import type { Run } from "~/lib/types";
import { Button } from "~/parts/parts";
import { useOther } from "./data";
import { tagOf } from "./facts";
import { useNeighbours } from "./neighbours";

/** The run that this one is measured by; undefined if there is none, or it is this one. */
export function useBaseline({ info }: Run): Run | undefined {
    const id = baseline.value === info.run_id ? "" : baseline.value;
    useLayoutEffect(() => {
        const kept = keptBaseline(info.experiment_id);
        if (baseline.value === "" && kept !== "") baseline.set(kept, "replace");
    }, [info.experiment_id]);
    return useOther(id).data;
}

export function BaselineChoice({ run, base }: { run: Run; base: Run | undefined }) {
    const { run_id: id, experiment_id: experiment } = run.info;
    const near = useNeighbours(run);
    const parent = tagOf(run, "mlflow.parentRunId");
    const choose = (other: string) => chooseBaseline(experiment, other);
    const chosen = baseline.value;
    const others = [
        [parent, "The run above this one"],
        [near.before, "The run before this one"],
        [near.after, "The run after this one"],
    ] as const;
    return (
        <div class="baseline">
            <label class="choice">
                <span>Baseline</span>
                <select
                    class="field"
                    value={chosen}
                    onChange={e => choose(e.currentTarget.value)}
                >
                    <option value="">None</option>
                    {chosen !== "" && (
                        <option value={chosen}>
                            {chosen === id ? "This run" : (base?.info.run_name ?? chosen)}
                        </option>
                    )}
                    {others.map(
                        ([other, label]) =>
                            other &&
                            other !== chosen && (
                                <option key={label} value={other}>
                                    {label}
                                </option>
                            ),
                    )}
                </select>
            </label>
            {chosen !== id && (
                <Button label="Measure others by this run" onClick={() => choose(id)} />
            )}
            {chosen === id && <span class="hint">Other runs are measured by this one.</span>}
        </div>
    );
}
