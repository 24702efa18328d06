// Two versions of a model side by side: what differs comes first.
import { useState } from "preact/hooks";
import { href } from "~/lib/router";
import type { ModelVersion } from "~/lib/types";
import { DeltaText } from "~/parts/delta";
import { useRuns } from "./data";
import { fieldsOf, metricRows, paramsOf, rowsOf, sizesOf, type Row } from "./difference";
import { modelPath } from "./model";
import { useModelFile, useTopFiles } from "./signature";

export function Compare({ before, after }: { before: ModelVersion; after: ModelVersion }) {
    const [all, setAll] = useState(false);
    const { data: runs } = useRuns([before, after]);
    const signatures = [useModelFile(before).data, useModelFile(after).data] as const;
    const files = [useTopFiles(before).data, useTopFiles(after).data] as const;
    const [a, b] = [runs?.get(before.run_id ?? ""), runs?.get(after.run_id ?? "")];
    const parts: [title: string, rows: Row[]][] = [
        [
            "Signature",
            rowsOf([fieldsOf(signatures[0]?.signature), fieldsOf(signatures[1]?.signature)]),
        ],
        ["Metrics", metricRows(a, b)],
        ["Params", rowsOf([paramsOf(a), paramsOf(b)])],
        ["Files", rowsOf([sizesOf(files[0]), sizesOf(files[1])])],
    ];
    return (
        <>
            <label>
                <input
                    type="checkbox"
                    checked={all}
                    onChange={e => setAll(e.currentTarget.checked)}
                />{" "}
                Show what is the same too
            </label>
            {parts.map(([title, rows]) => (
                <Part
                    key={title}
                    title={title}
                    rows={all ? rows : rows.filter(r => r.differs)}
                    of={[before, after]}
                />
            ))}
        </>
    );
}

function Part({
    title,
    rows,
    of,
}: {
    title: string;
    rows: Row[];
    of: readonly [ModelVersion, ModelVersion];
}) {
    const changes = rows.some(r => r.change);
    const kind = changes ? "number" : undefined;
    return (
        <section aria-label={title}>
            <h2>{title}</h2>
            {rows.length === 0 ? (
                <p class="hint">No difference.</p>
            ) : (
                <div
                    class="wide-table"
                    tabIndex={0}
                    role="group"
                    aria-label={`${title}, scrolls`}
                >
                    <table class="plain version-compare">
                        <thead>
                            <tr>
                                <th scope="col">Name</th>
                                {of.map(v => (
                                    <th scope="col" key={v.version} class={kind}>
                                        <a href={href(modelPath(v.name, String(v.version)))}>
                                            Version {v.version}
                                        </a>
                                    </th>
                                ))}
                                {changes && (
                                    <th scope="col" class="number">
                                        Change
                                    </th>
                                )}
                            </tr>
                        </thead>
                        <tbody>
                            {rows.map(row => (
                                <tr key={row.name} class={row.differs ? "differs" : undefined}>
                                    <th scope="row">{row.name}</th>
                                    <td class={kind}>{row.before || <Absent />}</td>
                                    <td class={kind}>{row.after || <Absent />}</td>
                                    {changes && (
                                        <td class="number">
                                            {row.change && (
                                                <DeltaText
                                                    metric={row.name}
                                                    delta={row.change}
                                                />
                                            )}
                                        </td>
                                    )}
                                </tr>
                            ))}
                        </tbody>
                    </table>
                </div>
            )}
        </section>
    );
}

const Absent = () => <span class="soft">—</span>;
