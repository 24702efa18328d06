// What a cell of the table shows of a run or a group.
import type { ComponentChildren } from "preact";
import { now } from "~/lib/clock";
import { agoText, durationText, metricText, timeText } from "~/lib/format";
import { href } from "~/lib/router";
import { columnOf, type ColumnId } from "~/lib/runs";
import type { RunRow } from "~/lib/runs-data";
import { State } from "~/parts/state";
import { experimentName } from "./experiments";
import type { GroupNode, RunNode } from "./rows";
import type { Spread } from "./sections";

export interface Content {
    shown: ComponentChildren;
    title: string;
}

/** Names come later than rows. */
function ExperimentLink({ id }: { id: string }) {
    const name = experimentName(id);
    return (
        <a href={href(`/experiments/${id}`)} title={name} tabIndex={-1}>
            {name}
        </a>
    );
}

const attributeContent: Record<string, (run: RunRow, time: number) => Content> = {
    state: run => ({ shown: State({ state: run.state, lastSeen: run.last_seen }), title: "" }),
    start_time: (run, time) => ({
        shown: agoText(run.start_time, time),
        title: timeText(run.start_time),
    }),
    end_time: (run, time) => ({
        shown: run.end_time ? agoText(run.end_time, time) : "",
        title: run.end_time ? timeText(run.end_time) : "",
    }),
    duration: (run, time) => {
        const end = run.end_time ?? (run.state === "RUNNING" ? time : run.last_seen);
        const text = end === undefined ? "" : durationText(end - run.start_time);
        return { shown: text, title: text };
    },
    user_id: run => ({ shown: run.user_id ?? "", title: run.user_id ?? "" }),
    experiment: run => ({ shown: <ExperimentLink id={run.experiment_id} />, title: "" }),
    run_id: run => ({ shown: <code>{run.run_id}</code>, title: run.run_id }),
};

export function runContent(node: RunNode, id: ColumnId, time: number): Content | undefined {
    const { kind, key } = columnOf(id);
    if (kind === "attribute") return attributeContent[key]?.(node.run, time);
    const value = node.values[id];
    if (value === undefined) return undefined;
    if (value === null) return { shown: <span class="none">–</span>, title: "none" };
    if (kind === "params" || kind === "tags")
        return { shown: String(value), title: String(value) };
    return { shown: metricText(value as number), title: String(value) };
}

export function groupContent(node: GroupNode, id: ColumnId): Content | undefined {
    const { kind, key } = columnOf(id);
    if (key === "start_time" && kind === "attribute" && node.group.last_start_time) {
        const last = node.group.last_start_time;
        return { shown: agoText(last, now.peek()), title: `last started ${timeText(last)}` };
    }
    const spread: Spread | null | undefined = node.spreads[id];
    if (!spread) return undefined;
    const shown = kind === "min" || kind === "max" ? spread[kind] : spread.mean;
    return {
        shown: metricText(shown),
        title: `mean ${metricText(spread.mean)}, from ${metricText(spread.min)} to ${metricText(spread.max)}`,
    };
}
