// Programs that fetch the run, to be copied.
import { useState } from "preact/hooks";
import { server } from "~/artifacts/source";
import type { Run } from "~/lib/types";
import { Code } from "~/parts/code";
import { Copy } from "~/parts/copy";
import { Button } from "~/parts/parts";
import { snippets } from "./snippets";

export function Snippets({ run }: { run: Run }) {
    const all = snippets(server(), run.info.run_id, run.data.metrics?.[0]?.key);
    const [chosen, setChosen] = useState("python");
    const snippet = all[chosen]!;
    return (
        <section class="snippets" aria-label="Fetch this run">
            <header>
                <h2>Fetch this run</h2>
                <div class="segments" role="group" aria-label="Language">
                    {Object.entries(all).map(([id, { label }]) => (
                        <Button
                            key={id}
                            label={label}
                            pressed={id === chosen}
                            onClick={() => setChosen(id)}
                        />
                    ))}
                </div>
                <Copy label={`Copy the ${snippet.label} program`} text={snippet.code} />
            </header>
            <Code text={snippet.code} language={snippet.language} />
        </section>
    );
}
