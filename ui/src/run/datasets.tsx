// The datasets that a run read.
import { counted } from "~/lib/format";
import type { Run } from "~/lib/types";
import { datasetsOf, type Dataset } from "./facts";

/** Fields that are listed of one. */
const MOST = 500;

export function Datasets({ run }: { run: Run }) {
    const datasets = datasetsOf(run);
    if (datasets.length === 0) return null;
    return (
        <section aria-label="Datasets">
            <h2>
                Datasets <span class="soft">{datasets.length}</span>
            </h2>
            {datasets.map((d, i) => (
                <OneDataset key={i} dataset={d} />
            ))}
        </section>
    );
}

function OneDataset({ dataset }: { dataset: Dataset }) {
    return (
        <details class="dataset">
            <summary>
                <strong>{dataset.name}</strong> <code>{dataset.digest}</code>
                {dataset.use && <span class="badge">{dataset.use}</span>}
                <span class="soft">
                    {dataset.fields.length > 0 && counted(dataset.fields.length, "field")}
                </span>
            </summary>
            <dl class="facts">
                <dt>Source</dt>
                <dd>
                    {dataset.source} <span class="soft">{dataset.kind}</span>
                </dd>
                {dataset.profile.map(([name, value]) => (
                    <>
                        <dt>{name}</dt>
                        <dd>{value}</dd>
                    </>
                ))}
            </dl>
            {dataset.fields.length > 0 && (
                <table class="plain">
                    <thead>
                        <tr>
                            <th scope="col">Field</th>
                            <th scope="col">Type</th>
                        </tr>
                    </thead>
                    <tbody>
                        {dataset.fields.slice(0, MOST).map((f, i) => (
                            <tr key={i}>
                                <td>{f.name}</td>
                                <td>
                                    <code>{f.type}</code>
                                    {!f.required && <span class="soft"> optional</span>}
                                </td>
                            </tr>
                        ))}
                        {dataset.fields.length > MOST && (
                            <tr>
                                <td colSpan={2} class="soft">
                                    {dataset.fields.length - MOST} more
                                </td>
                            </tr>
                        )}
                    </tbody>
                </table>
            )}
        </details>
    );
}
