// The runs below a run.
import { agoText } from "~/lib/format";
import { href } from "~/lib/router";
import type { Run } from "~/lib/types";
import { useChildren } from "./data";
import { Status } from "./head";

export function Children({ run }: { run: Run }) {
    const { data: children = [] } = useChildren(run);
    if (children.length === 0) return null;
    return (
        <section aria-label="Child runs">
            <h2>
                Child runs <span class="soft">{children.length}</span>
            </h2>
            <ul class="rows">
                {children.map(child => (
                    <li key={child.info.run_id}>
                        <a href={href(`/runs/${encodeURIComponent(child.info.run_id)}`)}>
                            {child.info.run_name || child.info.run_id}
                        </a>
                        <Status run={child} />
                        {Number(child.info.start_time) > 0 && (
                            <span class="soft">
                                {agoText(Number(child.info.start_time), Date.now())}
                            </span>
                        )}
                    </li>
                ))}
            </ul>
        </section>
    );
}
