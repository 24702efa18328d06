// What can be done with the selected runs.
import { useState } from "preact/hooks";
import { palette } from "~/lib/colours";
import { count, counted } from "~/lib/format";
import { selection, setShown, stage, togglePins, view } from "~/lib/runs";
import { Dialog } from "~/parts/dialog";
import { Opener, Popover } from "~/parts/popover";
import { Button } from "~/parts/parts";
import { colourRuns, moveRuns, tagRuns } from "./actions";
import { exportCsv } from "./csv";
import { deleteRuns, DeleteQuestion } from "./delete";
import { selectNone } from "./select";
import { foundColumns, maxPinned } from "./store";

/** Most runs whose choice to be drawn or pinned fits into the address. */
const maxInAddress = 200;

export function SelectionBar() {
    const [tagging, setTagging] = useState(false);
    const ids = [...selection.value];
    const deleted = stage.value === "deleted";
    const few = ids.length <= maxInAddress;
    return (
        <div class="selection" role="toolbar" aria-label="Selected runs">
            <strong>{count(ids.length)} selected</strong>
            <Button label="Compare" icon="chart" onClick={() => view.set("compare")} />
            <Button
                label="Draw"
                icon="eye"
                disabled={!few}
                onClick={() => setShown(ids, true)}
            />
            <Button
                label="Hide"
                icon="eyeOff"
                disabled={!few}
                onClick={() => setShown(ids, false)}
            />
            <Button
                label="Pin"
                icon="pin"
                disabled={ids.length > maxPinned}
                onClick={() => togglePins(ids)}
            />
            <Opener label="Colour" kind="dialog">
                {(anchor, close) => (
                    <Popover anchor={anchor} label="Colour" onClose={close}>
                        <Colours choose={c => (close(), void colourRuns(ids, c))} />
                    </Popover>
                )}
            </Opener>
            <Button label="Tag …" onClick={() => setTagging(true)} />
            <Button label="CSV" icon="download" onClick={() => void exportCsv(ids)} />
            {deleted ? (
                <Button
                    label="Restore"
                    icon="undo"
                    onClick={() => void moveRuns(ids, "restore")}
                />
            ) : (
                <Button danger label="Delete" icon="trash" onClick={() => deleteRuns(ids)} />
            )}
            <Button bare icon="close" label="Select nothing (Esc)" onClick={selectNone} />
            {tagging && <TagDialog ids={ids} close={() => setTagging(false)} />}
            <DeleteQuestion />
        </div>
    );
}

function Colours({ choose }: { choose: (colour: string | undefined) => void }) {
    return (
        <div class="colours">
            {palette().map(c => (
                <button
                    type="button"
                    key={c}
                    aria-label={c}
                    style={{ background: c }}
                    onClick={() => choose(c)}
                />
            ))}
            <Button label="Usual" onClick={() => choose(undefined)} />
        </div>
    );
}

function TagDialog({ ids, close }: { ids: readonly string[]; close: () => void }) {
    const [key, setKey] = useState("");
    const [value, setValue] = useState("");
    const known = (foundColumns.value?.tags ?? []).filter(t => !t.key.startsWith("mlflow."));
    const run = (removed: boolean) => {
        close();
        void tagRuns(ids, key.trim(), removed ? undefined : value);
    };
    return (
        <Dialog
            title={`Tag ${counted(ids.length, "run")}`}
            onClose={close}
            onSubmit={() => key.trim() && run(false)}
            actions={
                <>
                    <Button
                        label="Remove this tag"
                        disabled={key.trim() === ""}
                        onClick={() => run(true)}
                    />
                    <Button primary submit label="Set" disabled={key.trim() === ""} />
                </>
            }
        >
            <label class="labelled">
                Tag
                <input
                    class="field"
                    list="known-tags"
                    value={key}
                    onInput={e => setKey(e.currentTarget.value)}
                />
                <datalist id="known-tags">
                    {known.map(t => (
                        <option key={t.key} value={t.key} />
                    ))}
                </datalist>
            </label>
            <label class="labelled">
                Value
                <input
                    class="field"
                    value={value}
                    onInput={e => setValue(e.currentTarget.value)}
                />
            </label>
        </Dialog>
    );
}
