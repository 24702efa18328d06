// The panel of one metric: its chart, or bars, or tables, and what can be done with it.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { RefObject } from "preact";
import { Found } from "~/parts/found";
import { Menu, Opener } from "~/parts/popover";
import { Button, Loading, Problem } from "~/parts/parts";
import { toastError } from "~/parts/toast";
import { average } from "./average";
import { Bars } from "./bars";
import { Chart } from "./chart";
import { useMetric } from "./data";
import { save, toCsv, toPng, toSvg, type Drawing } from "./export";
import { isSingle, makeLines, type Line, type LineStyle } from "./lines";
import type { MetricBuckets, Range } from "./buckets";
import type { Picture, Plot } from "./plot";
import { fitY } from "./scale";
import {
    clip,
    fullPanel,
    isChosen,
    isMoving,
    keyPattern,
    logX,
    logY,
    seenRange,
    range,
    smoothing,
    toggle,
    xAxis,
} from "./state";
import type { Scale } from "./ticks";
import { Values } from "./values";

/** The runs of a chart: how each looks, and which of them become one line. */
export interface Drawn {
    readonly runs: ReadonlyMap<string, LineStyle>;
    readonly groups?: readonly Grouped[] | undefined;
}

export interface Grouped {
    readonly style: LineStyle;
    readonly runs: ReadonlySet<string>;
}

export interface PanelProps {
    metric: string;
    drawn: Drawn;
    /** Fills the window instead of its place among others. */
    full?: boolean;
    /** Stands below no heading of a group. */
    top?: boolean;
    yRange?: [number, number] | undefined;
    /** Tells the vertical range that the panel would have by itself. */
    onFit?: (metric: string, fit: [number, number]) => void;
    /** Moves the panel by places among those of its group. */
    onMove?: (by: number) => void;
}

export function Panel(props: PanelProps) {
    const { metric, full, top } = props;
    const Title = top ? "h2" : "h3";
    const box = useRef<HTMLElement>(null);
    const width = useWidthInView(box);
    return (
        <section ref={box} class={full ? "panel full" : "panel"} aria-label={metric}>
            {width > 0 ? <Filled {...props} width={width} /> : <Title>{metric}</Title>}
        </section>
    );
}

/** What the axis is called, and how it is read. */
function axisOf(axis: string, log: boolean): { label: string; scale: Scale } {
    const names: Record<string, { label: string; scale: Scale }> = {
        step: { label: "step", scale: "number" },
        time: { label: "time", scale: "time" },
        relative: { label: "time since the start", scale: "duration" },
    };
    const found = names[axis] ?? {
        label: axis.replace(/^metric:/, ""),
        scale: "number" as const,
    };
    return log ? { ...found, scale: "log" } : found;
}

function Filled({
    metric,
    drawn,
    full,
    top,
    yRange,
    onFit,
    onMove,
    width,
}: PanelProps & { width: number }) {
    const Title = top ? "h2" : "h3";
    const plot = useRef<Plot>(null);
    const [table, setTable] = useState(false);
    const ids = useMemo(() => [...drawn.runs.keys()], [drawn.runs]);
    const axis = xAxis.value;
    const { data, whole, error, base } = useMetric({
        metric,
        runs: ids,
        axis,
        width,
        range: range.value,
    });
    const onLog = logX.value && axis !== "time";
    const { label: xLabel, scale: xScale } = axisOf(axis, onLog);
    const yLog = isChosen(logY, metric);
    const lines = useLines(data, drawn, yLog, onLog, whole);
    // What lies behind a panel that fills the window does not move with it.
    const moves = full || fullPanel.value === "";
    const moving = moves && isMoving.value;
    const seen = shownRange(lines, (moves ? seenRange : range).value ?? whole, onLog);
    const picture = useMemo<Picture>(
        () => ({
            lines,
            seen,
            xScale,
            xLabel,
            yLog,
            clip: isChosen(clip, metric),
            yRange,
            moving,
        }),
        [
            lines,
            seen.start,
            seen.end,
            xScale,
            yLog,
            isChosen(clip, metric),
            yRange?.[0],
            yRange?.[1],
            moving,
        ],
    );
    const fit = useMemo(
        () => onFit && lines.length > 0 && fitY(lines, seen, { log: yLog, clip: picture.clip }),
        [picture, onFit !== undefined],
    );
    useEffect(() => {
        if (fit) onFit?.(metric, fit);
    }, [fit && fit[0], fit && fit[1]]);

    const file = (kind: "PNG" | "SVG" | "CSV") => {
        if (!data) return;
        exportAs(kind, metric, data, drawn, picture, plot.current).catch((e: unknown) =>
            toastError(`No ${kind} was made`, e),
        );
    };
    const unseen = useMemo(
        () => yLog && data?.series.some(s => s.last.some(v => v <= 0)),
        [data, yLog],
    );
    const bars = data !== undefined && isSingle(data) && !drawn.groups;
    const title = `${metric} by ${xLabel}, ${lines.length} ${lines.length === 1 ? "line" : "lines"}`;
    return (
        <>
            <header>
                <Title title={metric} draggable={onMove !== undefined}>
                    <Found text={metric} pattern={keyPattern.value} />
                </Title>
                {unseen && <small class="hint">zero and below are not shown</small>}
                <Button
                    bare
                    icon="columns"
                    label={`${metric} as a table`}
                    pressed={table}
                    onClick={() => setTable(!table)}
                />
                <Button
                    bare
                    icon={full ? "close" : "expand"}
                    label={full ? "Close" : `${metric} in the whole window`}
                    onClick={() => fullPanel.set(full ? "" : metric)}
                />
                <Opener bare icon="more" label={`More for ${metric}`}>
                    {(anchor, close) => (
                        <Menu
                            anchor={anchor}
                            label={`More for ${metric}`}
                            onClose={close}
                            items={[
                                [
                                    {
                                        label: "Logarithmic axis",
                                        checked: yLog,
                                        run: () => toggle(logY, metric),
                                    },
                                    {
                                        label: "Leave out outliers",
                                        checked: isChosen(clip, metric),
                                        run: () => toggle(clip, metric),
                                    },
                                ],
                                (["PNG", "SVG", "CSV"] as const).map(kind => ({
                                    label: `Save as ${kind}`,
                                    icon: "download" as const,
                                    disabled: bars && kind !== "CSV",
                                    run: () => file(kind),
                                })),
                                onMove
                                    ? [
                                          { label: "Move to the left", run: () => onMove(-1) },
                                          { label: "Move to the right", run: () => onMove(1) },
                                      ]
                                    : [],
                            ]}
                        />
                    )}
                </Opener>
            </header>
            <div class="body">
                {error && !data ? (
                    <Problem error={error} retry={() => void base.refetch()} />
                ) : !data ? (
                    <Loading what={metric} />
                ) : lines.length === 0 ? (
                    <p class="notice">None of these runs has values that can be shown here.</p>
                ) : bars ? (
                    <Bars label={metric} metric={data} styles={drawn.runs} />
                ) : table ? (
                    <Values title={metric} lines={lines} xLabel={xLabel} xScale={xScale} />
                ) : (
                    <Chart label={title} picture={picture} plot={plot} />
                )}
            </div>
        </>
    );
}

function useLines(
    data: MetricBuckets | undefined,
    drawn: Drawn,
    yLog: boolean,
    xLog: boolean,
    whole: Range | undefined,
): Line[] {
    const how = smoothing.value;
    const span = whole ? whole.end - whole.start : 0;
    return useMemo(() => {
        if (!data) return [];
        const all = makeLines(data, drawn.runs, {
            smoothing: how,
            span,
            logX: xLog,
            logY: yLog,
        });
        return drawn.groups ? averages(all, drawn.groups) : all;
    }, [data, drawn, how.kind, how.amount, span, xLog, yLog]);
}

const averages = (lines: readonly Line[], groups: readonly Grouped[]): Line[] =>
    groups.flatMap(({ style, runs }) => {
        const members = lines.filter(l => runs.has(l.id));
        return members.length > 0 ? [average(members, style)] : [];
    });

/** A range that has a length, and on a logarithmic axis nothing but positive numbers. */
export function shownRange(
    lines: readonly Line[],
    wanted: Range | undefined,
    log: boolean,
): Range {
    let { start, end } = wanted ?? { start: 0, end: 1 };
    if (log && start <= 0) {
        const positive = lines.flatMap(l => l.x.find(x => x > 0) ?? []);
        start = Math.min(...positive);
        if (!Number.isFinite(start)) start = 1;
        end = Math.max(end, start);
    }
    if (start < end) return { start, end };
    return log ? { start: start / 2, end: end * 2 } : { start: start - 0.5, end: end + 0.5 };
}

async function exportAs(
    kind: "PNG" | "SVG" | "CSV",
    metric: string,
    data: MetricBuckets,
    drawn: Drawn,
    picture: Picture,
    plot: Plot | null,
): Promise<void> {
    const name = `${metric}.${kind.toLowerCase()}`;
    if (kind === "CSV") {
        const names = new Map([...drawn.runs].map(([id, style]) => [id, style.name]));
        const text = toCsv(data, names, picture.xLabel);
        return save(name, new Blob([text], { type: "text/csv;charset=utf-8" }));
    }
    const drawing = asDrawing(metric, picture, plot);
    if (kind === "SVG")
        return save(name, new Blob([toSvg(drawing)], { type: "image/svg+xml" }));
    const canvas = plot?.canvas;
    const png = canvas && (await toPng(canvas, drawing));
    if (!png) throw new Error("show the chart first");
    save(name, png);
}

function asDrawing(title: string, picture: Picture, plot: Plot | null): Drawing {
    const style = getComputedStyle(document.documentElement);
    const [low, high] =
        picture.yRange ??
        fitY(picture.lines, picture.seen, { log: picture.yLog, clip: picture.clip });
    return {
        ...picture,
        title,
        low,
        high,
        width: Math.max(480, plot?.canvas?.clientWidth ?? 0),
        height: Math.max(300, plot?.canvas?.clientHeight ?? 0),
        ink: style.getPropertyValue("--ink"),
        paper: style.getPropertyValue("--bg"),
    };
}

/** The width of an element while it is in or near the window; 0 while it is not. */
function useWidthInView(ref: RefObject<HTMLElement | null>): number {
    const [width, setWidth] = useState(0);
    useEffect(() => {
        const element = ref.current!;
        let near = false;
        const measure = () => setWidth(near ? element.clientWidth : 0);
        const sight = new IntersectionObserver(
            entries => {
                near = entries.at(-1)!.isIntersecting;
                measure();
            },
            { rootMargin: "200px" },
        );
        const size = new ResizeObserver(measure);
        sight.observe(element);
        size.observe(element);
        return () => {
            sight.disconnect();
            size.disconnect();
        };
    }, []);
    return width;
}
