// Tables and trees: CSV, TSV, Parquet, JSON, and the tables that MLflow logs as JSON.
import { useEffect, useMemo, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { counted, sizeText } from "~/lib/format";
import { Button, Empty, Loading, Problem } from "~/parts/parts";
import { readAll, readFile, type OpenFile } from "../bytes";
import { DataTable, type DataRow } from "../data-table";
import { JsonTree } from "../json-tree";
import { More, textOf, useGrowing } from "../more";
import type { FileSource } from "../source";
import { Text } from "./text";
import type { ViewProps } from "./view";

interface Rows {
    columns: string[];
    rows: DataRow[];
}

export function Csv({ file }: ViewProps) {
    return <Separated file={file} delimiter="" />;
}
export function Tsv({ file }: ViewProps) {
    return <Separated file={file} delimiter={"\t"} />;
}

/** Delimiter "": whatever the first lines suggest. */
function Separated({ file, delimiter }: { file: OpenFile; delimiter: string }) {
    const growing = useGrowing(file);
    const [parse, setParse] = useState<(typeof import("papaparse"))["parse"]>();
    const [error, setError] = useState<Error>();
    useEffect(() => {
        import("papaparse").then(
            m => setParse(() => m.default.parse),
            (e: unknown) => setError(asError(e)),
        );
    }, []);
    const table = useMemo<Rows | undefined>(() => {
        if (!parse) return undefined;
        const complete = growing.read >= growing.size;
        const { data } = parse<string[]>(wholeLines(textOf(growing.pieces), complete), {
            delimiter,
            skipEmptyLines: true,
        });
        return { columns: data[0] ?? [], rows: data.slice(1) };
    }, [parse, growing.pieces]);
    if (error) return <Problem error={error} />;
    if (!table) return <Loading what="the table" />;
    if (table.columns.length === 0) return <Empty title="The table is empty" />;
    return (
        <>
            <p class="hint">
                {counted(table.rows.length, "row")}, {counted(table.columns.length, "column")}
            </p>
            <DataTable label={file.path} {...table} />
            <More of={growing} />
        </>
    );
}

/** Without the last line, which may be cut off. */
function wholeLines(text: string, complete: boolean): string {
    const end = complete ? -1 : text.lastIndexOf("\n");
    return (end < 0 ? text : text.slice(0, end)).replace(/^\ufeff/, "");
}

const PAGE = 1000;
/** A page of more is not read at once: a column's whole group has to be. */
const MAX_GROUP = 64 * 1024 * 1024;

export function Parquet({ file }: ViewProps) {
    const [state, setState] = useState<Rows & { total: number; schema: string }>();
    const [most, setMost] = useState(PAGE);
    const [error, setError] = useState<Error>();
    useEffect(() => {
        const stop = new AbortController();
        readParquet(file, most, stop.signal).then(
            s => {
                if (!stop.signal.aborted) setState(s);
            },
            (e: unknown) => {
                if (!stop.signal.aborted) setError(asError(e));
            },
        );
        return () => stop.abort();
    }, [file, most]);
    if (error) return <Problem error={error} />;
    if (!state) return <Loading what="the table" />;
    return (
        <>
            <p class="hint">
                {counted(state.total, "row")}, {counted(state.columns.length, "column")};{" "}
                {state.schema}
            </p>
            <DataTable label={file.path} columns={state.columns} rows={state.rows} />
            {state.rows.length < state.total && (
                <p class="more">
                    The first {counted(state.rows.length, "row")} are shown.{" "}
                    <Button label="Load more" onClick={() => setMost(most + 10 * PAGE)} />
                </p>
            )}
        </>
    );
}

async function readParquet(file: OpenFile, most: number, signal: AbortSignal) {
    const [{ parquetMetadataAsync, parquetReadObjects, parquetSchema }, { gunzipSync }] =
        await Promise.all([import("hyparquet"), import("fflate")]);
    const buffer = {
        byteLength: file.size,
        slice: async (from: number, to = file.size) => {
            if (to - from > MAX_GROUP)
                throw new Error(
                    `A part of the table has ${sizeText(to - from)}: too much to show.`,
                );
            const read = await readFile(file, from, to, signal);
            return read.slice().buffer;
        },
    };
    const metadata = await parquetMetadataAsync(buffer);
    const total = Number(metadata.num_rows);
    const objects = await parquetReadObjects({
        file: buffer,
        metadata,
        rowEnd: Math.min(most, total),
        compressors: { GZIP: (input: Uint8Array) => gunzipSync(input) },
    });
    const columns = parquetSchema(metadata).children.map(c => c.element.name);
    return {
        total,
        columns,
        rows: objects.map(o => columns.map(c => cellText(o[c]))),
        schema: `written by ${metadata.created_by ?? "an unnamed program"}`,
    };
}

/** A value of any kind as one line. */
export function cellText(value: unknown): string {
    if (value === null || value === undefined) return "";
    if (value instanceof Date) return value.toISOString().replace(/T00:00:00\.000Z$/, "");
    if (typeof value !== "object") return String(value);
    return JSON.stringify(value, (_, v: unknown) => (typeof v === "bigint" ? v.toString() : v));
}

const MAX_JSON = 8 * 1024 * 1024;

export function Json(props: ViewProps) {
    const { file, source } = props;
    const [value, setValue] = useState<{ of: unknown }>();
    const [error, setError] = useState<Error>();
    useEffect(() => {
        if (file.size > MAX_JSON) return;
        const stop = new AbortController();
        readAll(file, MAX_JSON, stop.signal).then(
            all => {
                try {
                    setValue({ of: JSON.parse(new TextDecoder().decode(all)) as unknown });
                } catch (e) {
                    setError(asError(e));
                }
            },
            (e: unknown) => {
                if (!stop.signal.aborted) setError(asError(e));
            },
        );
        return () => stop.abort();
    }, [file]);
    if (file.size > MAX_JSON) return <Text {...props} />;
    if (error)
        return (
            <>
                <p class="hint bad">This is no valid JSON: {error.message}</p>
                <Text {...props} />
            </>
        );
    if (!value) return <Loading what="the file" />;
    const table = loggedTable(value.of);
    return table ? (
        <LoggedTable table={table} source={source} label={file.path} />
    ) : (
        <JsonTree value={value.of} />
    );
}

/** What mlflow.log_table and data frames of pandas write: {"columns": [...], "data": [[...]]}. */
export function loggedTable(value: unknown): Rows | undefined {
    if (typeof value !== "object" || value === null) return undefined;
    const { columns, data } = value as { columns?: unknown; data?: unknown };
    if (!Array.isArray(columns) || !Array.isArray(data)) return undefined;
    if (!data.every(row => Array.isArray(row) && row.length === columns.length))
        return undefined;
    return {
        columns: columns.map(cellText),
        rows: data.map((row: unknown[]) => row.map(cellText)),
    };
}

function LoggedTable({
    table,
    source,
    label,
}: {
    table: Rows;
    source: FileSource;
    label: string;
}) {
    return (
        <>
            <p class="hint">
                {counted(table.rows.length, "row")}, {counted(table.columns.length, "column")}
            </p>
            <DataTable
                label={label}
                {...table}
                cell={text => <Cell text={text} source={source} />}
            />
        </>
    );
}

/** Pictures of a logged table are files beside it. */
function Cell({ text, source }: { text: string; source: FileSource }) {
    const path = text.startsWith('{"type":"image"') && imagePath(text);
    return path ? (
        <img class="cell-image" src={source.address(path)} alt={path} loading="lazy" />
    ) : (
        <>{text}</>
    );
}

function imagePath(text: string): string | undefined {
    try {
        const { filepath, compressed_filepath: small } = JSON.parse(text) as {
            filepath?: unknown;
            compressed_filepath?: unknown;
        };
        return [small, filepath].find(p => typeof p === "string") as string | undefined;
    } catch {
        return undefined;
    }
}
