// A name, with what was looked for in it.
import { split } from "~/lib/pattern";

export function Found({ text, pattern }: { text: string; pattern: string }) {
    return (
        <>
            {split(text, pattern).map((part, i) =>
                i % 2 === 1 ? <mark key={i}>{part}</mark> : part,
            )}
        </>
    );
}
