// What every preview gets.
import type { OpenFile } from "../bytes";
import type { FileSource } from "../source";

export interface ViewProps {
    file: OpenFile;
    source: FileSource;
}
