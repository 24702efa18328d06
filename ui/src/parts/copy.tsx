// A button that puts text into the clipboard.
import { useRef, useState } from "preact/hooks";
import { Button } from "./parts";
import { toastError } from "./toast";

export function Copy({
    text,
    label,
    bare = true,
}: {
    /** Made only when it is wanted, where that is much work. */
    text: string | (() => string);
    /** "Copy the run's id" */
    label: string;
    bare?: boolean;
}) {
    const [done, setDone] = useState(false);
    const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
    const copy = () =>
        navigator.clipboard.writeText(typeof text === "string" ? text : text()).then(
            () => {
                setDone(true);
                clearTimeout(timer.current);
                timer.current = setTimeout(() => setDone(false), 1500);
            },
            (e: unknown) => toastError("It could not be copied", e),
        );
    return (
        <Button
            bare={bare}
            icon={done ? "check" : "copy"}
            label={done ? "Copied" : label}
            onClick={() => void copy()}
        />
    );
}
