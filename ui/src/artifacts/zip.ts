// The directory of a zip file, read from its end without reading the file.

export interface ZipEntry {
    name: string;
    isDir: boolean;
    /** 0 is stored, 8 deflated; others cannot be unpacked here. */
    method: number;
    packed: number;
    size: number;
    /** Where the entry's local header is. */
    offset: number;
    encrypted: boolean;
}

export interface Zip {
    entries: ZipEntry[];
    /** Entries that the file says it has; more than `entries` when there were too many. */
    total: number;
}

/** Reads bytes [from, to) of the file. */
export type ReadBytes = (from: number, to: number) => Promise<Uint8Array>;

const END = 0x06054b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
/** The end record with the longest comment that it can have, and the locator before it. */
const TAIL = 22 + 65_535 + 20;
const MAX_DIRECTORY = 8 * 1024 * 1024;
export const MAX_ENTRIES = 10_000;

const viewOf = (b: Uint8Array) => new DataView(b.buffer, b.byteOffset, b.byteLength);
const u64 = (v: DataView, at: number) => Number(v.getBigUint64(at, true));

interface Directory {
    offset: number;
    length: number;
    total: number;
}

/** The entries of a zip file of `size` bytes. Throws an Error that says what is wrong. */
export async function readZip(read: ReadBytes, size: number): Promise<Zip> {
    const directory = await findDirectory(read, size);
    if (directory.length > MAX_DIRECTORY)
        throw new Error("The archive's directory is too long.");
    if (directory.offset + directory.length > size)
        throw new Error("The archive's directory lies outside of the file.");
    const bytes = await read(directory.offset, directory.offset + directory.length);
    return { entries: entriesOf(bytes), total: directory.total };
}

async function findDirectory(read: ReadBytes, size: number): Promise<Directory> {
    const from = Math.max(0, size - TAIL);
    const view = viewOf(await read(from, size));
    let at = view.byteLength - 22;
    while (at >= 0 && view.getUint32(at, true) !== END) at--;
    if (at < 0) throw new Error("This is no zip archive, or it was cut off.");
    if (at >= 20 && view.getUint32(at - 20, true) === LOCATOR64) {
        const place = u64(view, at - 20 + 8);
        const end = viewOf(await read(place, place + 56));
        if (end.byteLength < 56 || end.getUint32(0, true) !== END64)
            throw new Error("The archive's end cannot be read.");
        return { total: u64(end, 32), length: u64(end, 40), offset: u64(end, 48) };
    }
    return {
        total: view.getUint16(at + 10, true),
        length: view.getUint32(at + 12, true),
        offset: view.getUint32(at + 16, true),
    };
}

function entriesOf(bytes: Uint8Array): ZipEntry[] {
    const view = viewOf(bytes);
    const entries: ZipEntry[] = [];
    let at = 0;
    while (at + 46 <= bytes.length && entries.length < MAX_ENTRIES) {
        if (view.getUint32(at, true) !== CENTRAL) break;
        const lengths = [28, 30, 32].map(o => view.getUint16(at + o, true)) as [
            number,
            number,
            number,
        ];
        const end = at + 46 + lengths[0] + lengths[1] + lengths[2];
        if (end > bytes.length) break;
        entries.push(entryAt(view, bytes, at, lengths[0], lengths[1]));
        at = end;
    }
    return entries;
}

function entryAt(
    view: DataView,
    bytes: Uint8Array,
    at: number,
    nameLength: number,
    extraLength: number,
): ZipEntry {
    const nameEnd = at + 46 + nameLength;
    const name = new TextDecoder().decode(bytes.subarray(at + 46, nameEnd));
    const entry: ZipEntry = {
        name,
        isDir: name.endsWith("/"),
        method: view.getUint16(at + 10, true),
        packed: view.getUint32(at + 20, true),
        size: view.getUint32(at + 24, true),
        offset: view.getUint32(at + 42, true),
        encrypted: (view.getUint16(at + 8, true) & 1) !== 0,
    };
    widen(entry, view, nameEnd, nameEnd + extraLength);
    return entry;
}

/** Takes what did not fit into 32 bits from the extra field of Zip64. */
function widen(entry: ZipEntry, view: DataView, from: number, to: number): void {
    for (let at = from; at + 4 <= to; at += 4 + view.getUint16(at + 2, true)) {
        if (view.getUint16(at, true) !== 1) continue;
        let value = at + 4;
        for (const field of ["size", "packed", "offset"] as const)
            if (entry[field] === 0xffffffff && value + 8 <= to) {
                entry[field] = u64(view, value);
                value += 8;
            }
        return;
    }
}

/** Unpacks the beginning of an entry, at most `most` bytes of it. */
export async function readEntry(
    read: ReadBytes,
    entry: ZipEntry,
    most: number,
): Promise<Uint8Array> {
    if (entry.encrypted) throw new Error("The entry is encrypted.");
    const header = viewOf(await read(entry.offset, entry.offset + 30));
    if (header.byteLength < 30 || header.getUint32(0, true) !== LOCAL)
        throw new Error("The entry cannot be found.");
    const from = entry.offset + 30 + header.getUint16(26, true) + header.getUint16(28, true);
    // Packed data is hardly ever longer than what it unpacks to; the surplus feeds the decoder.
    const packed = await read(from, from + Math.min(entry.packed, most + 65_536));
    if (entry.method === 0) return packed.subarray(0, most);
    if (entry.method !== 8) throw new Error("The entry is packed in a way that is not known.");
    return inflate(packed, most);
}

async function inflate(packed: Uint8Array, most: number): Promise<Uint8Array> {
    const { Inflate } = await import("fflate");
    const out: Uint8Array[] = [];
    let length = 0;
    const stream = new Inflate(chunk => {
        out.push(chunk);
        length += chunk.length;
    });
    // Small pieces, so that what unpacks to a thousand times its size stops early.
    for (let at = 0; at < packed.length && length < most; at += 4096)
        stream.push(packed.subarray(at, at + 4096), false);
    const all = new Uint8Array(Math.min(length, most));
    let at = 0;
    for (const chunk of out) {
        const part = chunk.subarray(0, all.length - at);
        all.set(part, at);
        at += part.length;
    }
    return all;
}
