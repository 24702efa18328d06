// Addresses of the pages of runs.
import { baseline } from "~/lib/baseline";

/** Where a tab of a run is; what runs are measured by stays the same. */
export function runPath(id: string, tab: string): string {
    const query = new URLSearchParams();
    if (tab !== "overview") query.set("tab", tab);
    if (baseline.value !== "") query.set("base", baseline.value);
    return `/runs/${encodeURIComponent(id)}${query.size > 0 ? `?${query}` : ""}`;
}
