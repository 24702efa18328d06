// A scatter plot of runs: any field along any axis, as colour and as size. A lasso selects runs.
import { useMemo, useRef, useState } from "preact/hooks";
import { counted, metricText } from "~/lib/format";
import { go } from "~/lib/router";
import type { ColumnId } from "~/lib/runs";
import { dark } from "~/lib/theme";
import { makeAxis } from "./axes";
import { useDrawing, useSize, type Size } from "./canvas";
import { ColourKey } from "./colour-key";
import { shade, shades, shadesOf } from "./colour-scale";
import { extent, fieldLabel, place, type Frame } from "./frame";
import { drawFrame, layout, margin } from "./scatter-frame";
import { drawSurface, surfaceOf } from "./surface";
import { inside, nearestPoint, spearman, trend, type Point } from "./plane";

export interface ScatterProps {
    frame: Frame;
    x: ColumnId;
    y: ColumnId;
    colour?: ColumnId | undefined;
    size?: ColumnId | undefined;
    /** The field whose values are drawn as a surface behind the points. */
    surface?: ColumnId | undefined;
    logs: ReadonlySet<ColumnId>;
    showTrend?: boolean;
    selection: ReadonlySet<string>;
    onSelect: (ids: string[]) => void;
}

const plainRadius = 4;
const [leastRadius, mostRadius] = [2.5, 11];
const reach = 12;

const labelOf = ({ x, y, surface }: ScatterProps): string =>
    surface
        ? `${fieldLabel(surface)} over ${fieldLabel(x)} and ${fieldLabel(y)}`
        : `${fieldLabel(y)} by ${fieldLabel(x)}`;

export function Scatter(props: ScatterProps) {
    const { frame, logs, onSelect, selection } = props;
    const box = useRef<HTMLDivElement>(null);
    const canvas = useRef<HTMLCanvasElement>(null);
    const size = useSize(box);
    const [hover, setHover] = useState(-1);
    const [lasso, setLasso] = useState<Point[]>();
    const axes = useMemo(
        () => ({
            x: makeAxis(frame, props.x, logs.has(props.x)),
            y: makeAxis(frame, props.y, logs.has(props.y)),
        }),
        [frame, props.x, props.y, logs],
    );
    const { x, y } = axes;
    const points = useMemo(
        () => (x && y ? layout(frame, x, y, size) : []),
        [axes, size.width, size.height],
    );
    const radius = useMemo(() => radii(frame, props.size), [frame, props.size]);
    const surface = useMemo(() => {
        const heights = props.surface && makeAxis(frame, props.surface, false)?.values;
        return x && y && heights ? surfaceOf(x, y, heights) : undefined;
    }, [axes, frame, props.surface]);
    const shadeOf = useMemo(() => shadesOf(frame, props.colour), [frame, props.colour]);

    useDrawing(
        canvas,
        size,
        (ctx, colour) => {
            if (!x || !y) return;
            if (surface) drawSurface(ctx, surface, size);
            drawFrame(ctx, x, y, size, colour);
            for (const [i, p] of points.entries()) {
                if (!p) continue;
                const s = shadeOf[i]!;
                const chosen = selection.has(frame.ids[i]!);
                ctx.fillStyle =
                    s < 0 ? colour("--accent") : shade(s / (shades - 1), dark.peek());
                ctx.globalAlpha = selection.size > 0 && !chosen ? 0.25 : 0.8;
                dot(ctx, p, radius[i]!);
                ctx.fill();
                if (!chosen && !surface) continue;
                ctx.strokeStyle = colour(chosen ? "--ink" : "--bg");
                ctx.lineWidth = 1.5;
                ctx.stroke();
            }
            ctx.globalAlpha = 1;
            if (props.showTrend) drawTrend(ctx, points, size, colour);
            if (lasso) drawLasso(ctx, lasso, colour);
            const near = points[hover];
            if (near) {
                ctx.strokeStyle = colour("--ink");
                ctx.lineWidth = 2;
                dot(ctx, near, radius[hover]! + 3);
                ctx.stroke();
            }
        },
        [points, radius, shadeOf, surface, selection, hover, lasso, props.showTrend],
    );

    const at = (event: PointerEvent): Point => {
        const rect = box.current!.getBoundingClientRect();
        return { x: event.clientX - rect.left, y: event.clientY - rect.top };
    };
    const shown = points.filter(p => p !== undefined).length;
    const rank = x && y ? spearman(x.values, y.values) : undefined;
    const order = useMemo(
        () =>
            [...points.keys()]
                .filter(i => points[i])
                .sort((a, b) => points[a]!.x - points[b]!.x),
        [points],
    );
    const step = (by: number) => {
        const now = order.indexOf(hover);
        setHover(order[Math.max(0, Math.min(order.length - 1, now + by))] ?? -1);
    };
    return (
        <div class="scatter">
            <p class="hint">
                {counted(shown, "run")}
                {shown < frame.ids.length && ` of ${frame.ids.length}; the others lack a value`}
                {rank !== undefined && `. Rank correlation ${rank.toFixed(2)}`}. Draw around
                points to select them.
            </p>
            {props.colour && <ColourKey frame={frame} field={props.colour} />}
            <div
                ref={box}
                class="drawing"
                role="application"
                aria-roledescription={props.surface ? "contour plot" : "scatter plot"}
                aria-label={`${labelOf(props)}, ${counted(shown, "run")}`}
                tabIndex={0}
                onKeyDown={event => {
                    if (event.key === "ArrowRight") step(1);
                    else if (event.key === "ArrowLeft") step(-1);
                    else if (event.key === "Enter" && hover >= 0)
                        go(`/runs/${frame.ids[hover]}`);
                    else if (event.key === " " && hover >= 0)
                        onSelect(toggled(selection, frame.ids[hover]!));
                    else return;
                    event.preventDefault();
                    event.stopPropagation();
                }}
                onPointerDown={event => {
                    if (event.button !== 0) return;
                    event.currentTarget.setPointerCapture(event.pointerId);
                    setLasso([at(event)]);
                }}
                onPointerMove={event => {
                    const p = at(event);
                    if (lasso) setLasso([...lasso, p]);
                    else setHover(nearestPoint(points, p, reach));
                }}
                onPointerUp={() => {
                    if (!lasso) return;
                    setLasso(undefined);
                    // A mere click takes the selection away.
                    onSelect(
                        lasso.length < 4
                            ? []
                            : frame.ids.filter((_, i) => points[i] && inside(points[i], lasso)),
                    );
                }}
                onPointerLeave={() => setHover(-1)}
                onDblClick={() => hover >= 0 && go(`/runs/${frame.ids[hover]}`)}
            >
                <canvas ref={canvas} aria-hidden="true" />
                <About {...props} run={hover} at={points[hover]} />
            </div>
        </div>
    );
}

const toggled = (selection: ReadonlySet<string>, id: string): string[] =>
    selection.has(id) ? [...selection].filter(s => s !== id) : [...selection, id];

/** What the chosen point is; also read aloud. */
function About(props: ScatterProps & { run: number; at: Point | undefined }) {
    const { frame, run, at } = props;
    const fields = [...new Set([props.x, props.y, props.colour, props.size])].filter(f => !!f);
    return (
        <div
            class={at ? "tooltip near" : "out-of-sight"}
            aria-live="polite"
            style={at && { left: `${at.x + 14}px`, top: `${at.y + 14}px` }}
        >
            {at && (
                <>
                    <strong>{frame.names[run]}</strong>
                    <ul>
                        {fields.map(f => (
                            <li key={f}>
                                <span class="name">{fieldLabel(f!)}</span>
                                <span class="value">{valueText(frame, f!, run)}</span>
                            </li>
                        ))}
                    </ul>
                </>
            )}
        </div>
    );
}

function valueText(frame: Frame, field: ColumnId, run: number): string {
    const column = frame.columns.get(field);
    if (!column) return "";
    if (column.kind === "text") return column.texts[run] ?? "";
    return Number.isNaN(column.numbers[run]!) ? "" : metricText(column.numbers[run]!);
}

function radii(frame: Frame, field: ColumnId | undefined): Float64Array {
    const out = new Float64Array(frame.ids.length).fill(plainRadius);
    const column = field === undefined ? undefined : frame.columns.get(field);
    if (column?.kind !== "number") return out;
    const ends = extent(column.numbers);
    if (!ends) return out;
    return column.numbers.map(v =>
        Number.isNaN(v)
            ? leastRadius
            : // Areas are compared, not widths.
              leastRadius + Math.sqrt(place(v, ends)) * (mostRadius - leastRadius),
    );
}

function dot(ctx: CanvasRenderingContext2D, { x, y }: Point, radius: number): void {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
}

/** The line through the points as they are drawn: on logarithmic axes it is a power law. */
function drawTrend(
    ctx: CanvasRenderingContext2D,
    points: readonly (Point | undefined)[],
    { width }: Size,
    colour: (name: string) => string,
): void {
    const line = trend(points.filter(p => p !== undefined));
    if (!line) return;
    const [from, to] = [margin.left, width - margin.right];
    ctx.strokeStyle = colour("--bad");
    ctx.lineWidth = 2;
    ctx.setLineDash([6, 4]);
    ctx.beginPath();
    ctx.moveTo(from, line.slope * from + line.intercept);
    ctx.lineTo(to, line.slope * to + line.intercept);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.fillStyle = colour("--bad");
    ctx.textAlign = "right";
    ctx.fillText(`R² ${line.r2.toFixed(2)}`, to, margin.top + 10);
}

function drawLasso(
    ctx: CanvasRenderingContext2D,
    lasso: readonly Point[],
    colour: (name: string) => string,
): void {
    ctx.beginPath();
    for (const [i, p] of lasso.entries())
        if (i === 0) ctx.moveTo(p.x, p.y);
        else ctx.lineTo(p.x, p.y);
    ctx.closePath();
    ctx.fillStyle = ctx.strokeStyle = colour("--accent");
    ctx.globalAlpha = 0.15;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.lineWidth = 1;
    ctx.stroke();
}
