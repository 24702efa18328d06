// A chart as a file: CSV of its points, SVG drawn anew, PNG of what is on the screen.
import type { MetricBuckets, Series } from "./buckets";
import type { Line } from "./lines";
import { dots, marks, trace, traceBand, traceMark, traceSpikes, type Area } from "./paint";
import type { Picture } from "./plot";
import { ticks, type Scale } from "./ticks";

const columns = ["last", "first", "min", "max", "count"] as const;

/** One row for each bucket and each value that is not finite, in order of runs and x. */
export function toCsv(
    metric: MetricBuckets,
    names: ReadonlyMap<string, string>,
    x: string,
): string {
    const rows = [["run_id", "run_name", x, ...columns].map(cell).join(",")];
    for (const s of metric.series) {
        const head = [s.run_id, names.get(s.run_id) ?? ""].map(cell).join(",");
        for (const [at, values] of points(s)) rows.push(`${head},${at},${values.join(",")}`);
    }
    return rows.join("\r\n") + "\r\n";
}

function points(s: Series): [number, (number | string)[]][] {
    const all = s.x.map((x, i): [number, (number | string)[]] => {
        const last = s.last[i]!;
        return [
            x,
            [
                last,
                s.first?.[i] ?? last,
                s.min?.[i] ?? last,
                s.max?.[i] ?? last,
                s.count?.[i] ?? 1,
            ],
        ];
    });
    const odd = [
        ["NaN", s.nan],
        ["Infinity", s.inf],
        ["-Infinity", s.neg_inf],
    ] as const;
    for (const [text, places] of odd)
        for (const x of places ?? []) all.push([x, [text, "", "", "", ""]]);
    return all.sort((a, b) => a[0] - b[0]);
}

/** Spreadsheets take what begins with these for a formula, so it gets an apostrophe in front. */
function cell(text: string): string {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export interface Drawing extends Picture {
    title: string;
    width: number;
    height: number;
    low: number;
    high: number;
    ink: string;
    paper: string;
}

const left = 64;
const right = 16;
const top = 32;
const foot = 40;
const rowHeight = 16;
/** Most runs that the legend of an SVG names. */
const mostNames = 20;

/** The pen that writes the commands of an SVG path, to a tenth of a pixel. */
class SvgPen {
    private text = "";
    private add(command: string, x: number, y: number) {
        this.text += `${command}${+x.toFixed(1)} ${+y.toFixed(1)}`;
    }
    moveTo(x: number, y: number): void {
        this.add("M", x, y);
    }
    lineTo(x: number, y: number): void {
        this.add("L", x, y);
    }
    closePath(): void {
        this.text += "Z";
    }
    static of(draw: (pen: SvgPen) => void): string {
        const pen = new SvgPen();
        draw(pen);
        return pen.text;
    }
}

export function toSvg(d: Drawing): string {
    const named = d.lines.slice(0, mostNames);
    const legend = named.length * rowHeight + (d.lines.length > mostNames ? rowHeight : 0);
    const area: Area = {
        left,
        top,
        width: d.width - left - right,
        height: d.height - top - foot,
        ratio: 1,
        toX: along(d.xScale === "log", d.seen.start, d.seen.end, left, d.width - right),
        toY: along(d.yLog, d.low, d.high, d.height - foot, top),
    };
    const parts = [
        `<rect width="100%" height="100%" fill="${d.paper}"/>`,
        `<text x="${left}" y="20" font-size="14" font-weight="600">${xml(d.title)}</text>`,
        ...axisX(d, area),
        ...axisY(d, area),
        `<clipPath id="area"><rect x="${left}" y="${top}" width="${area.width}" height="${area.height}"/></clipPath>`,
        `<g clip-path="url(#area)" fill="none">${d.lines.map(l => drawLine(l, area)).join("")}</g>`,
        ...d.lines.map(l => drawMarks(l, area)),
        ...named.map((l, i) => legendRow(l, d.height + i * rowHeight)),
    ];
    if (d.lines.length > mostNames)
        parts.push(
            `<text x="${left + 32}" y="${d.height + mostNames * rowHeight + 8}">and ${d.lines.length - mostNames} more</text>`,
        );
    return (
        `<svg xmlns="http://www.w3.org/2000/svg" width="${d.width}" height="${d.height + legend}" ` +
        `font-family="system-ui, sans-serif" font-size="11" fill="${d.ink}">${parts.join("")}</svg>\n`
    );
}

function along(log: boolean, min: number, max: number, from: number, to: number) {
    const at = log ? Math.log10 : (v: number) => v;
    const [a, b] = [at(min), at(max)];
    return (v: number) => from + ((at(v) - a) / (b - a)) * (to - from);
}

function axisX(d: Drawing, area: Area): string[] {
    const { at, labels } = ticks(d.seen.start, d.seen.end, area.width / 90, d.xScale);
    const y = area.top + area.height;
    return [
        ...at.map((v, i) => {
            const x = area.toX(v).toFixed(1);
            return (
                `<path d="M${x} ${area.top}V${y + 4}" stroke="${d.ink}" stroke-opacity=".15"/>` +
                `<text x="${x}" y="${y + 16}" text-anchor="middle">${xml(labels[i]!)}</text>`
            );
        }),
        `<text x="${area.left + area.width}" y="${y + 32}" text-anchor="end">${xml(d.xLabel)}</text>`,
    ];
}

function axisY(d: Drawing, area: Area): string[] {
    const scale: Scale = d.yLog ? "log" : "number";
    const { at, labels } = ticks(d.low, d.high, area.height / 34, scale);
    return at.map((v, i) => {
        const y = area.toY(v).toFixed(1);
        return (
            `<path d="M${area.left} ${y}H${area.left + area.width}" stroke="${d.ink}" stroke-opacity=".15"/>` +
            `<text x="${area.left - 6}" y="${Number(y) + 4}" text-anchor="end">${xml(labels[i]!)}</text>`
        );
    });
}

function drawLine(line: Line, area: Area): string {
    const stroke = `stroke="${line.colour}"`;
    const dash = line.dash.length ? ` stroke-dasharray="${line.dash.join(" ")}"` : "";
    const band = SvgPen.of(pen => traceBand(pen, line, area));
    const spikes = SvgPen.of(pen => traceSpikes(pen, line, area));
    const raw = line.raw && SvgPen.of(pen => trace(pen, line.x, line.raw!, area));
    return [
        band && `<path d="${band}" fill="${line.colour}" fill-opacity=".2"/>`,
        raw && `<path d="${raw}" ${stroke} stroke-opacity=".3"/>`,
        spikes && `<path d="${spikes}" ${stroke}/>`,
        `<path d="${SvgPen.of(pen => trace(pen, line.x, line.y, area))}" ${stroke} stroke-width="1.5"${dash}/>`,
        ...dots(line, area).map(
            i =>
                `<circle cx="${area.toX(line.x[i]!).toFixed(1)}" cy="${area.toY(line.y[i]!).toFixed(1)}" r="2.5" fill="${line.colour}"/>`,
        ),
    ]
        .filter(Boolean)
        .join("");
}

function drawMarks(line: Line, area: Area): string {
    const path = SvgPen.of(pen => marks(line, area).forEach(m => traceMark(pen, m, 1)));
    return path && `<path d="${path}" stroke="${line.colour}" stroke-width="1.5" fill="none"/>`;
}

function legendRow(line: Line, y: number): string {
    const dash = line.dash.length ? ` stroke-dasharray="${line.dash.join(" ")}"` : "";
    return (
        `<path d="M${left} ${y + 4}h24" stroke="${line.colour}" stroke-width="2"${dash}/>` +
        `<text x="${left + 32}" y="${y + 8}">${xml(line.name)}</text>`
    );
}

const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
};

/** Characters that XML does not allow at all are left out. */
const xml = (text: string) =>
    text
        .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "")
        .replace(/[&<>"]/g, c => entities[c]!);

/** The canvas with a title above and the names of its lines below. */
export function toPng(canvas: HTMLCanvasElement, d: Drawing): Promise<Blob | null> {
    const ratio = canvas.width / Math.max(1, canvas.clientWidth);
    const named = d.lines.slice(0, mostNames);
    const out = document.createElement("canvas");
    out.width = canvas.width;
    out.height = canvas.height + (30 + named.length * rowHeight + 8) * ratio;
    const ctx = out.getContext("2d")!;
    ctx.fillStyle = d.paper;
    ctx.fillRect(0, 0, out.width, out.height);
    ctx.drawImage(canvas, 0, 30 * ratio);
    ctx.scale(ratio, ratio);
    ctx.fillStyle = d.ink;
    ctx.font = "600 14px system-ui, sans-serif";
    ctx.fillText(d.title, 12, 20);
    ctx.font = "11px system-ui, sans-serif";
    for (const [i, line] of named.entries()) {
        const y = 30 + canvas.height / ratio + i * rowHeight;
        ctx.fillText(line.name, 44, y + 8);
        ctx.strokeStyle = line.colour;
        ctx.lineWidth = 2;
        ctx.setLineDash([...line.dash]);
        ctx.beginPath();
        ctx.moveTo(12, y + 4);
        ctx.lineTo(36, y + 4);
        ctx.stroke();
    }
    return new Promise(done => out.toBlob(done));
}

/** Hands a file to the person. */
export function save(name: string, content: Blob): void {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(content);
    link.download = name.replace(/[^\p{L}\p{N}._-]+/gu, "-");
    link.click();
    // The browser reads it after the click has been handled.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
