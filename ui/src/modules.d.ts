// Imports that TypeScript knows nothing of.

// Scripts that run beside the page; build.mjs makes files of them.
declare module "*?worker" {
    /** Relative to the file that imports it. */
    const address: string;
    export default address;
}

// hyparquet-compressors has types for all of it only, of which a dictionary of 50 kB is a part.
declare module "hyparquet-compressors/src/lz4.js" {
    type Unpack = (packed: Uint8Array, size: number) => Uint8Array;
    export const decompressLz4: Unpack;
    export const decompressLz4Raw: Unpack;
}
