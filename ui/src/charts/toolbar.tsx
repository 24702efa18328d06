// How all charts are shown: which metrics, over what, how smooth.
import { useMemo } from "preact/hooks";
import { compiled } from "~/lib/pattern";
import { setQuery } from "~/lib/router";
import { Menu, Opener } from "~/parts/popover";
import { Button } from "~/parts/parts";
import { smoothingCodec, smoothings, type Smoothing } from "./smooth";
import {
    averageBy,
    clip,
    every,
    keyPattern,
    logX,
    logY,
    panelSize,
    seenRange,
    setRange,
    sharedY,
    sizes,
    smoothing,
    toggle,
    xAxis,
} from "./state";

export interface ToolbarProps {
    /** Metrics that the axis may be. */
    keys: readonly string[];
    /** Columns by which runs may be averaged. */
    columns: readonly string[];
}

/** Most metrics that the list of axes offers. */
const mostAxes = 300;

export function Toolbar({ keys, columns }: ToolbarProps) {
    const invalid = compiled(keyPattern.value) === undefined;
    return (
        <div class="chart-bar" role="toolbar" aria-label="Charts">
            <input
                class="field"
                type="search"
                placeholder="Metrics (regular expression)"
                aria-label="Only metrics in which this regular expression is found"
                aria-invalid={invalid}
                value={keyPattern.value}
                onInput={e => keyPattern.set(e.currentTarget.value, "replace")}
            />
            <AxisChoice keys={keys} />
            <SmoothingChoice />
            {columns.length > 0 && <AverageChoice columns={columns} />}
            <Opener
                label="Options"
                pressed={logX.value || sharedY.value || logY.value.includes(every)}
            >
                {(anchor, close) => <Options anchor={anchor} close={close} />}
            </Opener>
            {seenRange.value && (
                <Button
                    label="Show all of the axis"
                    onClick={() => setRange(undefined, "done")}
                />
            )}
        </div>
    );
}

function AxisChoice({ keys }: { keys: readonly string[] }) {
    return (
        <label class="choice">
            <span aria-hidden="true">over</span>
            <select
                class="field"
                aria-label="Horizontal axis"
                value={xAxis.value}
                // A range on one axis says nothing on another.
                onChange={e => {
                    const x = e.currentTarget.value;
                    setQuery({ x: x === "step" ? undefined : x, range: undefined });
                }}
            >
                <option value="step">Step</option>
                <option value="time">Time</option>
                <option value="relative">Time since the start</option>
                <optgroup label="Another metric">
                    {keys.slice(0, mostAxes).map(key => (
                        <option key={key} value={`metric:${key}`}>
                            {key}
                        </option>
                    ))}
                </optgroup>
            </select>
        </label>
    );
}

function SmoothingChoice() {
    const { kind, amount } = smoothing.value;
    const about = smoothings[kind];
    const set = (to: Smoothing) =>
        // A slider passes many values; one step back leads before all of them.
        smoothing.set(smoothingCodec.parse(smoothingCodec.format(to)) ?? to, "replace");
    return (
        <span class="choice">
            <select
                class="field"
                aria-label="Smoothing"
                value={kind}
                onChange={e => {
                    const chosen = e.currentTarget.value as Smoothing["kind"];
                    set({ kind: chosen, amount: smoothings[chosen].first });
                }}
            >
                {Object.entries(smoothings).map(([name, { label }]) => (
                    <option key={name} value={name}>
                        {label}
                    </option>
                ))}
            </select>
            {kind !== "none" && (
                <>
                    <input
                        type="range"
                        aria-label="How smooth"
                        {...about}
                        value={amount}
                        onInput={e => set({ kind, amount: Number(e.currentTarget.value) })}
                    />
                    <output>{amount}</output>
                </>
            )}
        </span>
    );
}

function AverageChoice({ columns }: { columns: readonly string[] }) {
    const names = useMemo(
        () => columns.map(id => [id, id.replace(/^(params|tags)\./, "")] as const),
        [columns],
    );
    return (
        <label class="choice">
            <span aria-hidden="true">average by</span>
            <select
                class="field"
                aria-label="Average by"
                value={averageBy.value}
                onChange={e => averageBy.set(e.currentTarget.value)}
            >
                <option value="">No average</option>
                {names.map(([id, name]) => (
                    <option key={id} value={id}>
                        {name}
                    </option>
                ))}
            </select>
        </label>
    );
}

function Options({ anchor, close }: { anchor: Element; close: () => void }) {
    return (
        <Menu
            anchor={anchor}
            label="Options"
            onClose={close}
            items={[
                [
                    {
                        label: "Logarithmic horizontal axis",
                        checked: logX.value,
                        disabled: xAxis.value === "time",
                        run: () => logX.set(!logX.value),
                    },
                    {
                        label: "Logarithmic vertical axes",
                        checked: logY.value.includes(every),
                        run: () => toggle(logY, every),
                    },
                    {
                        label: "One vertical range for each group",
                        checked: sharedY.value,
                        run: () => sharedY.set(!sharedY.value),
                    },
                    {
                        label: "Leave out outliers",
                        checked: clip.value.includes(every),
                        run: () => toggle(clip, every),
                    },
                ],
                sizes.map(size => ({
                    label: `${size[0]!.toUpperCase()}${size.slice(1)} panels`,
                    checked: panelSize.value === size,
                    run: () => panelSize.set(size),
                })),
            ]}
        />
    );
}
