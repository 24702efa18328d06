// The run that others are measured by. It is in the address, and kept in this browser for the next
// run of the same experiment that is looked at.
import { param, text } from "./router";

/** Its id; empty if there is none. */
export const baseline = param("base", text, "");

const key = (experiment: string) => `millstream.baseline.${experiment}`;

/** Measures runs of an experiment by one from now on; by none if its id is empty. */
export function chooseBaseline(experiment: string, run: string): void {
    try {
        if (run === "") localStorage.removeItem(key(experiment));
        else localStorage.setItem(key(experiment), run);
    } catch {
        // then it is in the address only
    }
    baseline.set(run, "replace");
}

/** What was chosen last for an experiment; empty if nothing was. */
export function keptBaseline(experiment: string): string {
    try {
        return localStorage.getItem(key(experiment)) ?? "";
    } catch {
        return "";
    }
}
