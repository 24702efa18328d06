// A directory at the right of the tree: what it holds, and its download.
import { useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { counted, sizeText } from "~/lib/format";
import { Button } from "~/parts/parts";
import { nameOf } from "./bytes";
import type { FileSource } from "./source";
import type { Listing } from "./tree";

export function Directory({
    source,
    path,
    listing,
}: {
    source: FileSource;
    path: string;
    listing: Listing;
}) {
    const files = listing && "files" in listing ? listing.files : [];
    const dirs = files.filter(f => f.is_dir).length;
    const size = files.reduce((sum, f) => sum + (f.file_size ?? 0), 0);
    return (
        <section class="preview" aria-label={`Directory ${path}`}>
            <header class="preview-head">
                <h2>{path === "" ? "All files" : nameOf(path)}</h2>
                <span class="soft">
                    {dirs > 0 && `${counted(dirs, "directory", "directories")}, `}
                    {counted(files.length - dirs, "file")}, {sizeText(size)}
                </span>
                <span class="space" />
                <Download source={source} path={path} />
            </header>
            <p class="hint">Choose a file in the tree to see it.</p>
        </section>
    );
}

type State =
    | { kind: "idle" }
    | { kind: "busy"; done: number; of: number; stop: AbortController }
    | { kind: "large" }
    | { kind: "failed"; why: string };

function Download({ source, path }: { source: FileSource; path: string }) {
    const [state, setState] = useState<State>({ kind: "idle" });
    const begin = async () => {
        const stop = new AbortController();
        setState({ kind: "busy", done: 0, of: 0, stop });
        try {
            const { findFiles, pack } = await import("./pack");
            const found = await findFiles(source, path, stop.signal);
            if (found.tooMuch) return setState({ kind: "large" });
            const of = found.files.length;
            const blob = await pack(
                source,
                path,
                found.files,
                done => setState({ kind: "busy", done, of, stop }),
                stop.signal,
            );
            save(blob, `${nameOf(path) || "artifacts"}.zip`);
            setState({ kind: "idle" });
        } catch (e) {
            setState(
                stop.signal.aborted
                    ? { kind: "idle" }
                    : { kind: "failed", why: asError(e).message },
            );
        }
    };
    switch (state.kind) {
        case "busy":
            return (
                <>
                    <span role="status">
                        {state.of > 0 ? `${state.done} of ${state.of} files` : "Looking …"}
                    </span>
                    <Button label="Stop" onClick={() => state.stop.abort()} />
                </>
            );
        case "large":
            return <TooLarge source={source} path={path} />;
        default:
            return (
                <>
                    {state.kind === "failed" && (
                        <span class="bad" role="alert">
                            {state.why}
                        </span>
                    )}
                    <Button
                        icon="download"
                        label="Download as zip"
                        onClick={() => void begin()}
                    />
                </>
            );
    }
}

function TooLarge({ source, path }: { source: FileSource; path: string }) {
    const command = source.command?.(path);
    return (
        <span role="status">
            This is too much for a browser.{" "}
            {command ? (
                <>
                    Use: <code>{command}</code>
                </>
            ) : (
                "Download single files instead."
            )}
        </span>
    );
}

/** Lets the browser save data as a file. */
function save(blob: Blob, name: string): void {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
