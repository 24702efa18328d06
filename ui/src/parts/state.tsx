// The status of a run as people see it: a sign, a word and a colour. A run whose program fell silent
// is told from one that runs.
import type { RunState } from "~/lib/runs-data";
import { agoText } from "~/lib/format";

const signs: Record<RunState, { word: string; path: string }> = {
    RUNNING: { word: "Running", path: "M8 3a5 5 0 105 5" },
    SCHEDULED: { word: "Scheduled", path: "M8 3a5 5 0 100 10 5 5 0 000-10M8 5.5V8l2 1.5" },
    FINISHED: { word: "Finished", path: "M3 8.5l3.5 3.5L13 4.5" },
    FAILED: { word: "Failed", path: "M4 4l8 8M12 4l-8 8" },
    KILLED: { word: "Killed", path: "M4.5 4.5h7v7h-7z" },
    CRASHED: { word: "Crashed", path: "M8 2l6.5 11.5h-13zM8 6.5v3.5M8 11.7v.3" },
};

/** `lastSeen`: when the run was last heard of, in milliseconds since 1970. */
export function State({ state, lastSeen }: { state: RunState; lastSeen?: number | undefined }) {
    const { word, path } = signs[state] ?? { word: state, path: "" };
    const silent =
        state === "CRASHED" && lastSeen
            ? `Nothing was heard of it since ${agoText(lastSeen, Date.now())}`
            : undefined;
    return (
        <span class={`state ${state.toLowerCase()}`} title={silent}>
            <svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
                <path d={path} />
            </svg>
            {word}
        </span>
    );
}
