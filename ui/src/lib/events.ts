// What happens to runs and experiments, as it happens: server-sent events, and where a proxy lets
// no stream through, a question every two seconds. Nothing is asked while the tab is hidden.
import { useEffect, useRef } from "preact/hooks";
import { get, own, url } from "./api";

export type RunChange =
    "created" | "metrics" | "params" | "tags" | "info" | "deleted" | "restored" | "inputs";

export interface Changes {
    /** Nothing that was changed before it is missing from an answer of at least this. */
    generation: number;
    runs?: { run_id: string; experiment_id: string; kinds: RunChange[] }[];
    experiments?: { experiment_id: string; kinds: string[] }[];
    /** More happened than the server remembers: read everything again. */
    reset?: boolean;
    /** Others may write past this server: look again from time to time as well. */
    partial?: boolean;
}

/** Of which runs one wants to hear: those of experiments, or single ones. */
export interface Where {
    experiment_ids?: readonly string[];
    run_ids?: readonly string[];
}

const pollMs = 2_000;
const partialMs = 10_000;
/** A stream that fails this often without one event in between is given up. */
const maxFailures = 3;

interface Shared {
    listeners: Set<(changes: Changes) => void>;
    /** What was heard last. */
    generation: number | undefined;
    end: () => void;
}

const streams = new Map<string, Shared>();

/** Calls `on` with every change until the returned function is called; also with what was changed
 *  since a generation that is given: that of an answer from before. Whoever has none hears of a reset
 *  first: what it read before it could listen may be old. While the tab was hidden nothing is heard;
 *  what was missed comes when it is shown again. All who listen to the same runs share one stream,
 *  since a browser opens no more than six connections to a server. */
export function listen(
    where: Where,
    on: (changes: Changes) => void,
    since?: number,
): () => void {
    const key = JSON.stringify(where);
    const shared = streams.get(key) ?? share(key, where, since);
    const { listeners, end, generation } = shared;
    let known = since;
    const hear = (changes: Changes) => {
        const first = known === undefined;
        known = changes.generation;
        if (first) on({ ...changes, reset: true });
        else if (changes.reset || changes.runs?.length || changes.experiments?.length)
            on(changes);
    };
    listeners.add(hear);
    if (generation !== undefined && (since === undefined || generation > since))
        queueMicrotask(() => listeners.has(hear) && hear({ generation, reset: true }));
    return () => {
        if (!listeners.delete(hear) || listeners.size > 0) return;
        streams.delete(key);
        end();
    };
}

function share(key: string, where: Where, since: number | undefined): Shared {
    const shared: Shared = { listeners: new Set(), generation: since, end: () => {} };
    streams.set(key, shared);
    shared.end = begin(where, since, changes => {
        shared.generation = changes.generation;
        shared.listeners.forEach(hear => hear(changes));
    });
    return shared;
}

function begin(
    where: Where,
    since: number | undefined,
    on: (changes: Changes) => void,
): () => void {
    let stop = () => {};
    let streamed = typeof EventSource !== "undefined";

    const hear = (changes: Changes) => {
        since = changes.generation;
        on(changes);
    };

    const poll = () => {
        let timer: ReturnType<typeof setTimeout>;
        const gone = new AbortController();
        const ask = async () => {
            let wait = pollMs;
            try {
                const query = { ...where, ...(since !== undefined && { since }) };
                const changes = await get<Changes>(own("changes"), query, gone.signal);
                if (!gone.signal.aborted) hear(changes);
            } catch {
                wait = 2 * pollMs; // the server may be away for a moment
            }
            if (!gone.signal.aborted) timer = setTimeout(ask, wait);
        };
        void ask();
        return () => {
            gone.abort();
            clearTimeout(timer);
        };
    };

    const stream = () => {
        let failures = 0;
        let before = since;
        const source = new EventSource(url(own("events"), { ...where }));
        let again: ReturnType<typeof setInterval> | undefined;
        source.addEventListener("runs", event => {
            failures = 0;
            const changes = JSON.parse((event as MessageEvent<string>).data) as Changes;
            // The first event of a new stream tells where it begins, not what was before.
            const missed = before !== undefined && before !== changes.generation;
            before = undefined;
            hear(missed ? { ...changes, reset: true } : changes);
            if (changes.partial && again === undefined)
                again = setInterval(
                    () => on({ generation: since!, partial: true, reset: true }),
                    partialMs,
                );
        });
        source.onerror = () => {
            failures++;
            // A refused stream is closed for good; a broken one is tried again by the browser.
            if (source.readyState !== EventSource.CLOSED && failures < maxFailures) return;
            streamed = false;
            restart();
        };
        return () => {
            source.close();
            clearInterval(again);
        };
    };

    const restart = () => {
        stop();
        stop = document.hidden ? () => {} : streamed ? stream() : poll();
    };

    restart();
    document.addEventListener("visibilitychange", restart);
    return () => {
        document.removeEventListener("visibilitychange", restart);
        stop();
    };
}

/** listen() for as long as the component is there. */
export function useChanges(where: Where, on: (changes: Changes) => void, since?: number): void {
    const latest = useRef(on);
    latest.current = on;
    const key = JSON.stringify(where);
    useEffect(() => {
        const none = !where.experiment_ids?.length && !where.run_ids?.length;
        return none ? undefined : listen(where, changes => latest.current(changes), since);
    }, [key]);
}
