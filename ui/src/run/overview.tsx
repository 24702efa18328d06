// The overview of a run: what it was given and what came out at the left, what it is at the right.
import { useMemo } from "preact/hooks";
import { metricText } from "~/lib/format";
import type { Run } from "~/lib/types";
import { KeyValues, type Item } from "~/parts/key-values";
import { Notes } from "~/parts/notes";
import { TagEditor } from "~/parts/tag-editor";
import { About } from "./about";
import { Children } from "./children";
import { removeTag, setTag } from "./data";
import { Datasets } from "./datasets";
import { SYSTEM, tagOf } from "./facts";
import { Models } from "./models";
import { Snippets } from "./snippets-view";

const NOTE = "mlflow.note.content";

const byMetric = (run: Run): Item[] =>
    (run.data.metrics ?? [])
        .filter(m => !m.key.startsWith(SYSTEM))
        .map(m => ({
            key: m.key,
            value: metricText(m.value),
            exact: String(m.value),
            number: Number(m.value),
        }));

const byParam = (run: Run): Item[] =>
    (run.data.params ?? []).map(({ key, value }) => ({ key, value }));

export function Overview({ run }: { run: Run }) {
    const id = run.info.run_id;
    const metrics = useMemo(() => byMetric(run), [run]);
    const params = useMemo(() => byParam(run), [run]);
    return (
        <div class="overview">
            <div class="main">
                <Notes
                    title="Notes"
                    text={tagOf(run, NOTE) ?? ""}
                    save={text => setTag(id, NOTE, text)}
                />
                <div class="pair">
                    <KeyValues
                        title="Metrics"
                        items={metrics}
                        empty={'mlflow.log_metric("loss", 0.5)'}
                    />
                    <KeyValues
                        title="Params"
                        items={params}
                        empty={'mlflow.log_param("lr", 0.1)'}
                    />
                </div>
                <Datasets run={run} />
                <Models run={run} />
                <Children run={run} />
                <Snippets run={run} />
            </div>
            <aside class="side" aria-label="About the run">
                <About run={run} />
                <h2>Tags</h2>
                <TagEditor
                    tags={(run.data.tags ?? []).filter(t => t.key !== NOTE)}
                    set={(key, value) => setTag(id, key, value)}
                    remove={key => removeTag(id, key)}
                />
            </aside>
        </div>
    );
}
