// Parquet files as tables. They are read in a worker, which may take its time and its memory.
import { useEffect, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { counted } from "~/lib/format";
import { Helper } from "~/lib/helper";
import { Button, Loading, Problem } from "~/parts/parts";
import { DataTable } from "../data-table";
import type { ParquetOrder, ParquetTable } from "../parquet-worker";
import reader from "../parquet-worker?worker";
import type { ViewProps } from "./view";

const PAGE = 1000;
/** Over a slow line the parts that are read may take a while. */
const PATIENCE_MS = 60_000;

export function Parquet({ file }: ViewProps) {
    const [helper] = useState(
        () => new Helper<ParquetOrder, ParquetTable>(reader, import.meta.url, PATIENCE_MS),
    );
    const [table, setTable] = useState<ParquetTable>();
    const [most, setMost] = useState(PAGE);
    const [error, setError] = useState<Error>();
    useEffect(() => {
        let gone = false;
        helper.ask({ address: file.address, size: file.size, most }).then(
            read => {
                if (!gone) setTable(read);
            },
            (e: unknown) => {
                if (!gone) setError(asError(e));
            },
        );
        return () => {
            gone = true;
            helper.stop();
        };
    }, [file, most]);
    if (error) return <Problem error={error} />;
    if (!table) return <Loading what="the table" />;
    return (
        <>
            <p class="hint">
                {counted(table.total, "row")}, {counted(table.columns.length, "column")};{" "}
                {table.writer}
            </p>
            <DataTable label={file.path} columns={table.columns} rows={table.rows} />
            {table.rows.length < table.total && (
                <p class="more">
                    The first {counted(table.rows.length, "row")} are shown.{" "}
                    <Button label="Load more" onClick={() => setMost(most + 10 * PAGE)} />
                </p>
            )}
        </>
    );
}
