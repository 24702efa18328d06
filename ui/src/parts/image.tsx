// A picture that others made. Drawings that would keep the page busy are shown only when asked for.
import { useEffect, useState } from "preact/hooks";
import { isDrawing, isQuick } from "./drawing";
import { Button, Empty } from "./parts";

interface ImageProps {
    src: string;
    alt: string;
    class?: string;
    onLoad?: (image: HTMLImageElement) => void;
    onError?: () => void;
}

/** Only ever an <img>: what SVG holds does not run there. */
export function Image({ src, alt, class: kind, onLoad, onError }: ImageProps) {
    const [drawn, draw] = useDrawn(src);
    if (drawn === undefined) return null;
    if (!drawn)
        return (
            <Empty title="This drawing is large">
                <p>The page may stop answering while it is drawn.</p>
                <Button label="Draw it" onClick={draw} />
            </Empty>
        );
    return (
        <img
            class={kind}
            src={src}
            alt={alt}
            loading="lazy"
            onLoad={e => onLoad?.(e.currentTarget)}
            onError={onError}
        />
    );
}

/** Whether the picture is drawn, undefined while that is being found out; and how to have it drawn
 *  all the same. */
function useDrawn(src: string): [boolean | undefined, () => void] {
    const [found, setFound] = useState<{ src: string; quick: boolean }>();
    useEffect(() => {
        if (!isDrawing(src)) return;
        let gone = false;
        void isQuick(src).then(quick => {
            if (!gone) setFound({ src, quick });
        });
        return () => {
            gone = true;
        };
    }, [src]);
    const quick = isDrawing(src) ? (found?.src === src ? found.quick : undefined) : true;
    return [quick, () => setFound({ src, quick: true })];
}
