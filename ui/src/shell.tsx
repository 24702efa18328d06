// What surrounds every page: the bar with the main places, and the theme.
import type { ComponentChildren } from "preact";
import { href, path } from "./lib/router";
import { theme } from "./lib/theme";
import { Button } from "./parts/parts";
import "./shell.css";

const places = [
    { to: "/experiments", label: "Experiments", also: "/runs" },
    { to: "/models", label: "Models" },
    { to: "/prompts", label: "Prompts" },
];

export function Shell({ children }: { children: ComponentChildren }) {
    const at = path.value;
    const dark = document.documentElement.dataset.theme === "dark";
    return (
        <div class="shell">
            <a class="skip" href="#main">
                Skip to the content
            </a>
            <header class="bar">
                <a class="brand" href={href("/")}>
                    Millstream
                </a>
                <nav aria-label="Main">
                    {places.map(p => (
                        <a
                            key={p.to}
                            href={href(p.to)}
                            aria-current={
                                at.startsWith(p.to) || (p.also && at.startsWith(p.also))
                                    ? "page"
                                    : undefined
                            }
                        >
                            {p.label}
                        </a>
                    ))}
                </nav>
                <span class="space" />
                <Button
                    bare
                    label={theme.value === "dark" ? "Light colours" : "Dark colours"}
                    icon={dark ? "sun" : "moon"}
                    onClick={() => (theme.value = dark ? "light" : "dark")}
                />
            </header>
            <main id="main" tabIndex={-1}>
                {children}
            </main>
        </div>
    );
}
