// The command palette (Ctrl+K) and the list of shortcuts (?).
import { signal } from "@preact/signals";
import { useId, useMemo, useRef, useState } from "preact/hooks";
import { commands, type Command } from "~/lib/keys";
import { Dialog } from "./dialog";

type Shown = "palette" | "shortcuts" | undefined;
const shown = signal<Shown>(undefined);

export const openPalette = (): void => void (shown.value = "palette");
export const openShortcuts = (): void => void (shown.value = "shortcuts");
const close = () => void (shown.value = undefined);

/** Whether the letters of what was typed come in this order; the closer together the better. */
export function score(label: string, typed: string): number {
    const where = label.toLowerCase();
    let at = -1;
    let gaps = 0;
    for (const letter of typed.toLowerCase().replaceAll(" ", "")) {
        const next = where.indexOf(letter, at + 1);
        if (next < 0) return -Infinity;
        if (at >= 0) gaps += next - at - 1;
        at = next;
    }
    return -gaps - where.length / 100;
}

function Palette() {
    const [typed, setTyped] = useState("");
    const [chosen, setChosen] = useState(0);
    const list = useRef<HTMLUListElement>(null);
    const id = useId();
    const found = useMemo(() => {
        const offered = commands.value.filter(c => !c.keyOnly);
        if (typed.trim() === "") return offered;
        return offered
            .map(c => ({ c, s: score(`${c.label} ${c.group}`, typed) }))
            .filter(({ s }) => s > -Infinity)
            .sort((a, b) => b.s - a.s)
            .map(({ c }) => c);
    }, [typed, commands.value]);

    const run = (c: Command | undefined) => {
        if (!c) return;
        close();
        // After the window, which gives the focus back, and before the next key.
        queueMicrotask(c.run);
    };
    const keys = (e: KeyboardEvent) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
        if (!step || found.length === 0) return;
        e.preventDefault();
        const next = (chosen + step + found.length) % found.length;
        setChosen(next);
        list.current?.children[next]?.scrollIntoView({ block: "nearest" });
    };
    return (
        <Dialog title="Commands" onClose={close} onSubmit={() => run(found[chosen])}>
            <input
                class="field"
                type="text"
                role="combobox"
                aria-label="Find a command"
                aria-expanded="true"
                aria-controls={id}
                aria-activedescendant={found[chosen] ? `${id}-${chosen}` : undefined}
                placeholder="What do you want to do?"
                autocomplete="off"
                value={typed}
                onInput={e => {
                    setTyped(e.currentTarget.value);
                    setChosen(0);
                }}
                onKeyDown={keys}
            />
            <ul class="choices" role="listbox" aria-label="Commands" id={id} ref={list}>
                {found.map((c, i) => (
                    <li
                        key={c.group + c.label}
                        id={`${id}-${i}`}
                        role="option"
                        aria-selected={i === chosen}
                        onClick={() => run(c)}
                    >
                        <span>{c.label}</span>
                        <span class="group">{c.group}</span>
                        {c.keys?.[0] && <kbd>{keyText(c.keys[0])}</kbd>}
                    </li>
                ))}
            </ul>
            {found.length === 0 && <p class="hint">No command is called that.</p>}
        </Dialog>
    );
}

const named: Record<string, string> = {
    ArrowUp: "↑",
    ArrowDown: "↓",
    ArrowLeft: "←",
    ArrowRight: "→",
    " ": "Space",
    Escape: "Esc",
};

/** A key as it is printed on the keyboard: "Ctrl+K". */
export function keyText(key: string): string {
    const parts = key === "+" ? ["+"] : key.split("+");
    const last = parts.pop()!;
    const letter =
        named[last] ?? (parts.length > 0 && last.length === 1 ? last.toUpperCase() : last);
    return [...parts, letter].join("+");
}

function Shortcuts() {
    const groups = new Map<string, Command[]>();
    for (const c of commands.value)
        if (c.keys?.length) groups.set(c.group, [...(groups.get(c.group) ?? []), c]);
    return (
        <Dialog title="Keyboard shortcuts" onClose={close} wide>
            <div class="shortcuts">
                {[...groups].map(([name, all]) => (
                    <section key={name}>
                        <h3>{name}</h3>
                        <dl>
                            {all.map(c => (
                                <div key={c.label}>
                                    <dt>{c.label}</dt>
                                    <dd>
                                        {c.keys!.map(k => (
                                            <kbd key={k}>{keyText(k)}</kbd>
                                        ))}
                                    </dd>
                                </div>
                            ))}
                        </dl>
                    </section>
                ))}
            </div>
        </Dialog>
    );
}

/** Stands once in the shell. */
export function Palettes() {
    if (shown.value === "palette") return <Palette />;
    if (shown.value === "shortcuts") return <Shortcuts />;
    return null;
}
