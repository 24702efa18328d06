// Files that are read further and further: what was read so far, and a button for the next piece.
import { useRef, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { sizeText } from "~/lib/format";
import { Button } from "~/parts/parts";
import { readRange, type OpenFile } from "./bytes";

/** How much the second and later pieces have. */
const NEXT = 1024 * 1024;
/** A page that holds more becomes slow. */
const MOST = 16 * 1024 * 1024;

export interface Growing {
    pieces: Uint8Array[];
    read: number;
    size: number;
    busy: boolean;
    error: Error | undefined;
    more: () => void;
}

export function useGrowing(file: OpenFile): Growing {
    const [pieces, setPieces] = useState<Uint8Array[]>([file.head]);
    const [busy, setBusy] = useState(false);
    const [error, setError] = useState<Error>();
    const asked = useRef(false);
    const read = pieces.reduce((sum, p) => sum + p.length, 0);
    const more = async () => {
        if (asked.current) return;
        asked.current = true;
        setBusy(true);
        try {
            const piece = await readRange(file.address, read, Math.min(read + NEXT, file.size));
            setPieces([...pieces, piece.bytes]);
            setError(undefined);
        } catch (e) {
            setError(asError(e));
        }
        asked.current = false;
        setBusy(false);
    };
    return { pieces, read, size: file.size, busy, error, more: () => void more() };
}

/** All pieces as one text; a character that is cut off at the end is left out. */
export function textOf(pieces: readonly Uint8Array[]): string {
    const decoder = new TextDecoder();
    return pieces.map(p => decoder.decode(p, { stream: true })).join("");
}

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
            {of.error && <span class="bad">{of.error.message}</span>}
        </p>
    );
}
