// Markdown or HTML of others on a page.
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { Code } from "~/parts/code";
import { Problem } from "~/parts/parts";
import { cleanHtml, cleanMarkdown, TooMuch, type Picture } from "./clean";
import "./markdown.css";

/** Shows a text; `html` says that it is HTML instead of Markdown. */
export function Markdown({
    text,
    html = false,
    picture,
}: {
    text: string;
    html?: boolean;
    picture?: Picture;
}) {
    const at = useRef<HTMLDivElement>(null);
    const [made, setMade] = useState<DocumentFragment | Error>();
    useEffect(() => {
        let gone = false;
        const take = (what: DocumentFragment | Error) => {
            if (!gone) setMade(what);
        };
        (html ? cleanHtml : cleanMarkdown)(text, picture).then(take, (e: unknown) =>
            take(asError(e)),
        );
        return () => {
            gone = true;
        };
    }, [text, html]);
    const error = made instanceof Error ? made : undefined;
    useLayoutEffect(() => {
        if (made && !error) at.current!.replaceChildren(made as DocumentFragment);
    }, [made]);
    if (error instanceof TooMuch)
        return (
            <>
                <p class="hint">This is shown as it is written. {error.message}</p>
                <Code text={text} />
            </>
        );
    if (error) return <Problem error={error} />;
    return <div class="markdown" ref={at} />;
}
