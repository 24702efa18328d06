// The metrics in whose names a regular expression is found.
import { useEffect, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { Helper } from "~/lib/helper";
import type { Order } from "./find-worker";
import finder from "./find-worker?worker";

/** What people mean is found in no time; the rest is for slow machines. */
const patienceMs = 3_000;
const helper = new Helper<Order, string[]>(finder, import.meta.url, patienceMs);

interface Answer {
    pattern: string;
    found: readonly string[] | Error;
}

/** Keys that fit a valid pattern. What was found before stands until that is known; undefined: nothing
 *  was. An Error: it takes too long to find out. */
export function useMatching(
    keys: readonly string[],
    pattern: string,
): readonly string[] | Error | undefined {
    const [answer, setAnswer] = useState<Answer>();
    const all = keys.join("\n");
    useEffect(() => {
        if (pattern === "") return;
        let open = true;
        const take = (found: Answer["found"]) => {
            if (open) setAnswer({ pattern, found });
            open = false;
        };
        helper.ask({ keys, pattern }).then(take, (e: unknown) => take(asError(e)));
        return () => {
            if (open) helper.stop();
            open = false;
        };
    }, [all, pattern]);
    if (pattern === "") return keys;
    if (answer?.found instanceof Error && answer.pattern !== pattern) return undefined;
    return answer?.found;
}
