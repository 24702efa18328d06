// A metric that is a single value of each run: bars, longest name and value readable as a table.
import { metricText } from "~/lib/format";
import type { MetricValue } from "~/lib/types";
import type { MetricBuckets } from "./buckets";
import type { LineStyle } from "./lines";
import { highlighted } from "./state";

interface Bar {
    style: LineStyle;
    value: MetricValue;
}

function barsOf(metric: MetricBuckets, styles: ReadonlyMap<string, LineStyle>): Bar[] {
    const made = metric.series.flatMap((s): Bar[] => {
        const style = styles.get(s.run_id);
        const odd = s.nan ? "NaN" : s.inf ? "Infinity" : "-Infinity";
        return style ? [{ style, value: s.last[0] ?? odd }] : [];
    });
    const size = (b: Bar) => (typeof b.value === "number" ? b.value : -Infinity);
    return made.sort((a, b) => (size(b) > size(a) ? 1 : size(b) < size(a) ? -1 : 0));
}

/** Where a bar begins and how long it is, in hundredths, with zero among what is shown. */
export function barSpan(
    value: number,
    low: number,
    high: number,
): [from: number, length: number] {
    const [min, max] = [Math.min(0, low), Math.max(0, high)];
    if (max === min) return [0, 0];
    const place = (v: number) => ((v - min) / (max - min)) * 100;
    return [place(Math.min(0, value)), Math.abs(place(value) - place(0))];
}

export function Bars({
    label,
    metric,
    styles,
}: {
    label: string;
    metric: MetricBuckets;
    styles: ReadonlyMap<string, LineStyle>;
}) {
    const bars = barsOf(metric, styles);
    const finite = bars.flatMap(b => (typeof b.value === "number" ? [b.value] : []));
    const low = Math.min(...finite);
    const high = Math.max(...finite);
    return (
        <div class="bars" tabIndex={0} role="group" aria-label={label}>
            <table>
                <tbody>
                    {bars.map(({ style, value }) => (
                        <tr
                            key={style.id}
                            class={style.id === highlighted.value ? "front" : undefined}
                            onPointerEnter={() => (highlighted.value = style.id)}
                            onPointerLeave={() => (highlighted.value = undefined)}
                        >
                            <th scope="row" title={style.name}>
                                {style.name}
                            </th>
                            <td class="track">
                                {typeof value === "number" && (
                                    <Fill value={value} low={low} high={high} style={style} />
                                )}
                            </td>
                            <td class="value">{metricText(value)}</td>
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}

function Fill({
    value,
    low,
    high,
    style,
}: {
    value: number;
    low: number;
    high: number;
    style: LineStyle;
}) {
    const [from, length] = barSpan(value, low, high);
    return (
        <span
            class="fill"
            style={{
                left: `${from}%`,
                width: `max(1px, ${length}%)`,
                background: style.colour,
            }}
        />
    );
}
