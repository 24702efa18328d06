// A directory as one zip file, made in the browser (fflate). Files are stored as they are: most
// that are large are packed already.
import { Zip, ZipPassThrough } from "fflate";
import { request } from "~/lib/api";
import type { FileInfo } from "~/lib/types";
import type { FileSource } from "./source";

/** Beyond these the command line does better. */
export const MAX_FILES = 2_000;
export const MAX_BYTES = 200_000_000;

export interface Found {
    files: FileInfo[];
    bytes: number;
    /** There is more than may be packed. */
    tooMuch: boolean;
}

/** All files below a directory, until there are too many. */
export async function findFiles(
    source: FileSource,
    dir: string,
    signal: AbortSignal,
): Promise<Found> {
    const found: Found = { files: [], bytes: 0, tooMuch: false };
    const dirs = [dir];
    for (let next = dirs.pop(); next !== undefined; next = dirs.pop())
        for (const file of await source.list(next, signal)) {
            if (file.is_dir) {
                dirs.push(file.path);
                continue;
            }
            found.files.push(file);
            found.bytes += file.file_size ?? 0;
            if (found.files.length > MAX_FILES || found.bytes > MAX_BYTES)
                return { ...found, tooMuch: true };
        }
    return found;
}

/** Fetches files and packs them under their paths below `dir`. */
export async function pack(
    source: FileSource,
    dir: string,
    files: readonly FileInfo[],
    progress: (done: number) => void,
    signal: AbortSignal,
): Promise<Blob> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const zip = new Zip((error, chunk) => {
        if (error) throw error;
        parts.push(chunk as Uint8Array<ArrayBuffer>);
    });
    for (const [i, file] of files.entries()) {
        const response = await request(source.address(file.path), { signal });
        const entry = new ZipPassThrough(file.path.slice(dir ? dir.length + 1 : 0));
        zip.add(entry);
        entry.push(new Uint8Array(await response.arrayBuffer()), true);
        progress(i + 1);
    }
    zip.end();
    return new Blob(parts, { type: "application/zip" });
}
