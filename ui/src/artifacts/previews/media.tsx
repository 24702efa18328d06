// What a browser shows by itself: pictures, sound, films, PDF, and web pages in a frame that keeps
// them from us.
import { useEffect, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { sizeText } from "~/lib/format";
import { Image } from "~/parts/image";
import { Empty, Loading, Problem } from "~/parts/parts";
import { nameOf, readAll } from "../bytes";
import type { ViewProps } from "./view";

const MAX_BLOB = 64 * 1024 * 1024;

export function Picture({ path, address }: { path: string; address: string }) {
    const [broken, setBroken] = useState(false);
    const [size, setSize] = useState<string>();
    if (broken) return <Unplayable what="picture" />;
    return (
        <figure class="picture">
            <Image
                src={address}
                alt={nameOf(path)}
                onError={() => setBroken(true)}
                onLoad={i => setSize(`${i.naturalWidth} × ${i.naturalHeight} pixels`)}
            />
            <figcaption>{size}</figcaption>
        </figure>
    );
}

interface PlayedProps {
    path: string;
    address: string;
}

function Played({ as: Player, what, path, address }: PlayedProps & Kind) {
    const [broken, setBroken] = useState(false);
    if (broken) return <Unplayable what={what} />;
    return (
        <Player
            controls
            preload="metadata"
            src={address}
            aria-label={nameOf(path)}
            onError={() => setBroken(true)}
        />
    );
}

interface Kind {
    as: "audio" | "video";
    what: string;
}

export const Sound = (file: PlayedProps) => <Played as="audio" what="sound" {...file} />;
export const Film = (file: PlayedProps) => <Played as="video" what="film" {...file} />;

function Unplayable({ what }: { what: string }) {
    return <Empty title={`This browser cannot show the ${what}`}>Download it to see it.</Empty>;
}

/** An address in this browser alone of a whole file. */
function useBlob({ file }: ViewProps, type: string) {
    const [address, setAddress] = useState<string>();
    const [error, setError] = useState<Error>();
    useEffect(() => {
        const stop = new AbortController();
        let made: string | undefined;
        readAll(file, MAX_BLOB, stop.signal).then(
            all => {
                if (stop.signal.aborted) return;
                made = URL.createObjectURL(new Blob([all], { type }));
                setAddress(made);
            },
            (e: unknown) => {
                if (!stop.signal.aborted) setError(asError(e));
            },
        );
        return () => {
            stop.abort();
            if (made) URL.revokeObjectURL(made);
        };
    }, [file, type]);
    return { address, error };
}

/** A picture whose name does not tell the server that it is one. */
export function UnnamedPicture(props: ViewProps) {
    const png = props.file.head[0] === 0x89;
    const { address, error } = useBlob(props, png ? "image/png" : "image/jpeg");
    if (error) return <Problem error={error} />;
    if (!address) return <Loading what="the picture" />;
    return <Picture path={props.file.path} address={address} />;
}

export function Pdf(props: ViewProps) {
    const { address, error } = useBlob(props, "application/pdf");
    if (error) return <Problem error={error} />;
    if (!address) return <Loading what="the document" />;
    if (navigator.pdfViewerEnabled === false) return <Unplayable what="document" />;
    return <iframe class="frame" src={address} title={nameOf(props.file.path)} />;
}

/** The server answers view=frame with a policy that lets scripts of the page itself run, without an
 *  origin and without a network; the frame says the same once more. */
export function WebPage({ file }: ViewProps) {
    if (file.size > MAX_BLOB)
        return (
            <Empty title={`A page of ${sizeText(file.size)} is not shown`}>Download it.</Empty>
        );
    return (
        <iframe
            class="frame page"
            sandbox="allow-scripts"
            referrerpolicy="no-referrer"
            src={inFrame(file.address)}
            title={nameOf(file.path)}
        />
    );
}

function inFrame(address: string): string {
    const url = new URL(address);
    url.searchParams.set("view", "frame");
    return url.href;
}
