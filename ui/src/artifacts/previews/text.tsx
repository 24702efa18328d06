// Text and code, Markdown, and whatever has no better view: its bytes.
import { useMemo } from "preact/hooks";
import { Code } from "~/parts/code";
import { Markdown } from "~/parts/markdown";
import { Empty } from "~/parts/parts";
import { useVirtualRows } from "~/parts/virtual-rows";
import { languageOf } from "../kinds";
import { endText, More, textOf, ToEnd, useGrowing } from "../more";
import type { ViewProps } from "./view";

export function Text({ file }: ViewProps) {
    const growing = useGrowing(file);
    const whole = growing.pieces.length === 1 && growing.read === file.size;
    const text = useMemo(() => textOf(growing.pieces), [growing.pieces]);
    const end = useMemo(() => endText(growing), [growing.end, growing.read]);
    if (file.size === 0) return <Empty title="The file is empty" />;
    return (
        <>
            <ToEnd of={growing} />
            <Code text={text} language={whole ? languageOf(file.path) : undefined} />
            <More of={growing} />
            {growing.read < growing.size && end !== undefined && (
                <div ref={inSight}>
                    <Code text={end} />
                </div>
            )}
        </>
    );
}

/** Scrolls to the end of what was asked for, once it is there. */
const inSight = (element: HTMLElement | null) => element?.scrollIntoView({ block: "end" });

export function MarkdownFile({ file, source }: ViewProps) {
    const growing = useGrowing(file);
    const text = useMemo(() => textOf(growing.pieces), [growing.pieces]);
    const dir = file.path.slice(0, file.path.lastIndexOf("/") + 1);
    return (
        <>
            <Markdown text={text} picture={src => source.address(beside(dir, src))} />
            <More of={growing} />
        </>
    );
}

/** The path of a file that another one names: "a/b/" and "../c.png" are "a/c.png". */
export function beside(dir: string, name: string): string {
    const parts: string[] = dir.split("/").filter(Boolean);
    let plain = name.split(/[?#]/)[0]!;
    try {
        plain = decodeURIComponent(plain);
    } catch {
        // then the name is taken as it is
    }
    for (const part of plain.split("/"))
        if (part === "..") parts.pop();
        else if (part !== "." && part !== "") parts.push(part);
    return parts.join("/");
}

const WIDTH = 16;
const LINE = 20;

/** Bytes in rows of sixteen, as numbers and as text. */
export function Hex({ file }: ViewProps) {
    const growing = useGrowing(file);
    const rows = Math.ceil(growing.read / WIDTH);
    const { scroller, first, end, before, after } = useVirtualRows<HTMLPreElement>(rows, LINE);
    const all = useMemo(() => joined(growing.pieces), [growing.pieces]);
    if (file.size === 0) return <Empty title="The file is empty" />;
    const lines = Array.from({ length: end - first }, (_, i) => line(all, (first + i) * WIDTH));
    return (
        <>
            <pre
                class="hex"
                ref={scroller}
                tabIndex={0}
                role="group"
                aria-label="Bytes of the file"
            >
                <div style={{ height: `${before}px` }} />
                <code>{lines.join("\n")}</code>
                <div style={{ height: `${after}px` }} />
            </pre>
            <More of={growing} />
        </>
    );
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
    if (pieces.length === 1) return pieces[0]!;
    const all = new Uint8Array(pieces.reduce((sum, p) => sum + p.length, 0));
    let at = 0;
    for (const piece of pieces) {
        all.set(piece, at);
        at += piece.length;
    }
    return all;
}

/** One row of a hex view: "00000010  48 65 …  He…". */
export function line(all: Uint8Array, from: number): string {
    const row = [...all.subarray(from, from + WIDTH)];
    const hex = row.map(b => b.toString(16).padStart(2, "0"));
    const halves = [hex.slice(0, 8).join(" "), hex.slice(8).join(" ")].join("  ");
    const text = row.map(b => (b >= 32 && b < 127 ? String.fromCharCode(b) : "·")).join("");
    return `${from.toString(16).padStart(8, "0")}  ${halves.padEnd(3 * WIDTH)}  ${text}`;
}
