// The head of a parallel axis: its name, by which it is dragged, and a panel that does with keys what
// brushes do with the pointer.
import { useState } from "preact/hooks";
import { Opener, Popover } from "~/parts/popover";
import { Button } from "~/parts/parts";
import type { Brush, ParallelAxis } from "./axes";
import { fieldLabel } from "./frame";

export interface AxisHeadProps {
    axis: ParallelAxis;
    left: number;
    /** Its number from the left, and how far apart axes are. */
    place: number;
    gap: number;
    brush: Brush | undefined;
    log: boolean;
    onLog: () => void;
    onRemove: () => void;
    onMove: (to: number) => void;
    onBrush: (brush: Brush | undefined) => void;
}

export function AxisHead(props: AxisHeadProps) {
    const { axis, left, place, gap } = props;
    const [by, setBy] = useState(0);
    const name = fieldLabel(axis.field);
    return (
        <div
            class="axis-head"
            style={{ left: `${left + by}px`, maxWidth: `${Math.max(60, gap - 8)}px` }}
        >
            <span
                class="axis-name"
                title={name}
                onPointerDown={event => {
                    event.stopPropagation();
                    const target = event.currentTarget;
                    target.setPointerCapture(event.pointerId);
                    const from = event.clientX;
                    const move = (e: PointerEvent) => setBy(e.clientX - from);
                    const end = (e: PointerEvent) => {
                        target.removeEventListener("pointermove", move);
                        setBy(0);
                        const to = place + Math.round((e.clientX - from) / Math.max(1, gap));
                        if (to !== place) props.onMove(to);
                    };
                    target.addEventListener("pointermove", move);
                    target.addEventListener("pointerup", end, { once: true });
                }}
            >
                {name}
            </span>
            <Opener
                bare
                icon="chevron"
                kind="dialog"
                label={`The axis ${name}`}
                pressed={props.brush !== undefined}
            >
                {(anchor, close) => (
                    <Popover anchor={anchor} label={`The axis ${name}`} onClose={close}>
                        <AxisPanel {...props} close={close} />
                    </Popover>
                )}
            </Opener>
        </div>
    );
}

function AxisPanel({
    axis,
    brush,
    log,
    onLog,
    onRemove,
    onMove,
    onBrush,
    place,
    close,
}: AxisHeadProps & { close: () => void }) {
    const then = (what: () => void) => () => {
        close();
        what();
    };
    return (
        <div class="axis-panel">
            {axis.texts ? (
                <TextBrush texts={axis.texts} brush={brush} onBrush={onBrush} />
            ) : (
                <NumberBrush domain={axis.domain} brush={brush} onBrush={onBrush} />
            )}
            {!axis.texts && (
                <label>
                    <input type="checkbox" checked={log} onChange={onLog} /> Logarithmic
                </label>
            )}
            <div class="row">
                <Button
                    label="To the left"
                    disabled={place === 0}
                    onClick={then(() => onMove(place - 1))}
                />
                <Button label="To the right" onClick={then(() => onMove(place + 1))} />
                <Button label="Take away" onClick={then(onRemove)} />
            </div>
        </div>
    );
}

interface BrushProps {
    brush: Brush | undefined;
    onBrush: (brush: Brush | undefined) => void;
}

function NumberBrush({
    domain,
    brush,
    onBrush,
}: BrushProps & { domain: readonly [number, number] }) {
    const [low, high] = [brush?.low ?? domain[0], brush?.high ?? domain[1]];
    const end = (label: string, value: number, change: (v: number) => Brush) => (
        <label class="labelled">
            {label}
            <input
                class="field"
                type="number"
                step="any"
                value={+value.toPrecision(6)}
                onChange={e => {
                    const v = e.currentTarget.valueAsNumber;
                    if (Number.isFinite(v)) onBrush(change(v));
                }}
            />
        </label>
    );
    return (
        <div class="row">
            {end("From", low, v => ({ low: v, high: Math.max(v, high) }))}
            {end("To", high, v => ({ low: Math.min(low, v), high: v }))}
            {brush && <Button label="Clear" onClick={() => onBrush(undefined)} />}
        </div>
    );
}

/** A brush over texts is from one of them to another one. */
function TextBrush({ texts, brush, onBrush }: BrushProps & { texts: readonly string[] }) {
    const first = brush ? Math.ceil(brush.low) : 0;
    const last = brush ? Math.floor(brush.high) : texts.length - 1;
    const set = (a: number, b: number) => onBrush({ low: a - 0.5, high: b + 0.5 });
    const end = (label: string, value: number, change: (v: number) => void) => (
        <label class="labelled">
            {label}
            <select
                class="field"
                value={value}
                onChange={e => change(Number(e.currentTarget.value))}
            >
                {texts.map((text, i) => (
                    <option key={text} value={i}>
                        {text}
                    </option>
                ))}
            </select>
        </label>
    );
    return (
        <div class="row">
            {end("From", first, v => set(v, Math.max(v, last)))}
            {end("To", last, v => set(Math.min(first, v), v))}
            {brush && <Button label="Clear" onClick={() => onBrush(undefined)} />}
        </div>
    );
}
