// Reading files piece by piece, so that a large one costs no more than what is looked at.
import { ApiError, request } from "~/lib/api";

/** How much is read of a file before anybody asked for more. */
export const FIRST = 256 * 1024;

export interface Piece {
    bytes: Uint8Array<ArrayBuffer>;
    /** Where the piece begins. */
    from: number;
    /** Bytes of the whole file. */
    size: number;
}

/** Bytes [from, to) of a file, fewer at its end. */
export async function readRange(
    address: string,
    from: number,
    to: number,
    signal?: AbortSignal,
): Promise<Piece> {
    if (to <= from) return { bytes: new Uint8Array(), from, size: from };
    let response: Response;
    try {
        response = await request(address, {
            headers: { Range: `bytes=${from}-${to - 1}` },
            ...(signal ? { signal } : {}),
        });
    } catch (e) {
        // Nothing can be read of an empty file.
        if (e instanceof ApiError && e.status === 416)
            return { bytes: new Uint8Array(), from, size: from };
        throw e;
    }
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (response.status !== 206)
        return { bytes: bytes.subarray(from, to), from, size: bytes.length };
    return { bytes, from, size: sizeOf(response.headers) ?? from + bytes.length };
}

function sizeOf(headers: Headers): number | undefined {
    const total = /\/(\d+)$/.exec(headers.get("Content-Range") ?? "")?.[1];
    return total === undefined ? undefined : Number(total);
}

/** A file whose beginning was read. */
export interface OpenFile {
    path: string;
    address: string;
    size: number;
    head: Uint8Array<ArrayBuffer>;
}

/** Opens a file by reading its first piece. `known` is its size where a listing told it. */
export async function openFile(
    path: string,
    address: string,
    known?: number,
    signal?: AbortSignal,
): Promise<OpenFile> {
    // Asked for any range of nothing, a server can only refuse.
    if (known === 0) return { path, address, size: 0, head: new Uint8Array() };
    const { bytes, size } = await readRange(address, 0, FIRST, signal);
    return { path, address, size, head: bytes };
}

/** Bytes [from, to) of an open file, from its head where that has them. */
export async function readFile(
    file: OpenFile,
    from: number,
    to: number,
    signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
    const end = Math.min(to, file.size);
    if (end <= file.head.length) return file.head.subarray(from, end);
    return (await readRange(file.address, from, end, signal)).bytes;
}

export class TooLarge extends Error {
    override readonly name = "TooLarge";
}

/** All of a file, if it has at most `most` bytes. */
export async function readAll(
    file: OpenFile,
    most: number,
    signal?: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
    if (file.size > most) throw new TooLarge(`More than ${most} bytes are not shown at once.`);
    if (file.head.length === file.size) return file.head;
    return (await readRange(file.address, 0, file.size, signal)).bytes;
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
