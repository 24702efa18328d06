// The tree of files as the list of rows that are visible; directories are asked for when opened.
import type { FileInfo } from "~/lib/types";

export interface Row {
    file: FileInfo;
    level: number;
    open: boolean;
    /** Place among its siblings, from 1, and how many they are. */
    place: number;
    of: number;
}

/** What is known of a directory. */
export type Listing = { files: readonly FileInfo[] } | { error: Error } | undefined;

/** Rows of the tree below `dir`; those of open directories whose listing is known. */
export function visibleRows(
    listings: ReadonlyMap<string, Listing>,
    open: ReadonlySet<string>,
    dir = "",
    level = 1,
): Row[] {
    const listing = listings.get(dir);
    if (!listing || "error" in listing) return [];
    return listing.files.flatMap((file, i) => {
        const opened = file.is_dir && open.has(file.path);
        const row: Row = { file, level, open: opened, place: i + 1, of: listing.files.length };
        return opened ? [row, ...visibleRows(listings, open, file.path, level + 1)] : [row];
    });
}

/** The directories above a path: "a/b/c" has "a" and "a/b". */
export function parentsOf(path: string): string[] {
    const parts = path.split("/");
    return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join("/"));
}
