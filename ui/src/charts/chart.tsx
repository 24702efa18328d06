// One chart: the plot, what the cursor says, and the keys that move it.
import { useSignal, useSignalEffect, type Signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { metricText } from "~/lib/format";
import { colours } from "~/lib/theme";
import type { Range } from "./buckets";
import { Plot, type Picture } from "./plot";
import { nearest, readAt, stops, type Reading } from "./readout";
import { pan, zoom } from "./scale";
import { highlighted, setRange } from "./state";
import { xText } from "./ticks";
import { Tooltip } from "./tooltip";

export interface ChartProps {
    /** What it shows, for those who do not see it. */
    label: string;
    picture: Picture;
    plot: RefObject<Plot | null>;
}

interface Cursor {
    x: number;
    left: number;
    top: number;
    /** Moved by keys, so that it is read aloud. */
    byKey?: boolean;
}

/** How near a line must be to the pointer to be brought to the front, in pixels. */
const near = 40;

export function Chart({ label, picture, plot }: ChartProps) {
    const host = useRef<HTMLDivElement>(null);
    const cursor = useSignal<Cursor | undefined>(undefined);
    const pinned = useSignal(false);
    const latest = useRef(picture);
    latest.current = picture;

    useLayoutEffect(() => {
        const made = new Plot(
            host.current!,
            {
                onRange: setRange,
                onReset: () => setRange(undefined, "done"),
                onCursor: at => {
                    if (pinned.peek()) return;
                    cursor.value = at;
                    highlighted.value = at && under(made, latest.current, at);
                },
                onPick: () => (pinned.value = !pinned.peek()),
            },
            "charts",
        );
        plot.current = made;
        const resized = new ResizeObserver(() => made.resize());
        resized.observe(host.current!);
        return () => {
            resized.disconnect();
            made.destroy();
            plot.current = null;
        };
    }, []);
    useLayoutEffect(() => plot.current?.show(picture), [picture]);
    useSignalEffect(() => {
        if (colours.value > 0) plot.current?.recolour();
    });
    useSignalEffect(() => plot.current?.highlight(highlighted.value));

    const close = () => {
        pinned.value = false;
        cursor.value = undefined;
        highlighted.value = undefined;
        plot.current?.hideCursor();
    };
    const at = cursor.value;
    const readings = at ? readAt(picture.lines, at.x, picture.seen) : [];
    return (
        <div
            class="chart"
            role="application"
            aria-roledescription="chart"
            aria-label={label}
            tabIndex={0}
            onBlur={() => at?.byKey && close()}
            onKeyDown={event => {
                if (event.key === "Escape" && at) close();
                else if (!press(event, plot.current!, latest.current, cursor)) return;
                event.preventDefault();
                event.stopPropagation();
            }}
        >
            <div class="chart-host" ref={host} />
            {at && readings.length > 0 && (
                <Tooltip
                    at={at}
                    title={xText(nearestX(readings, at.x), picture.xScale)}
                    readings={readings}
                    xScale={picture.xScale}
                    pinned={pinned.value}
                    onClose={close}
                />
            )}
            <Aloud picture={picture} cursor={at} />
        </div>
    );
}

/** Where the nearest point really is. */
const nearestX = (readings: readonly Reading[], x: number): number =>
    readings.reduce(
        (best, r) => (Math.abs(r.x - x) < Math.abs(best - x) ? r.x : best),
        readings[0]!.x,
    );

function under(plot: Plot, picture: Picture, at: Cursor): string | undefined {
    const read = readAt(picture.lines, at.x, picture.seen);
    const found = nearest(read, at.top, v => plot.toTop(v));
    const away = found ? Math.abs(plot.toTop(found.value) - at.top) : Infinity;
    return away <= near ? found!.line.id : undefined;
}

/** What the cursor says when keys move it. */
function Aloud({ picture, cursor }: { picture: Picture; cursor: Cursor | undefined }) {
    let said = "";
    if (cursor?.byKey) {
        const read = readAt(picture.lines, cursor.x, picture.seen);
        const place = read.findIndex(r => r.line.id === highlighted.value);
        const r = read[Math.max(0, place)];
        if (r) said = `${picture.xLabel} ${xText(r.x, picture.xScale)}: ${aloud(r)}`;
        if (read.length > 1) said += `, ${Math.max(0, place) + 1} of ${read.length}`;
    }
    return (
        <p class="out-of-sight" aria-live="polite">
            {said}
        </p>
    );
}

function aloud({ line, value, low, high }: Reading): string {
    const between =
        low === undefined ? "" : `, between ${metricText(low)} and ${metricText(high)}`;
    return `${line.name} ${metricText(value)}${between}`;
}

const pageStops = 10;

/** Left and right move the cursor, up and down choose the line, + and - zoom, 0 shows all. */
function press(
    event: KeyboardEvent,
    plot: Plot,
    picture: Picture,
    cursor: Signal<Cursor | undefined>,
): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const { key, shiftKey } = event;
    const length = picture.seen.end - picture.seen.start;
    const middle = cursor.value?.x ?? picture.seen.start + length / 2;
    const changes: Record<string, (r: Range) => Range> = {
        "+": r => zoom(r, middle, 0.5),
        "-": r => zoom(r, middle, 2),
        PageUp: r => pan(r, -length / 2),
        PageDown: r => pan(r, length / 2),
    };
    const change = changes[key];
    if (change) setRange(change(picture.seen), "done");
    else if (key === "0") setRange(undefined, "done");
    else if (key === "ArrowUp" || key === "ArrowDown")
        choose(plot, picture, cursor, key === "ArrowUp" ? -1 : 1);
    else {
        const all = stops(picture.lines, picture.seen);
        const now = cursor.value ? all.findIndex(x => x >= cursor.value!.x) : -1;
        const to = target(key, shiftKey ? pageStops : 1, now, all.length);
        if (to === undefined) return false;
        const x = all[to];
        if (x !== undefined) moveCursor(plot, picture, cursor, x, highlighted.peek());
    }
    return true;
}

/** The place that a key leads to; undefined for other keys. */
function target(key: string, by: number, now: number, count: number): number | undefined {
    const inside = (i: number) => Math.max(0, Math.min(count - 1, i));
    if (key === "ArrowRight") return inside(now + by);
    if (key === "ArrowLeft") return inside(now < 0 ? count - 1 : now - by);
    if (key === "Home") return 0;
    if (key === "End") return inside(count - 1);
    return undefined;
}

function choose(
    plot: Plot,
    picture: Picture,
    cursor: Signal<Cursor | undefined>,
    by: number,
): void {
    const x = cursor.value?.x ?? stops(picture.lines, picture.seen)[0];
    if (x === undefined) return;
    const read = readAt(picture.lines, x, picture.seen);
    if (read.length === 0) return;
    const now = read.findIndex(r => r.line.id === highlighted.peek());
    const next = now < 0 ? 0 : (now + by + read.length) % read.length;
    moveCursor(plot, picture, cursor, x, read[next]!.line.id);
}

function moveCursor(
    plot: Plot,
    picture: Picture,
    cursor: Signal<Cursor | undefined>,
    x: number,
    wanted: string | undefined,
): void {
    const read = readAt(picture.lines, x, picture.seen);
    const found = read.find(r => r.line.id === wanted) ?? read[0];
    highlighted.value = found?.line.id;
    cursor.value = { ...plot.setCursor(x, found?.value), x, byKey: true };
}
