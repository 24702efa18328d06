// Jupyter notebooks. Whatever their outputs hold is text, a picture, or cleaned HTML.
import { useEffect, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { counted } from "~/lib/format";
import { Code } from "~/parts/code";
import { Image } from "~/parts/image";
import { Markdown } from "~/parts/markdown";
import { Loading, Problem } from "~/parts/parts";
import { readAll } from "../bytes";
import { parseNotebook, type Cell, type Notebook, type Output } from "../notebook";
import type { ViewProps } from "./view";

const MAX_SIZE = 32 * 1024 * 1024;

export function NotebookFile({ file }: ViewProps) {
    const [notebook, setNotebook] = useState<Notebook>();
    const [error, setError] = useState<Error>();
    useEffect(() => {
        const stop = new AbortController();
        readAll(file, MAX_SIZE, stop.signal)
            .then(all => setNotebook(parseNotebook(new TextDecoder().decode(all))))
            .catch((e: unknown) => {
                if (!stop.signal.aborted) setError(asError(e));
            });
        return () => stop.abort();
    }, [file]);
    if (error) return <Problem error={error} />;
    if (!notebook) return <Loading what="the notebook" />;
    return (
        <div class="notebook">
            {notebook.cells.map((cell, i) => (
                <CellView key={i} cell={cell} language={notebook.language} />
            ))}
            {notebook.left > 0 && (
                <p class="hint">{counted(notebook.left, "more cell")} are not shown.</p>
            )}
        </div>
    );
}

function CellView({ cell, language }: { cell: Cell; language: string }) {
    if (cell.kind === "markdown") return <Markdown text={cell.source} />;
    if (cell.kind === "raw") return <pre class="code">{cell.source}</pre>;
    return (
        <section class="notebook-cell" aria-label={`Cell ${cell.count ?? ""}`}>
            <span class="soft count">[{cell.count ?? " "}]</span>
            <Code text={cell.source} language={language === "python" ? "python" : undefined} />
            {cell.outputs.map((output, i) => (
                <div key={i} class="output">
                    <OutputView output={output} />
                </div>
            ))}
            {cell.left > 0 && (
                <p class="hint output">{counted(cell.left, "more output")} are not shown.</p>
            )}
        </section>
    );
}

function OutputView({ output }: { output: Output }) {
    switch (output.kind) {
        case "text":
            return (
                <div class={output.error ? "error" : undefined}>
                    <Code text={output.text} />
                </div>
            );
        case "image":
            return (
                <Image
                    src={`data:${output.type};base64,${output.data}`}
                    alt="Output of the cell"
                />
            );
        default:
            return <Markdown text={output.text} html={output.kind === "html"} />;
    }
}
