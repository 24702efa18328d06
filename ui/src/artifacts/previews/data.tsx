// Tables and trees: CSV, TSV, JSON, and the tables that MLflow logs as JSON.
import { useEffect, useMemo, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { counted } from "~/lib/format";
import { Image } from "~/parts/image";
import { Empty, Loading, Problem } from "~/parts/parts";
import { readAll, type OpenFile } from "../bytes";
import { cellText } from "../cell-text";
import { cut } from "../cut";
import { DataTable, MAX_COLUMNS, type DataRow } from "../data-table";
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
        rows: data.map((row: unknown[]) => row.slice(0, MAX_COLUMNS).map(cellText)),
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

/** Characters of a text that are shown in a cell. */
const LONG_TEXT = 500;

/** Pictures of a logged table are files beside it. */
function Cell({ text, source }: { text: string; source: FileSource }) {
    const path = text.startsWith('{"type":"image"') && imagePath(text);
    return path ? (
        <Image class="cell-image" src={source.address(path)} alt={path} />
    ) : (
        <>{cut(text, LONG_TEXT)}</>
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
