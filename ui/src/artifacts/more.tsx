// Files that are read further and further: what was read so far, and a button for the next piece.
import { useRef, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { sizeText } from "~/lib/format";
import { Button } from "~/parts/parts";
import { FIRST, readRange, type OpenFile, type Piece } from "./bytes";

/** How much the second and later pieces have. */
const NEXT = 1024 * 1024;
/** A page that holds more becomes slow. */
const MOST = 16 * 1024 * 1024;

export interface Growing {
    pieces: Uint8Array[];
    read: number;
    size: number;
    /** The end of the file, once it was asked for. */
    end: Piece | undefined;
    busy: boolean;
    error: Error | undefined;
    more: () => void;
    showEnd: () => void;
}

export function useGrowing(file: OpenFile): Growing {
    const [pieces, setPieces] = useState<Uint8Array[]>([file.head]);
    const [end, setEnd] = useState<Piece>();
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<Error>();
    const asked = useRef(false);
    const read = pieces.reduce((sum, p) => sum + p.length, 0);
    const { size } = file;
    const ask = async (from: number, to: number, take: (piece: Piece) => void) => {
        if (asked.current) return;
        asked.current = true;
        setBusy(true);
        try {
            take(await readRange(file.address, from, to));
            setError(undefined);
        } catch (e) {
            setError(asError(e));
        }
        asked.current = false;
        setBusy(false);
    };
    const more = () =>
        void ask(read, Math.min(read + NEXT, size), piece =>
            setPieces([...pieces, piece.bytes]),
        );
    const showEnd = () => void ask(Math.max(read, size - FIRST), size, setEnd);
    return { pieces, read, size, end, busy, error, more, showEnd };
}

/** All pieces as one text; a character that is cut off at the end is left out. */
export function textOf(pieces: readonly Uint8Array[]): string {
    const decoder = new TextDecoder();
    return pieces.map(p => decoder.decode(p, { stream: true })).join("");
}

/** The end of a file as a text, from the beginning of a line on. */
export function endText({ end, read }: Growing): string | undefined {
    if (!end) return undefined;
    const text = new TextDecoder().decode(end.bytes.subarray(Math.max(0, read - end.from)));
    return read > end.from ? text : text.slice(text.indexOf("\n") + 1);
}

/** Above a text of which only the beginning is shown: the way to its end. */
export function ToEnd({ of }: { of: Growing }) {
    if (of.read >= of.size || of.end) return null;
    return (
        <p class="more">
            The first {sizeText(of.read)} of {sizeText(of.size)} follow.{" "}
            <Button label="Show the end" disabled={of.busy} onClick={of.showEnd} />
        </p>
    );
}

/** How much is shown, and the way to more of it. */
export function More({ of }: { of: Growing }) {
    if (of.read >= of.size) return null;
    return (
        <p class="more" role="status">
            The first {sizeText(of.read)} of {sizeText(of.size)} are shown.{" "}
            {of.read < MOST ? (
                <Button
                    label={of.busy ? "Loading …" : "Load more"}
                    disabled={of.busy}
                    onClick={of.more}
                />
            ) : (
                "Download the file to see the rest."
            )}{" "}
            {of.end && "Its end follows."}{" "}
            {of.error && <span class="bad">{of.error.message}</span>}
        </p>
    );
}
