// What every preview gets.
import type { OpenFile } from "../bytes";
import type { FileSource } from "../source";

export interface ViewProps {
    file: OpenFile;
    source: FileSource;
}

/** An answer of something that may fail, as text for people. */
export const asError = (e: unknown): Error => (e instanceof Error ? e : new Error(String(e)));
