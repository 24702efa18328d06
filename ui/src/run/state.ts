// What a run is doing, as a person wants to know it: one that says it is running may long be dead.
import type { RunState } from "~/lib/runs-data";
import type { KeyValue, RunInfo } from "~/lib/types";

export interface Doing {
    state: RunState;
    /** When it was last heard of; absent where nothing tells. */
    seen?: number;
}

/** How many of its intervals a run may be silent. */
const PATIENCE = 3;

/** The tag mlflow.millstream.heartbeat: "TIME_MS INTERVAL_S". */
export function heartbeat(
    tags: readonly KeyValue[],
): { time: number; intervalMs: number } | undefined {
    const tag = tags.find(t => t.key === "mlflow.millstream.heartbeat")?.value ?? "";
    const [, time, interval] = /^(\d{1,16}) (\d{1,9})$/.exec(tag) ?? [];
    return time && interval
        ? { time: Number(time), intervalMs: Number(interval) * 1000 }
        : undefined;
}

export function doing(
    info: Pick<RunInfo, "status">,
    tags: readonly KeyValue[],
    now: number,
): Doing {
    const beat = heartbeat(tags);
    if (info.status !== "RUNNING" || !beat) return { state: info.status };
    const silent = now - beat.time > PATIENCE * beat.intervalMs;
    return { state: silent ? "CRASHED" : "RUNNING", seen: beat.time };
}
