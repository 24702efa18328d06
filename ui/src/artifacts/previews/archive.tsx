// Arrays of NumPy and archives: what is in them, without reading all of them.
import { useEffect, useMemo, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { counted, sizeText } from "~/lib/format";
import { Loading, Problem } from "~/parts/parts";
import { readFile, type OpenFile } from "../bytes";
import { DataTable } from "../data-table";
import { dtypeName, itemSize, npyHeader, npyValues, type NpyHeader } from "../npy";
import { readEntry, readZip, type Zip, type ZipEntry } from "../zip";
import type { ViewProps } from "./view";

/** Values that are shown of an array. */
const VALUES = 1000;
const MAX_ARRAYS = 100;
/** Enough for a header and VALUES of most types. */
const BEGIN = 32 * 1024;

interface ArrayInfo {
    header: NpyHeader;
    values: string[];
}

function arrayInfo(begin: Uint8Array): ArrayInfo {
    const header = npyHeader(begin);
    return { header, values: npyValues(begin, header, VALUES) };
}

export function Npy({ file }: ViewProps) {
    const found = useMemo(() => {
        try {
            return arrayInfo(file.head);
        } catch (e) {
            return asError(e);
        }
    }, [file]);
    return found instanceof Error ? <Problem error={found} /> : <ArrayView info={found} />;
}

const shapeOf = ({ shape }: NpyHeader) => (shape.length === 0 ? "scalar" : shape.join(" × "));
const countOf = ({ shape }: NpyHeader) => shape.reduce((a, b) => a * b, 1);

function ArrayView({ info: { header, values } }: { info: ArrayInfo }) {
    const size = itemSize(header.descr);
    return (
        <>
            <dl class="facts">
                <dt>Shape</dt>
                <dd>{shapeOf(header)}</dd>
                <dt>Type</dt>
                <dd>{dtypeName(header.descr)}</dd>
                <dt>Order</dt>
                <dd>{header.fortranOrder ? "Fortran (columns first)" : "C (rows first)"}</dd>
                <dt>Values</dt>
                <dd>
                    {countOf(header).toLocaleString("en")}
                    {size ? `, ${sizeText(countOf(header) * size)}` : ""}
                </dd>
            </dl>
            {values.length > 0 && <Values header={header} values={values} />}
        </>
    );
}

/** The first values, in rows of the last axis if that is short enough. */
function Values({ header, values }: ArrayInfo) {
    const last = header.shape.at(-1) ?? 1;
    const inRows = header.shape.length > 1 && last <= 100 && !header.fortranOrder;
    const width = inRows ? Math.max(1, last) : 1;
    const rows = Array.from({ length: Math.ceil(values.length / width) }, (_, i) => [
        String(i),
        ...values.slice(i * width, (i + 1) * width),
    ]);
    const columns = [
        "row",
        ...(inRows ? Array.from({ length: width }, (_, i) => String(i)) : ["value"]),
    ];
    return (
        <>
            <p class="hint">
                The first {counted(values.length, "value")}
                {header.fortranOrder && header.shape.length > 1
                    ? ", in the order of the file"
                    : ""}
                :
            </p>
            <DataTable label="First values" columns={columns} rows={rows} />
        </>
    );
}

function useZip(file: OpenFile) {
    const [zip, setZip] = useState<Zip>();
    const [error, setError] = useState<Error>();
    useEffect(() => {
        const stop = new AbortController();
        readZip((from, to) => readFile(file, from, to, stop.signal), file.size).then(
            found => {
                if (!stop.signal.aborted) setZip(found);
            },
            (e: unknown) => {
                if (!stop.signal.aborted) setError(asError(e));
            },
        );
        return () => stop.abort();
    }, [file]);
    return { zip, error };
}

export function ZipFile({ file }: ViewProps) {
    const { zip, error } = useZip(file);
    if (error) return <Problem error={error} />;
    if (!zip) return <Loading what="the archive" />;
    const files = zip.entries.filter(e => !e.isDir);
    const whole = files.reduce((sum, e) => sum + e.size, 0);
    return (
        <>
            <p class="hint">
                {counted(files.length, "file")}, {sizeText(whole)} unpacked
                {zip.total > zip.entries.length &&
                    `; only the first ${zip.entries.length} of ${zip.total} entries are listed`}
            </p>
            <DataTable
                label={file.path}
                columns={["name", "bytes", "packed"]}
                rows={files.map(e => [e.name, String(e.size), String(e.packed)])}
            />
        </>
    );
}

export function Npz({ file }: ViewProps) {
    const { zip, error } = useZip(file);
    if (error) return <Problem error={error} />;
    if (!zip) return <Loading what="the arrays" />;
    const arrays = zip.entries.filter(e => e.name.endsWith(".npy"));
    return (
        <>
            <p class="hint">{counted(arrays.length, "array")}</p>
            {arrays.slice(0, MAX_ARRAYS).map((entry, i) => (
                <NpzArray key={entry.name} file={file} entry={entry} open={i === 0} />
            ))}
        </>
    );
}

function NpzArray({ file, entry, open }: { file: OpenFile; entry: ZipEntry; open: boolean }) {
    const [info, setInfo] = useState<ArrayInfo>();
    const [error, setError] = useState<Error>();
    const [opened, setOpened] = useState(open);
    useEffect(() => {
        const stop = new AbortController();
        readEntry((from, to) => readFile(file, from, to, stop.signal), entry, BEGIN)
            .then(begin => setInfo(arrayInfo(begin)))
            .catch((e: unknown) => {
                if (!stop.signal.aborted) setError(asError(e));
            });
        return () => stop.abort();
    }, [file, entry]);
    return (
        <details class="array" open={opened} onToggle={e => setOpened(e.currentTarget.open)}>
            <summary>
                <strong>{entry.name.replace(/\.npy$/, "")}</strong>{" "}
                {info && (
                    <span class="soft">
                        {shapeOf(info.header)}, {dtypeName(info.header.descr)}
                    </span>
                )}
                {error && <span class="bad">{error.message}</span>}
            </summary>
            {opened && info && <ArrayView info={info} />}
        </details>
    );
}
