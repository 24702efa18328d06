// A value of JSON as a tree that is opened part by part.
import { useState } from "preact/hooks";

const STEP = 100;
const isPart = (v: unknown): v is object => typeof v === "object" && v !== null;

export function JsonTree({ value }: { value: unknown }) {
    return (
        <div class="json">
            {isPart(value) ? <Children of={value} open={1} /> : <Leaf value={value} />}
        </div>
    );
}

/** What is in an object or array; `open` levels of it begin open. */
function Children({ of, open }: { of: object; open: number }) {
    const [most, setMost] = useState(STEP);
    const entries = Object.entries(of);
    if (entries.length === 0)
        return <span class="soft">{Array.isArray(of) ? "[ ]" : "{ }"}</span>;
    return (
        <ul>
            {entries.slice(0, most).map(([key, value]) => (
                <li key={key}>
                    {isPart(value) && Object.keys(value).length > 0 ? (
                        <Branch name={key} value={value} open={open} />
                    ) : (
                        <>
                            <span class="key">{key}</span>: <Leaf value={value} />
                        </>
                    )}
                </li>
            ))}
            {entries.length > most && (
                <li>
                    <button
                        type="button"
                        class="link"
                        onClick={() => setMost(most + 10 * STEP)}
                    >
                        {entries.length - most} more
                    </button>
                </li>
            )}
        </ul>
    );
}

function Branch({ name, value, open }: { name: string; value: object; open: number }) {
    const [opened, setOpened] = useState(open > 0);
    const size = Object.keys(value).length;
    return (
        <details open={opened} onToggle={e => setOpened(e.currentTarget.open)}>
            <summary>
                <span class="key">{name}</span>{" "}
                <span class="soft">{Array.isArray(value) ? `[${size}]` : `{${size}}`}</span>
            </summary>
            {opened && <Children of={value} open={open - 1} />}
        </details>
    );
}

function Leaf({ value }: { value: unknown }) {
    if (isPart(value)) return <span class="soft">{Array.isArray(value) ? "[ ]" : "{ }"}</span>;
    const kind = value === null ? "null" : typeof value;
    return <span class={`value ${kind}`}>{JSON.stringify(value)}</span>;
}
