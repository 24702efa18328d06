// A difference to the baseline. A word says whether it is a good one, not only its colour.
import { deltaText, verdict, type Delta } from "~/lib/delta";

export function DeltaText({ metric, delta }: { metric?: string | undefined; delta: Delta }) {
    const said = metric === undefined ? undefined : verdict(metric, delta.by);
    return (
        <small class={said ? `delta ${said}` : "delta"}>
            {delta.by === 0 ? "same" : deltaText(delta)} {said}
        </small>
    );
}
