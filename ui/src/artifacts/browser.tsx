// Files of a run, a model or a version: a tree at the left, the chosen one at the right. The chosen
// path is in the address.
import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { param, setQuery, text } from "~/lib/router";
import { Button, Empty, Loading, Problem } from "~/parts/parts";
import { Directory } from "./directory";
import { useFiles } from "./listings";
import { Preview } from "./preview";
import type { FileSource } from "./source";
import { parentsOf, visibleRows, type Row, type Listing } from "./tree";
import { Tree } from "./tree-view";
import "./artifacts.css";

const chosen = param("path", text, "");

export const FileBrowser = ({ source }: { source: FileSource }) => (
    <FilesOf key={source.key} source={source} />
);

function FilesOf({ source }: { source: FileSource }) {
    const path = chosen.value;
    const { listings, need, again } = useFiles(source);
    const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(parentsOf(path)));
    const rows = useMemo(() => visibleRows(listings, open), [listings, open]);
    const row = rows.find(r => r.file.path === path);
    // Before the next key is read: a directory that it closes must not be opened again.
    useLayoutEffect(() => setOpen(o => new Set([...o, ...parentsOf(path)])), [path]);
    useEffect(() => need(["", ...open, ...(row?.file.is_dir ? [path] : [])]), [open, row]);
    const root = listings.get("");
    if (!root) return <Loading what="the files" />;
    if ("error" in root) return <Problem error={root.error} retry={again} />;
    if (root.files.length === 0) return <NoFiles again={again} />;
    const toggle = (dir: string) =>
        setOpen(now => {
            const next = new Set(now);
            if (!next.delete(dir)) next.add(dir);
            return next;
        });
    return (
        <div class="file-browser">
            <div class="tree-pane">
                <Tree
                    rows={rows}
                    path={path}
                    toggle={toggle}
                    choose={to => setQuery({ path: to || undefined, as: undefined })}
                />
                <Button label="Look again" onClick={again} />
            </div>
            <Chosen source={source} path={path} row={row} listings={listings} />
        </div>
    );
}

/** What the right side shows of a path that may be a file, a directory, or nothing. */
function Chosen({
    source,
    path,
    row,
    listings,
}: {
    source: FileSource;
    path: string;
    row: Row | undefined;
    listings: ReadonlyMap<string, Listing>;
}) {
    if (path === "" || row?.file.is_dir)
        return (
            <Directory key={path} source={source} path={path} listing={listings.get(path)} />
        );
    if (row) return <Preview source={source} path={path} size={row.file.file_size} />;
    const known = parentsOf(path).map(dir => listings.get(dir));
    const failed = known.find(listing => listing && "error" in listing);
    if (failed && "error" in failed) return <Problem error={failed.error} />;
    if (known.includes(undefined)) return <Loading what={path} />;
    return (
        <Empty title="There is no such file">
            <code>{path}</code>
        </Empty>
    );
}

function NoFiles({ again }: { again: () => void }) {
    return (
        <Empty title="No files were logged">
            <p>
                Log one with <code>mlflow.log_artifact("file")</code>.
            </p>
            <Button label="Look again" onClick={again} />
        </Empty>
    );
}
