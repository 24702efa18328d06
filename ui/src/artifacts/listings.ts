// What the directories of a source hold, as far as it was asked for.
import { useCallback, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { cache } from "~/lib/query";
import type { FileSource } from "./source";
import type { Listing } from "./tree";

type Listings = ReadonlyMap<string, Listing>;

/** For a component whose key is that of the source. `need` asks for directories that are not known yet, `again` for all that are. */
export function useFiles(source: FileSource) {
    const [listings, setListings] = useState<Listings>(new Map());
    const fetch = useCallback(
        (dirs: readonly string[], staleTime: number) => {
            for (const dir of dirs)
                cache
                    .fetchQuery({
                        queryKey: ["files", source.key, dir],
                        queryFn: ({ signal }) => source.list(dir, signal),
                        staleTime,
                    })
                    .then(
                        files => ({ files }),
                        (e: unknown) => ({
                            error: asError(e),
                        }),
                    )
                    .then(listing => setListings(old => new Map(old).set(dir, listing)));
        },
        [source.key],
    );
    const need = (dirs: readonly string[]) =>
        fetch(
            dirs.filter(dir => !listings.has(dir)),
            5_000,
        );
    return { listings, need, again: () => fetch([...listings.keys()], 0) };
}
