// MLmodel files as a card: flavours, signature, and how to load the model.
import { useEffect, useState } from "preact/hooks";
import { asError } from "~/lib/error";
import { href } from "~/lib/router";
import { Code } from "~/parts/code";
import { Loading, Problem } from "~/parts/parts";
import { readAll } from "../bytes";
import { cut } from "../cut";
import { JsonTree } from "../json-tree";
import { parseModelFile, type ModelFile } from "../signature";
import { SignatureView } from "../signature-view";
import type { ViewProps } from "./view";

const MAX_SIZE = 4 * 1024 * 1024;

/** The file as data. Gets again when the file changes. */
function useModelFile({ file }: ViewProps) {
    const [model, setModel] = useState<ModelFile>();
    const [error, setError] = useState<Error>();
    useEffect(() => {
        const stop = new AbortController();
        readAll(file, MAX_SIZE, stop.signal)
            .then(all => parseModelFile(new TextDecoder().decode(all)))
            .then(setModel)
            .catch((e: unknown) => {
                if (!stop.signal.aborted) setError(asError(e));
            });
        return () => stop.abort();
    }, [file]);
    return { model, error };
}

export function ModelCard(props: ViewProps) {
    const { model, error } = useModelFile(props);
    if (error) return <Problem error={error} />;
    if (!model) return <Loading what="the model" />;
    const dir = props.file.path.replace(/\/?MLmodel$/, "");
    return (
        <div class="model-card">
            <dl class="facts">
                <dt>Flavours</dt>
                <dd>
                    {cut(
                        model.flavors
                            .map(f => (f.version ? `${f.name} ${f.version}` : f.name))
                            .join(", "),
                    )}
                </dd>
                {model.runId && (
                    <>
                        <dt>Run</dt>
                        <dd>
                            <a href={href(`/runs/${encodeURIComponent(model.runId)}`)}>
                                {model.runId}
                            </a>
                        </dd>
                    </>
                )}
                {model.facts.map(([label, value]) => (
                    <>
                        <dt>{label}</dt>
                        <dd>{value}</dd>
                    </>
                ))}
            </dl>
            <h3>Signature</h3>
            {model.signature ? (
                <SignatureView signature={model.signature} />
            ) : (
                <p class="hint">The model was logged without a signature.</p>
            )}
            <h3>Load it</h3>
            <Code language="python" text={loading(model, dir)} />
            <h3>Flavours in full</h3>
            <JsonTree value={Object.fromEntries(model.flavors.map(f => [f.name, f.details]))} />
        </div>
    );
}

function loading(model: ModelFile, dir: string): string {
    const uri = model.modelId
        ? `models:/${model.modelId}`
        : `runs:/${model.runId ?? "RUN_ID"}/${dir}`;
    return `import mlflow\n\nmodel = mlflow.pyfunc.load_model(${JSON.stringify(uri)})\nmodel.predict(data)\n`;
}
