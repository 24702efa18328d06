// What surrounds every page: the bar with the main places, and what can be done anywhere.
import type { ComponentChildren } from "preact";
import { useCommands, type Command } from "./lib/keys";
import { flag, go, href, param, path } from "./lib/router";
import { dark, toggleTheme } from "./lib/theme";
import { openPalette, openShortcuts, Palettes } from "./parts/palette";
import { Button } from "./parts/parts";
import { Toasts } from "./parts/toast";
import "./shell.css";

const places = [
    { to: "/experiments", label: "Experiments", also: "/runs" },
    { to: "/models", label: "Models" },
    { to: "/prompts", label: "Prompts" },
];

/** Only the content, for a frame in another page. */
export const embed = param("embed", flag, false);

const everywhere: readonly Command[] = [
    {
        label: "Commands",
        keys: ["Ctrl+k"],
        group: "General",
        run: openPalette,
        keyOnly: true,
        anywhere: true,
    },
    { label: "Keyboard shortcuts", keys: ["?"], group: "General", run: openShortcuts },
    { label: "Light or dark colours", keys: ["Alt+m"], group: "General", run: toggleTheme },
    ...places.map(p => ({
        label: `Go to ${p.label.toLowerCase()}`,
        group: "General",
        run: () => go(p.to),
    })),
];

export function Shell({ children }: { children: ComponentChildren }) {
    useCommands(() => everywhere, []);
    return (
        <div class="shell">
            {!embed.value && <Bar />}
            <main id="main" tabIndex={-1}>
                {children}
            </main>
            <Palettes />
            <Toasts />
        </div>
    );
}

function Bar() {
    const at = path.value;
    const here = (p: (typeof places)[number]) =>
        at.startsWith(p.to) || (p.also !== undefined && at.startsWith(p.also));
    return (
        <header class="bar">
            <button
                type="button"
                class="skip"
                onClick={() => document.getElementById("main")?.focus()}
            >
                Skip to the content
            </button>
            <a class="brand" href={href("/")}>
                Millstream
            </a>
            <nav aria-label="Main">
                {places.map(p => (
                    <a key={p.to} href={href(p.to)} aria-current={here(p) ? "page" : undefined}>
                        {p.label}
                    </a>
                ))}
            </nav>
            <span class="space" />
            <Button bare label="Commands (Ctrl+K)" icon="search" onClick={openPalette} />
            <Button
                bare
                label="Keyboard shortcuts (?)"
                icon="keyboard"
                onClick={openShortcuts}
            />
            <Button
                bare
                label={dark.value ? "Light colours" : "Dark colours"}
                icon={dark.value ? "sun" : "moon"}
                onClick={toggleTheme}
            />
        </header>
    );
}
