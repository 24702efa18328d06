// The cache of answers (TanStack query-core) as a hook.
import { QueryClient, QueryObserver, type QueryObserverOptions } from "@tanstack/query-core";
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

function full<T>(options: QueryObserverOptions<T, Error>) {
    return cache.defaultQueryOptions(options);
}
