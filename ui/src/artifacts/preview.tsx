// One file: its name, size and actions, and the view that suits it.
import type { ComponentType } from "preact";
import { sizeText } from "~/lib/format";
import { useQuery } from "~/lib/query";
import { oneOf, param } from "~/lib/router";
import { Copy } from "~/parts/copy";
import { Button, Loading, Problem } from "~/parts/parts";
import { nameOf, openFile, type OpenFile } from "./bytes";
import { isText, kindOfBytes, kindOfName, streamed, textual, type Kind } from "./kinds";
import { Npy, Npz, ZipFile } from "./previews/archive";
import { Csv, Json, Tsv } from "./previews/data";
import { Film, Pdf, Picture, Sound, UnnamedPicture, WebPage } from "./previews/media";
import { ModelCard } from "./previews/mlmodel";
import { NotebookFile } from "./previews/notebook";
import { Parquet } from "./previews/parquet";
import { Hex, MarkdownFile, Text } from "./previews/text";
import type { ViewProps } from "./previews/view";
import type { FileSource } from "./source";

const views: Record<Kind, ComponentType<ViewProps>> = {
    image: UnnamedPicture,
    audio: Hex,
    video: Hex,
    pdf: Pdf,
    html: WebPage,
    markdown: MarkdownFile,
    json: Json,
    csv: Csv,
    tsv: Tsv,
    parquet: Parquet,
    notebook: NotebookFile,
    npy: Npy,
    npz: Npz,
    zip: ZipFile,
    mlmodel: ModelCard,
    text: Text,
    hex: Hex,
};

const players: Partial<Record<Kind, ComponentType<{ path: string; address: string }>>> = {
    image: Picture,
    audio: Sound,
    video: Film,
};

/** How a file is shown: by what it is, or as text or bytes whatever it is. */
const as = param("as", oneOf("view", "text", "hex"), "view");

interface FileProps {
    source: FileSource;
    path: string;
    size: number | undefined;
}

export function Preview({ source, path, size }: FileProps) {
    const named = kindOfName(path);
    const plays = as.value === "view" && named && streamed.has(named);
    return (
        <section class="preview" aria-label={`File ${path}`}>
            <Head source={source} path={path} size={size} named={named} />
            <div class="view">
                {plays ? (
                    <Player kind={named} path={path} address={source.address(path)} />
                ) : (
                    <Opened
                        key={`${source.key} ${path}`}
                        source={source}
                        path={path}
                        size={size}
                    />
                )}
            </div>
        </section>
    );
}

function Player({ kind, ...file }: { kind: Kind; path: string; address: string }) {
    const Play = players[kind]!;
    return <Play key={file.address} {...file} />;
}

/** A file whose beginning has to be read before it can be shown. */
function Opened({ source, path, size }: FileProps) {
    const address = source.address(path);
    const { data, error, refetch } = useQuery<OpenFile>({
        queryKey: ["file", source.key, path],
        queryFn: ({ signal }) => openFile(path, address, size, signal),
        refetchOnWindowFocus: false,
        staleTime: Infinity,
        gcTime: 0,
    });
    if (data) {
        const View = viewOf(data, path);
        return <View file={data} source={source} />;
    }
    if (error) return <Problem error={error} retry={() => void refetch()} />;
    return <Loading what={nameOf(path)} />;
}

function viewOf(file: OpenFile, path: string): ComponentType<ViewProps> {
    if (as.value === "hex") return Hex;
    if (as.value === "text") return Text;
    const kind = kindOfName(path) ?? kindOfBytes(file.head);
    return kind === "text" && !isText(file.head) ? Hex : views[kind];
}

function Head({ source, path, size, named }: FileProps & { named: Kind | undefined }) {
    const forms = [
        { id: "view", label: "Preview" },
        ...(named === undefined || named === "hex" || textual.has(named)
            ? [{ id: "text", label: "Text" }]
            : []),
        ...(named !== "hex" ? [{ id: "hex", label: "Bytes" }] : []),
    ] as const;
    return (
        <header class="preview-head">
            <h2 title={path}>{nameOf(path)}</h2>
            {size !== undefined && <span class="soft">{sizeText(size)}</span>}
            <span class="space" />
            <div class="segments" role="group" aria-label="Show as">
                {forms.map(f => (
                    <Button
                        key={f.id}
                        label={f.label}
                        pressed={as.value === f.id}
                        onClick={() => as.set(f.id as "view", "replace")}
                    />
                ))}
            </div>
            <Copy text={path} label="Copy the path" />
            <a class="button" href={source.address(path)} download={nameOf(path)}>
                Download
            </a>
        </header>
    );
}
