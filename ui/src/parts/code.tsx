// Text and code, in colours once the highlighter has found them.
import { useEffect, useMemo, useState } from "preact/hooks";
import { Helper } from "~/lib/helper";
import type { Colours, Order } from "./highlight-worker";
import highlighter from "./highlight-worker?worker";
import { linesIn, pieceEnds } from "./pieces";
import "./text.css";

/** Longer texts are not coloured. */
const MAX_HIGHLIGHTED = 256 * 1024;
const helper = new Helper<Order, Colours>(highlighter, import.meta.url, 3_000);

export function Code({ text, language }: { text: string; language?: string | undefined }) {
    const coloured = useColours(text, language);
    const pieces = useMemo(() => {
        const ends = pieceEnds(text);
        return ends.map((end, i) => text.slice(ends[i - 1] ?? 0, end));
    }, [text]);
    return (
        <pre class="code" tabIndex={0}>
            {pieces.map((piece, i) => (
                <code key={i} style={{ "--lines": linesIn(piece) }}>
                    {coloured?.[i]?.map(([part, scope], k) =>
                        scope ? (
                            <span key={k} class={classOf(scope)}>
                                {part}
                            </span>
                        ) : (
                            part
                        ),
                    ) ?? piece}
                </code>
            ))}
        </pre>
    );
}

function useColours(text: string, language: string | undefined): Colours {
    const [found, setFound] = useState<{ text: string; colours: Colours }>();
    useEffect(() => {
        if (!language || text.length > MAX_HIGHLIGHTED) return;
        let gone = false;
        helper.ask({ code: text, language }).then(
            colours => {
                if (!gone) setFound({ text, colours });
            },
            () => undefined, // black on white is readable too
        );
        return () => {
            gone = true;
        };
    }, [text, language]);
    return found?.text === text ? found.colours : undefined;
}

const classOf = (scope: string) => `hl-${scope.split(".")[0]!.replaceAll("_", "-")}`;
