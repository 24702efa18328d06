// What is shown instead of a model, a version or a prompt that could not be fetched.
import { Problem } from "~/parts/parts";

interface FailedProps {
    /** Of the model or prompt. */
    name: string;
    error: Error;
    retry: () => unknown;
}

export function Failed({ name, error, retry }: FailedProps) {
    return (
        <div class="models-page">
            <h1>{name}</h1>
            <Problem error={error} retry={() => void retry()} />
        </div>
    );
}
