// The cache of answers (TanStack query-core) as a hook.
import {
    QueryClient,
    QueryObserver,
    type QueryFilters,
    type QueryObserverOptions,
} from "@tanstack/query-core";
import { useEffect, useMemo, useState } from "preact/hooks";
import { ApiError } from "./api";

export const cache = new QueryClient({
    defaultOptions: {
        queries: {
            staleTime: 5_000,
            gcTime: 120_000,
            // What the server refuses it refuses again; only silence is worth another try.
            retry: (count, error) =>
                count < 3 && (!(error instanceof ApiError) || error.status === 0),
            retryDelay: attempt => Math.min(500 * 2 ** attempt, 5_000),
            refetchOnWindowFocus: true,
        },
    },
});
cache.mount();

/** The answer to a query, its error, and whether one is awaited; renders again when they change. */
export function useQuery<T>(options: QueryObserverOptions<T, Error>) {
    const observer = useMemo(() => new QueryObserver<T, Error>(cache, options), []);
    const [result, setResult] = useState(() => observer.getOptimisticResult(full(options)));
    useEffect(() => observer.subscribe(setResult), [observer]);
    useEffect(
        () => observer.setOptions(options),
        [JSON.stringify(options.queryKey), options.enabled],
    );
    const now = observer.getOptimisticResult(full(options));
    return now.data === result.data && now.status === result.status ? result : now;
}

/** Asks anew for what is looked at, and for the rest when it is looked at. An answer that is awaited
 *  may be from before: it is asked for once more when it is there. It is not given up, since whoever
 *  begins again with each change may never come to an end. */
export async function askAgain(which: QueryFilters): Promise<void> {
    const again = (some: QueryFilters) =>
        cache.invalidateQueries(some, { cancelRefetch: false });
    const awaited = cache.getQueryCache().findAll({ ...which, fetchStatus: "fetching" });
    await again(which);
    await Promise.all(awaited.map(({ queryKey }) => again({ queryKey, exact: true })));
}

function full<T>(options: QueryObserverOptions<T, Error>) {
    return cache.defaultQueryOptions(options);
}
