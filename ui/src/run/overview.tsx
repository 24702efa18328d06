// The overview of a run: what it was given and what came out at the left, what it is at the right.
import { useMemo } from "preact/hooks";
import { delta } from "~/lib/delta";
import { metricText } from "~/lib/format";
import type { Run } from "~/lib/types";
import { DeltaText } from "~/parts/delta";
import { KeyValues, type Item } from "~/parts/key-values";
import { Notes } from "~/parts/notes";
import { TagEditor } from "~/parts/tag-editor";
import { About } from "./about";
import { BaselineChoice, useBaseline } from "./baseline";
import { Children } from "./children";
import { removeTag, setTag } from "./data";
import { Datasets } from "./datasets";
import { SYSTEM, tagOf } from "./facts";
import { Models } from "./models";
import { Snippets } from "./snippets-view";

const NOTE = "mlflow.note.content";

type Pairs = readonly { key: string; value: string | number }[];

const valuesOf = (pairs: Pairs | undefined) =>
    new Map((pairs ?? []).map(({ key, value }) => [key, value]));

function byMetric(run: Run, base: Run | undefined): Item[] {
    const old = valuesOf(base?.data.metrics);
    return (run.data.metrics ?? [])
        .filter(m => !m.key.startsWith(SYSTEM))
        .map(({ key, value }) => {
            const by = delta(value, old.get(key) ?? null);
            return {
                key,
                value: metricText(value),
                exact: String(value),
                number: Number(value),
                beside: by && <DeltaText metric={key} delta={by} />,
            };
        });
}

function byParam(run: Run, base: Run | undefined): Item[] {
    const old = valuesOf(base?.data.params);
    return (run.data.params ?? []).map(({ key, value }) => ({
        key,
        value,
        beside: old.get(key) === value ? <small>same</small> : old.get(key),
    }));
}

export function Overview({ run }: { run: Run }) {
    const id = run.info.run_id;
    const base = useBaseline(run);
    const metrics = useMemo(() => byMetric(run, base), [run, base]);
    const params = useMemo(() => byParam(run, base), [run, base]);
    const name = base && (base.info.run_name || base.info.run_id);
    return (
        <div class="overview">
            <div class="main">
                <Notes
                    title="Notes"
                    text={tagOf(run, NOTE) ?? ""}
                    save={text => setTag(id, NOTE, text)}
                />
                <BaselineChoice run={run} base={base} />
                <div class={base ? "pair compared" : "pair"}>
                    <KeyValues
                        title="Metrics"
                        items={metrics}
                        empty={'mlflow.log_metric("loss", 0.5)'}
                        beside={name && `Against ${name}`}
                    />
                    <KeyValues
                        title="Params"
                        items={params}
                        empty={'mlflow.log_param("lr", 0.1)'}
                        beside={name && `In ${name}`}
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
