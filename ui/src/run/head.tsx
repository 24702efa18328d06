// The top of a run's page: where it belongs, its name, what it is doing, and what can be done.
import { useEffect, useState } from "preact/hooks";
import { baseline } from "~/lib/baseline";
import { agoText, durationText } from "~/lib/format";
import { useCommands, type Command } from "~/lib/keys";
import { go, href } from "~/lib/router";
import { experimentsPath } from "~/lib/runs";
import type { Run } from "~/lib/types";
import { Icon } from "~/parts/icons";
import { LineForm } from "~/parts/line-form";
import { Button } from "~/parts/parts";
import { State } from "~/parts/state";
import { deleteRun, rename, restoreRun, useExperiment } from "./data";
import { useNeighbours, type Neighbours } from "./neighbours";
import { runPath } from "./place";
import { doing } from "./state";

export function Head({ run, tab }: { run: Run; tab: string }) {
    const [renaming, setRenaming] = useState(false);
    const deleted = run.info.lifecycle_stage === "deleted";
    const near = useNeighbours(run);
    const to = (id: string) => runPath(id, tab);
    useCommands(
        () => commandsOf(run, near, to, () => setRenaming(true)),
        [run, near.before, near.after, near.list, tab, baseline.value],
    );
    return (
        <header class="run-head">
            <Trail run={run} near={near} to={to} />
            <div class="line">
                {renaming ? (
                    <NameForm run={run} close={() => setRenaming(false)} />
                ) : (
                    <>
                        <h1>{run.info.run_name || run.info.run_id}</h1>
                        <Button
                            bare
                            icon="edit"
                            label="Rename the run"
                            onClick={() => setRenaming(true)}
                        />
                    </>
                )}
                <Status run={run} />
                <span class="space" />
                {deleted ? (
                    <Button
                        icon="undo"
                        label="Restore"
                        onClick={() => restoreRun(run.info.run_id)}
                    />
                ) : (
                    <Button icon="trash" label="Delete" onClick={() => deleteRun(run)} />
                )}
            </div>
            {deleted && (
                <p class="deleted" role="status">
                    This run is in the bin. It stays readable until it is removed for good.
                </p>
            )}
        </header>
    );
}

function commandsOf(
    run: Run,
    near: Neighbours,
    to: (id: string) => string,
    startRename: () => void,
): Command[] {
    const group = "Run";
    const deleted = run.info.lifecycle_stage === "deleted";
    return [
        ...(near.before
            ? [{ label: "Previous run", keys: ["["], group, run: () => go(to(near.before!)) }]
            : []),
        ...(near.after
            ? [{ label: "Next run", keys: ["]"], group, run: () => go(to(near.after!)) }]
            : []),
        { label: "Back to the list", keys: ["u"], group, run: () => go(near.list) },
        { label: "Rename the run", group, run: startRename },
        deleted
            ? { label: "Restore the run", group, run: () => restoreRun(run.info.run_id) }
            : { label: "Delete the run", group, run: () => deleteRun(run) },
    ];
}

/** The experiment, the list one came from, and the runs beside this one in it. */
function Trail({ run, near, to }: { run: Run; near: Neighbours; to: (id: string) => string }) {
    const id = run.info.experiment_id;
    const { data: experiment } = useExperiment(id);
    return (
        <nav class="trail" aria-label="Place">
            <a href={href(experimentsPath([id]))}>{experiment?.name ?? `Experiment ${id}`}</a>
            <span aria-hidden="true">/</span>
            <a href={href(near.list)}>
                Runs
                {near.place && (
                    <span class="soft">
                        {" "}
                        {near.place.at} of {near.place.of}
                    </span>
                )}
            </a>
            <Step label="Previous run ([)" to={near.before && to(near.before)} back />
            <Step label="Next run (])" to={near.after && to(near.after)} />
        </nav>
    );
}

function Step({ label, to, back }: { label: string; to: string | undefined; back?: boolean }) {
    const of = `button bare step${back ? " back" : ""}`;
    return to ? (
        <a class={of} href={href(to)} aria-label={label} title={label}>
            <Icon name="chevron" />
        </a>
    ) : null;
}

/** The status, and for runs that are going on when they were last heard of. */
export function Status({ run }: { run: Run }) {
    const now = useNow(run.info.status === "RUNNING");
    const { state, seen } = doing(run.info, run.data.tags ?? [], now);
    return (
        <span class="doing">
            <State state={state} lastSeen={seen} />
            {seen !== undefined && (
                <span class="soft" title="The last sign of life of its logger">
                    last seen {agoText(seen, now).replace("now", "just now")}
                    {state === "CRASHED" && ": it says that it runs, but is silent"}
                </span>
            )}
        </span>
    );
}

/** The time, anew every few seconds while it matters. */
export function useNow(ticks: boolean): number {
    const [now, setNow] = useState(Date.now);
    useEffect(() => {
        if (!ticks) return;
        const timer = setInterval(() => setNow(Date.now()), 2_000);
        return () => clearInterval(timer);
    }, [ticks]);
    return now;
}

/** How long a run took, or takes already. */
export function tookText({ info }: Run, now: number): string {
    if (!info.start_time) return "";
    const end = info.end_time ? Number(info.end_time) : info.status === "RUNNING" ? now : 0;
    return end ? durationText(end - Number(info.start_time)) : "";
}

function NameForm({ run, close }: { run: Run; close: () => void }) {
    const [name, setName] = useState(run.info.run_name);
    return (
        <LineForm
            ready={name.trim() !== ""}
            save={() => rename(run.info.run_id, name.trim())}
            failed="The run could not be renamed"
            close={close}
        >
            <input
                class="field"
                aria-label="Name of the run"
                value={name}
                onInput={e => setName(e.currentTarget.value)}
            />
        </LineForm>
    );
}
