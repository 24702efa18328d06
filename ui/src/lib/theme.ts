// Dark or light: what the system says unless a person chose; the choice stays in the browser.
import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const key = "millstream.theme";

function stored(): Theme {
    try {
        const t = localStorage.getItem(key);
        return t === "light" || t === "dark" ? t : "system";
    } catch {
        return "system"; // storage may be forbidden
    }
}

export const theme = signal<Theme>(typeof localStorage === "undefined" ? "system" : stored());

const prefersDark =
    typeof matchMedia === "undefined" ? undefined : matchMedia("(prefers-color-scheme: dark)");

/** Whether the dark colours are in use. */
export const dark = signal(false);

/** Grows whenever the colours change, for what is drawn on a canvas. */
export const colours = signal(0);

/** Keeps the document in the chosen theme. */
export function applyTheme(): void {
    effect(() => {
        const chosen = theme.value;
        try {
            if (chosen === "system") localStorage.removeItem(key);
            else localStorage.setItem(key, chosen);
        } catch {
            // then it holds until the page is closed
        }
        paint();
    });
    prefersDark?.addEventListener("change", paint);
}

function paint(): void {
    const chosen = theme.peek();
    dark.value = chosen === "dark" || (chosen === "system" && prefersDark?.matches === true);
    document.documentElement.dataset.theme = dark.value ? "dark" : "light";
    colours.value = colours.peek() + 1;
}

/** The other colours, from now on. */
export function toggleTheme(): void {
    theme.value = dark.peek() ? "light" : "dark";
}
