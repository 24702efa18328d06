// A value of JSON as a tree that is opened part by part.
import { useMemo, useState } from "preact/hooks";
import { cut } from "./cut";

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
    const keys = useMemo(() => Object.keys(of), [of]);
    if (keys.length === 0) return <span class="soft">{Array.isArray(of) ? "[ ]" : "{ }"}</span>;
    return (
        <ul>
            {keys.slice(0, most).map(key => (
                <Entry
                    key={key}
                    name={cut(key)}
                    value={(of as Record<string, unknown>)[key]}
                    open={open}
                />
            ))}
            {keys.length > most && (
                <li>
                    <button
                        type="button"
                        class="link"
                        onClick={() => setMost(most + 10 * STEP)}
                    >
                        {keys.length - most} more
                    </button>
                </li>
            )}
        </ul>
    );
}

function Entry({ name, value, open }: { name: string; value: unknown; open: number }) {
    const size = isPart(value) ? Object.keys(value).length : 0;
    return (
        <li>
            {isPart(value) && size > 0 ? (
                <Branch name={name} value={value} size={size} open={open} />
            ) : (
                <>
                    <span class="key">{name}</span>: <Leaf value={value} />
                </>
            )}
        </li>
    );
}

interface BranchProps {
    name: string;
    value: object;
    /** How much is in it. */
    size: number;
    open: number;
}

function Branch({ name, value, size, open }: BranchProps) {
    const [opened, setOpened] = useState(open > 0);
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
    return <span class={`value ${kind}`}>{JSON.stringify(shown(value))}</span>;
}

const shown = (value: unknown) => (typeof value === "string" ? cut(value) : value);
