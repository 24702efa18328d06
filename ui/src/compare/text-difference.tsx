// Two texts, with the lines that went and those that came.
import { useMemo } from "preact/hooks";
import { folded, textDiff } from "./textdiff";

interface Side {
    name: string;
    text: string;
}

/** Lines that are drawn. */
const mostLines = 5000;

const signs = { same: " ", gone: "-", new: "+" } as const;
const words = { same: "", gone: "removed: ", new: "added: " } as const;

export function TextDifference({ before, after }: { before: Side; after: Side }) {
    const edits = useMemo(
        () => folded(textDiff(before.text, after.text)),
        [before.text, after.text],
    );
    return (
        <div class="text-difference">
            <p class="hint">
                <span class="gone">- {before.name}</span>{" "}
                <span class="new">+ {after.name}</span>
            </p>
            {before.text === after.text ? (
                <p>Both are the same.</p>
            ) : (
                <pre tabIndex={0}>
                    {edits.slice(0, mostLines).map((edit, i) =>
                        edit ? (
                            <span key={i} class={edit.kind}>
                                <span aria-hidden="true">{signs[edit.kind]} </span>
                                <span class="out-of-sight">{words[edit.kind]}</span>
                                {edit.line + "\n"}
                            </span>
                        ) : (
                            <span key={i} class="folded">
                                {"⋯\n"}
                            </span>
                        ),
                    )}
                    {edits.length > mostLines && (
                        <span class="folded">{edits.length - mostLines} more lines</span>
                    )}
                </pre>
            )}
        </div>
    );
}
