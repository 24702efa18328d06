// NumPy's .npy files: what the header says, and the first values.

export interface NpyHeader {
    /** As NumPy writes it: "<f4", "|b1", or a list of fields. */
    descr: string;
    fortranOrder: boolean;
    shape: number[];
    /** Where the values begin. */
    offset: number;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** NumPy's own headers have some hundred bytes. */
const MAX_HEADER = 64 * 1024;

/** Reads the header at the beginning of a file. Throws an Error that says what is wrong. */
export function npyHeader(bytes: Uint8Array): NpyHeader {
    if (!magic.every((b, i) => bytes[i] === b)) throw new Error("This is no file of NumPy.");
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const wide = bytes[6]! >= 2;
    const start = wide ? 12 : 10;
    if (bytes.length < start) throw new Error("The file ends within its header.");
    const length = wide ? view.getUint32(8, true) : view.getUint16(8, true);
    if (length > MAX_HEADER || bytes.length < start + length)
        throw new Error("The file ends within its header.");
    const text = new TextDecoder().decode(bytes.subarray(start, start + length));
    const descr =
        /'descr':\s*'([^']*)'/.exec(text)?.[1] ??
        /'descr':\s*(\[.*?\])\s*,\s*'/.exec(text)?.[1];
    const shape = /'shape':\s*\(([^)]*)\)/.exec(text)?.[1];
    if (descr === undefined || shape === undefined)
        throw new Error("The header of the file cannot be read.");
    return {
        descr,
        fortranOrder: /'fortran_order':\s*True/.test(text),
        shape: shape
            .split(",")
            .filter(part => part.trim() !== "")
            .map(Number),
        offset: start + length,
    };
}

type Read = (view: DataView, at: number, little: boolean) => number | bigint | boolean;

const readers: Record<string, Read> = {
    b1: (v, at) => v.getUint8(at) !== 0,
    i1: (v, at) => v.getInt8(at),
    u1: (v, at) => v.getUint8(at),
    i2: (v, at, little) => v.getInt16(at, little),
    u2: (v, at, little) => v.getUint16(at, little),
    i4: (v, at, little) => v.getInt32(at, little),
    u4: (v, at, little) => v.getUint32(at, little),
    i8: (v, at, little) => v.getBigInt64(at, little),
    u8: (v, at, little) => v.getBigUint64(at, little),
    f2: (v, at, little) => half(v.getUint16(at, little)),
    f4: (v, at, little) => v.getFloat32(at, little),
    f8: (v, at, little) => v.getFloat64(at, little),
};

function half(bits: number): number {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) return fraction ? NaN : sign * Infinity;
    if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024);
    return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

/** Bytes of one value; undefined where values cannot be read here. */
export function itemSize(descr: string): number | undefined {
    const [, kind, digits] = /^[<>|=]?([a-zA-Z])(\d+)$/.exec(descr) ?? [];
    if (!kind) return undefined;
    const count = Number(digits);
    if (kind === "U") return count * 4;
    if (kind === "S" || kind === "c") return count;
    return readers[kind + digits] ? count : undefined;
}

/** The first values of a file as text, at most `most`, in the order in which they are stored. */
export function npyValues(bytes: Uint8Array, header: NpyHeader, most: number): string[] {
    const size = itemSize(header.descr);
    if (!size) return [];
    const total = header.shape.reduce((a, b) => a * b, 1);
    const here = Math.floor((bytes.length - header.offset) / size);
    const count = Math.max(0, Math.min(most, total, here));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const one = valueReader(header.descr, size);
    return Array.from({ length: count }, (_, i) => one(view, header.offset + i * size));
}

function valueReader(descr: string, size: number): (view: DataView, at: number) => string {
    const little = !descr.startsWith(">");
    const plain = descr.replace(/^[<>|=]/, "");
    if (plain.startsWith("U"))
        return (v, at) => unpadded(size / 4, i => v.getUint32(at + 4 * i, little));
    if (plain.startsWith("S")) return (v, at) => unpadded(size, i => v.getUint8(at + i));
    if (plain.startsWith("c")) {
        const part = readers[`f${size / 2}`];
        if (!part) return () => "";
        return (v, at) => {
            const imaginary = number(part(v, at + size / 2, little));
            return `${number(part(v, at, little))}${imaginary.startsWith("-") ? "" : "+"}${imaginary}j`;
        };
    }
    const read = readers[plain]!;
    return (v, at) => number(read(v, at, little), plain === "f4" ? 7 : plain === "f2" ? 4 : 17);
}

/** Shortest text of a value that was stored with so many digits. */
function number(value: number | bigint | boolean, digits = 17): string {
    return typeof value === "number" && digits < 17
        ? String(Number(value.toPrecision(digits)))
        : String(value);
}

function unpadded(length: number, code: (i: number) => number): string {
    const codes = Array.from({ length }, (_, i) => code(i));
    while (codes.at(-1) === 0) codes.pop();
    return codes.map(c => (c <= 0x10ffff ? String.fromCodePoint(c) : "\ufffd")).join("");
}

const names: Record<string, string> = {
    b1: "bool",
    i1: "int8",
    u1: "uint8",
    i2: "int16",
    u2: "uint16",
    i4: "int32",
    u4: "uint32",
    i8: "int64",
    u8: "uint64",
    f2: "float16",
    f4: "float32",
    f8: "float64",
    c8: "complex64",
    c16: "complex128",
};

/** What people call a dtype: "<f4" is float32. */
export function dtypeName(descr: string): string {
    const name = names[descr.replace(/^[<>|=]/, "")];
    return name ? (descr.startsWith(">") ? `${name}, big-endian` : name) : descr;
}
