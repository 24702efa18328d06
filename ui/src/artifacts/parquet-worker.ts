// Reads the first rows of a Parquet file (hyparquet), as far as it has to be read for them.
import { gunzipSync } from "fflate";
import { decompress as unzstd } from "fzstd";
import { parquetMetadataAsync, parquetReadObjects, parquetSchema } from "hyparquet";
import { decompressLz4, decompressLz4Raw } from "hyparquet-compressors/src/lz4.js";
import { sizeText } from "~/lib/format";
import { serve } from "~/lib/helper";
import { readRange } from "./bytes";
import { cellText } from "./cell-text";

export interface ParquetOrder {
    address: string;
    /** Of the file, in bytes. */
    size: number;
    /** Rows that are wanted. */
    most: number;
}

export interface ParquetTable {
    /** Rows of the whole file. */
    total: number;
    columns: string[];
    rows: string[][];
    /** Said of the program that wrote it. */
    writer: string;
}

/** A page of more is not read at once: a column's whole group has to be. */
const MAX_GROUP = 64 * 1024 * 1024;
/** Bytes of a page that was unpacked. */
const MAX_PAGE = 256 * 1024 * 1024;
const MAX_COLUMNS = 1_000;

type Unpack = (packed: Uint8Array, size: number) => Uint8Array;

const limited =
    (unpack: Unpack): Unpack =>
    (packed, size) => {
        if (!(size >= 0 && size <= MAX_PAGE))
            throw new Error(`A page of ${size} bytes is not unpacked.`);
        return unpack(packed, size);
    };

const compressors = {
    GZIP: limited((packed, size) => gunzipSync(packed, { out: new Uint8Array(size) })),
    ZSTD: limited((packed, size) => unzstd(packed, new Uint8Array(size))),
    LZ4: limited(decompressLz4),
    LZ4_RAW: limited(decompressLz4Raw),
};

async function readTable({ address, size, most }: ParquetOrder): Promise<ParquetTable> {
    const file = {
        byteLength: size,
        slice: async (from: number, to = size) => {
            if (to - from > MAX_GROUP)
                throw new Error(
                    `A part of the table has ${sizeText(to - from)}: too much to show.`,
                );
            return (await readRange(address, from, to)).bytes.buffer;
        },
    };
    const metadata = await parquetMetadataAsync(file);
    const columns = parquetSchema(metadata).children.map(c => c.element.name);
    if (columns.length > MAX_COLUMNS)
        throw new Error(`More than ${MAX_COLUMNS} columns are not shown.`);
    const total = Number(metadata.num_rows);
    const objects = await parquetReadObjects({
        file,
        metadata,
        rowEnd: Math.min(most, total),
        compressors,
    });
    return {
        total,
        columns,
        rows: objects.map(o => columns.map(c => cellText(o[c]))),
        writer: `written by ${metadata.created_by ?? "an unnamed program"}`,
    };
}

serve(readTable);
