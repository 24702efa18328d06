// The fields of a model's signature, in a table for inputs, outputs and params each.
import { cut } from "./cut";
import type { Field, Signature } from "./signature";

const parts = ["inputs", "outputs", "params"] as const;
/** Fields that are listed of each part. */
const MOST = 500;
const titles = { inputs: "Inputs", outputs: "Outputs", params: "Params" };

export function SignatureView({ signature }: { signature: Signature }) {
    const shown = parts.filter(part => signature[part].length > 0);
    if (shown.length === 0) return <p class="hint">The signature is empty.</p>;
    return (
        <div class="signature">
            {shown.map(part => (
                <Fields key={part} title={titles[part]} fields={signature[part]} />
            ))}
        </div>
    );
}

function Fields({ title, fields }: { title: string; fields: Field[] }) {
    return (
        <table class="plain">
            <thead>
                <tr>
                    <th scope="col">{title}</th>
                    <th scope="col">Type</th>
                </tr>
            </thead>
            <tbody>
                {fields.slice(0, MOST).map((f, i) => (
                    <tr key={i}>
                        <td>{cut(f.name)}</td>
                        <td>
                            <code>{cut(f.type)}</code>
                            {f.fallback !== undefined ? (
                                <span class="soft"> = {cut(f.fallback)}</span>
                            ) : (
                                !f.required && <span class="soft"> optional</span>
                            )}
                        </td>
                    </tr>
                ))}
                {fields.length > MOST && (
                    <tr>
                        <td colSpan={2} class="soft">
                            {fields.length - MOST} more
                        </td>
                    </tr>
                )}
            </tbody>
        </table>
    );
}
