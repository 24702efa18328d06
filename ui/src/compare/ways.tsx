// The ways of comparing, as links.
import { query, path, href } from "~/lib/router";
import { Tabs } from "~/parts/parts";
import type { Way } from "./state";

const labels: Record<Way, string> = {
    values: "Values",
    parallel: "Parallel coordinates",
    scatter: "Scatter",
    contour: "Contour",
    box: "Box plot",
    files: "Files",
    charts: "Charts",
};

export function Ways({ offered, current }: { offered: readonly Way[]; current: Way }) {
    const to = (way: string) => {
        const next = new URLSearchParams(query.value);
        if (way === "values") next.delete("by");
        else next.set("by", way);
        return href(`${path.value}?${next}`);
    };
    return (
        <Tabs
            label="Ways to compare"
            tabs={offered.map(id => ({ id, label: labels[id] }))}
            current={current}
            to={to}
        />
    );
}
