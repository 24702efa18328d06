// Where files come from: a run, a logged model, or the server's store by its path. All that the
// browser and its previews know of the server is here.
import { get, mlflow, url } from "~/lib/api";
import type { FileInfo } from "~/lib/types";

export interface FileSource {
    /** Tells sources apart in the cache of answers. */
    readonly key: string;
    /** What a directory holds, directories first; paths are relative to the source's root. */
    list(dir: string, signal?: AbortSignal): Promise<FileInfo[]>;
    /** Where a file is fetched from. */
    address(path: string): string;
    /** The command that brings a file or directory to one's own machine; absent if there is none. */
    command?(path: string): string;
}

interface Listing {
    files?: FileInfo[];
}

const join = (a: string, b: string) => (a && b ? `${a}/${b}` : a || b);

/** Sizes of 64 bits may come as text; that of an empty file does not come. */
function inOrder(listing: Listing): FileInfo[] {
    return (listing.files ?? [])
        .map(f => (f.is_dir ? f : { ...f, file_size: Number(f.file_size ?? 0) }))
        .sort(
            (a, b) =>
                Number(b.is_dir) - Number(a.is_dir) ||
                a.path.localeCompare(b.path, "en", { numeric: true }),
        );
}

/** The artifacts of a run, or those below a path of it. */
export function filesOfRun(run_id: string, root = ""): FileSource {
    return {
        key: `run:${run_id}:${root}`,
        async list(dir, signal) {
            const path = join(root, dir);
            const query = path ? { run_id, path } : { run_id };
            const listing = await get<Listing>(mlflow("artifacts/list"), query, signal);
            return inOrder(below(root, listing));
        },
        address: path => url("get-artifact", { run_uuid: run_id, path: join(root, path) }),
        command: path =>
            `millstream artifacts download ${run_id} ${quoted(join(root, path))} --tracking-uri ${server()}`,
    };
}

/** The files of a logged model, or those below a path of it. */
export function filesOfModel(model_id: string, root = ""): FileSource {
    const at = `ajax-api/2.0/mlflow/logged-models/${encodeURIComponent(model_id)}/artifacts`;
    return {
        key: `model:${model_id}:${root}`,
        async list(dir, signal) {
            const path = join(root, dir);
            const query = path ? { artifact_directory_path: path } : {};
            return inOrder(below(root, await get<Listing>(`${at}/directories`, query, signal)));
        },
        address: path => url(`${at}/files`, { artifact_file_path: join(root, path) }),
    };
}

/** What is below a path of the server's own store, which lists names instead of paths. */
export function filesOfStore(root: string): FileSource {
    return {
        key: `store:${root}`,
        async list(dir, signal) {
            const query = { path: join(root, dir) };
            const listing = await get<Listing>(
                "api/2.0/mlflow-artifacts/artifacts",
                query,
                signal,
            );
            return inOrder({
                files: (listing.files ?? []).map(f => ({ ...f, path: join(dir, f.path) })),
            });
        },
        address: path =>
            url(
                `api/2.0/mlflow-artifacts/artifacts/${join(root, path)
                    .split("/")
                    .map(encodeURIComponent)
                    .join("/")}`,
            ),
    };
}

/** The files that a URI of the registry names; undefined where the server cannot read them. */
export function filesOfUri(uri: string): FileSource | undefined {
    const [, scheme, first, rest = ""] =
        /^(runs|models):\/+([^/]+)\/?(.*)$/.exec(uri) ??
        /^(mlflow-artifacts):(?:\/\/[^/]+)?\/()(.*)$/.exec(uri) ??
        [];
    if (scheme === "runs") return filesOfRun(first!, rest);
    // Versions of the registry are written models:/NAME/1: those have no files of their own.
    if (scheme === "models")
        return /^m-\w+$/.test(first!) ? filesOfModel(first!, rest) : undefined;
    return scheme ? filesOfStore(rest) : undefined;
}

function below(root: string, listing: Listing): Listing {
    if (!root) return listing;
    const from = root.length + 1;
    return { files: (listing.files ?? []).map(f => ({ ...f, path: f.path.slice(from) })) };
}

/** The server's address as clients write it. */
export function server(): string {
    return new URL(".", document.baseURI).href.replace(/\/$/, "");
}

/** Text as one word of a shell. */
export function quoted(text: string): string {
    return /^[\w@%+=:,./-]*$/.test(text) ? text || "''" : `'${text.replaceAll("'", `'\\''`)}'`;
}
