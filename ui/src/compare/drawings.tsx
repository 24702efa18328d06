// Parallel coordinates, scatter, contour and box plot over whatever runs there are, with the choice of fields.
import { useMemo } from "preact/hooks";
import { selection, type ColumnId } from "~/lib/runs";
import { Opener, Popover } from "~/parts/popover";
import { Button, Empty, Loading, Problem } from "~/parts/parts";
import { BoxPlot } from "./boxplot";
import { defaultAxes, FieldChoice, wantsLog, type Field } from "./fields";
import { fieldLabel, type Frame } from "./frame";
import { Parallel } from "./parallel";
import { Scatter, type ScatterProps } from "./scatter";
import {
    axes,
    boxGroup,
    boxValue,
    brushes,
    fieldColour,
    fieldSize,
    fieldX,
    fieldY,
    fieldZ,
    logAxes,
    setBrushes,
    showTrend,
    type Way,
} from "./state";

export interface Loaded {
    frame?: Frame | undefined;
    error?: Error | null;
}

export interface DrawingsProps {
    way: Way;
    fields: readonly Field[];
    /** A hook that gives the values of fields. */
    useFrame: (fields: readonly ColumnId[]) => Loaded;
    /** Offers to narrow the filter to what was brushed, where there is a filter. */
    onFilter?: ((frame: Frame) => void) | undefined;
}

export const select = (ids: readonly string[]): void => {
    selection.value = new Set(ids);
};

export function Drawings(props: DrawingsProps) {
    if (props.fields.every(f => !f.differs))
        return <Empty title="There is nothing to compare">Log some runs first.</Empty>;
    if (props.way === "parallel") return <ParallelPart {...props} />;
    if (props.way === "scatter") return <ScatterPart {...props} />;
    if (props.way === "contour") return <ContourPart {...props} />;
    return <BoxPart {...props} />;
}

/** Axes that are logarithmic: what was asked for, and what was not asked against. */
function useLogs(fields: readonly Field[]): ReadonlySet<ColumnId> {
    const asked = logAxes.value;
    return useMemo(() => {
        const wanted = new Set(fields.filter(wantsLog).map(f => f.id));
        for (const id of asked) if (!wanted.delete(id)) wanted.add(id);
        return wanted;
    }, [fields, asked.join("\n")]);
}

/** The address holds the axes whose scale is not the one that they have by themselves. */
function toggleLog(id: ColumnId): void {
    const old = logAxes.value;
    logAxes.set(old.includes(id) ? old.filter(f => f !== id) : [...old, id]);
}

function Shown({
    loaded,
    children,
}: {
    loaded: Loaded;
    children: (f: Frame) => preact.JSX.Element;
}) {
    if (loaded.error && !loaded.frame) return <Problem error={loaded.error} />;
    if (!loaded.frame) return <Loading what="the runs" />;
    return children(loaded.frame);
}

function ParallelPart({ fields, useFrame, onFilter }: DrawingsProps) {
    const byDefault = useMemo(() => defaultAxes(fields), [fields]);
    const shown = axes.value.length > 0 ? axes.value : byDefault;
    const loaded = useFrame(shown);
    const logs = useLogs(fields);
    return (
        <>
            <div class="chart-bar">
                <Opener label="Axes" kind="dialog">
                    {(anchor, close) => (
                        <Popover
                            anchor={anchor}
                            label="Axes"
                            onClose={close}
                            class="axes-choice"
                        >
                            <AxesChoice fields={fields} shown={shown} />
                        </Popover>
                    )}
                </Opener>
                {onFilter && brushes.value.size > 0 && loaded.frame && (
                    <Button
                        label="Filter the table by the brushes"
                        icon="filter"
                        onClick={() => onFilter(loaded.frame!)}
                    />
                )}
            </div>
            <Shown loaded={loaded}>
                {frame => (
                    <Parallel
                        frame={frame}
                        fields={shown}
                        logs={logs}
                        brushes={brushes.value}
                        onBrush={setBrushes}
                        onAxes={to => axes.set(to)}
                        onLog={toggleLog}
                        onSelect={select}
                    />
                )}
            </Shown>
        </>
    );
}

/** Most axes that are drawn. */
const mostAxes = 16;

function AxesChoice({
    fields,
    shown,
}: {
    fields: readonly Field[];
    shown: readonly ColumnId[];
}) {
    return (
        <fieldset>
            <legend class="out-of-sight">Axes</legend>
            {fields.map(f => (
                <label key={f.id}>
                    <input
                        type="checkbox"
                        checked={shown.includes(f.id)}
                        disabled={shown.length >= mostAxes && !shown.includes(f.id)}
                        onChange={() =>
                            axes.set(
                                shown.includes(f.id)
                                    ? shown.filter(s => s !== f.id)
                                    : [...shown, f.id],
                            )
                        }
                    />{" "}
                    {fieldLabel(f.id)}
                </label>
            ))}
        </fieldset>
    );
}

function ScatterPart({ fields, useFrame }: DrawingsProps) {
    const [params, metrics] = useMemo(
        () => [defaultAxes(fields, 1, 0), defaultAxes(fields, 0, 2)],
        [fields],
    );
    const x = fieldX.value || (params[0] ?? metrics[1] ?? fields[0]!.id);
    const y = fieldY.value || (metrics[0] ?? fields[0]!.id);
    const colour = fieldColour.value || undefined;
    const size = fieldSize.value || undefined;
    const wanted = [...new Set([x, y, colour, size])].filter(f => f !== undefined);
    const loaded = useFrame(wanted);
    const logs = useLogs(fields);
    const numeric = fields.filter(f => f.numeric);
    return (
        <>
            <div class="chart-bar">
                <XAndY fields={fields} x={x} y={y} logs={logs} />
                <FieldChoice
                    label="colour"
                    fields={fields}
                    value={colour ?? ""}
                    none="One colour"
                    onChange={fieldColour.set}
                />
                <FieldChoice
                    label="size"
                    fields={numeric}
                    value={size ?? ""}
                    none="One size"
                    onChange={fieldSize.set}
                />
                <Button
                    label="Trend"
                    pressed={showTrend.value}
                    onClick={() => showTrend.set(!showTrend.value)}
                />
            </div>
            <Plane
                loaded={loaded}
                x={x}
                y={y}
                colour={colour}
                size={size}
                logs={logs}
                showTrend={showTrend.value}
            />
        </>
    );
}

function ContourPart({ fields, useFrame }: DrawingsProps) {
    const numeric = useMemo(() => fields.filter(f => f.numeric && f.differs), [fields]);
    const [params, metrics] = useMemo(
        () => [defaultAxes(numeric, 2, 0), defaultAxes(numeric, 0, 3)],
        [numeric],
    );
    const z = fieldZ.value || (metrics[0] ?? fields[0]!.id);
    const others = [...params, ...metrics.slice(1)];
    const x = fieldX.value || (others[0] ?? fields[0]!.id);
    const y = fieldY.value || (others.find(f => f !== x) ?? fields[0]!.id);
    const loaded = useFrame([...new Set([x, y, z])]);
    const logs = useLogs(fields);
    return (
        <>
            <div class="chart-bar">
                <XAndY fields={fields} x={x} y={y} logs={logs} />
                <FieldChoice label="height" fields={numeric} value={z} onChange={fieldZ.set} />
            </div>
            <Plane loaded={loaded} x={x} y={y} colour={z} surface={z} logs={logs} />
        </>
    );
}

/** Runs on a plane, once their values are there. */
function Plane({
    loaded,
    ...how
}: { loaded: Loaded } & Omit<ScatterProps, "frame" | "selection" | "onSelect">) {
    return (
        <Shown loaded={loaded}>
            {frame => (
                <Scatter frame={frame} selection={selection.value} onSelect={select} {...how} />
            )}
        </Shown>
    );
}

interface XAndYProps {
    fields: readonly Field[];
    x: ColumnId;
    y: ColumnId;
    logs: ReadonlySet<ColumnId>;
}

/** What lies along the axes of a plane, and how. */
function XAndY({ fields, x, y, logs }: XAndYProps) {
    return (
        <>
            <FieldChoice label="x" fields={fields} value={x} onChange={fieldX.set} />
            <Button label="Log x" pressed={logs.has(x)} onClick={() => toggleLog(x)} />
            <FieldChoice label="y" fields={fields} value={y} onChange={fieldY.set} />
            <Button label="Log y" pressed={logs.has(y)} onClick={() => toggleLog(y)} />
        </>
    );
}

function BoxPart({ fields, useFrame }: DrawingsProps) {
    const groups = fields.filter(f => f.distinct > 1 && f.distinct <= 50);
    const numeric = fields.filter(f => f.numeric && f.differs);
    const group =
        boxGroup.value || (groups.find(f => !f.numeric) ?? groups[0] ?? fields[0]!).id;
    const value =
        boxValue.value ||
        (numeric.find(f => f.id.startsWith("metrics.")) ?? numeric[0] ?? fields[0]!).id;
    const loaded = useFrame([...new Set([group, value])]);
    return (
        <>
            <div class="chart-bar">
                <FieldChoice
                    label="value"
                    fields={numeric}
                    value={value}
                    onChange={boxValue.set}
                />
                <FieldChoice
                    label="grouped by"
                    fields={groups}
                    value={group}
                    onChange={boxGroup.set}
                />
            </div>
            <Shown loaded={loaded}>
                {frame => <BoxPlot frame={frame} group={group} value={value} />}
            </Shown>
        </>
    );
}
