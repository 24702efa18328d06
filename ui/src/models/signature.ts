// The signature of a version: from the MLmodel file among its files.
import { openFile, readAll } from "~/artifacts/bytes";
import { parseModelFile, type ModelFile } from "~/artifacts/signature";
import { filesOfUri, type FileSource } from "~/artifacts/source";
import { ApiError } from "~/lib/api";
import { useQuery } from "~/lib/query";
import type { FileInfo, ModelVersion } from "~/lib/types";

const MAX_SIZE = 4 * 1024 * 1024;

/** Where the files of a version are; undefined where the server cannot read them. */
export const filesOf = (version: ModelVersion): FileSource | undefined =>
    filesOfUri(version.source ?? "");

/** What the MLmodel file of a version says; null if it has none. */
export function useModelFile(version: ModelVersion) {
    const source = filesOf(version);
    return useQuery<ModelFile | null>({
        queryKey: ["model-file", source?.key],
        enabled: source !== undefined,
        staleTime: Infinity,
        queryFn: async ({ signal }) => {
            const address = source!.address("MLmodel");
            try {
                const file = await openFile("MLmodel", address, undefined, signal);
                const all = await readAll(file, MAX_SIZE, signal);
                return await parseModelFile(new TextDecoder().decode(all));
            } catch (e) {
                if (e instanceof ApiError && e.status === 404) return null;
                throw e;
            }
        },
    });
}

/** Files at the top of a version. */
export function useTopFiles(version: ModelVersion) {
    const source = filesOf(version);
    return useQuery<FileInfo[]>({
        queryKey: ["files", source?.key, ""],
        enabled: source !== undefined,
        queryFn: ({ signal }) => source!.list("", signal),
    });
}
