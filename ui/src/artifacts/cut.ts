// Single texts of a file that are too long for their place.

/** Characters of a value or a name that are shown. */
const MOST = 5_000;

/** The beginning of a text, and how much is left out. */
export function cut(text: string, most = MOST): string {
    if (text.length <= most) return text;
    return `${text.slice(0, most)}… (${(text.length - most).toLocaleString("en")} more characters)`;
}
