// Which page an address shows. Pages but the runs table are fetched when they are first needed.
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { asError } from "./lib/error";
import { match, path } from "./lib/router";
import { Empty, Loading, Problem } from "./parts/parts";
import { RunsPage } from "./table/page";
import { Shell } from "./shell";

/** A page gets the named segments of its path. */
export type Page = ComponentType<{ at: Record<string, string> }>;

type Route = { pattern: string } & ({ page: Page } | { load: () => Promise<Page> });

const routes: Route[] = [
    { pattern: "", page: RunsPage },
    { pattern: "/experiments", page: RunsPage },
    { pattern: "/experiments/:ids", page: RunsPage },
    { pattern: "/runs/:id", load: async () => (await import("./run/page")).RunPage },
    { pattern: "/compare", load: async () => (await import("./compare/page")).ComparePage },
    { pattern: "/models", load: async () => (await import("./models/page")).ModelsPage },
    { pattern: "/models/:name", load: async () => (await import("./models/page")).ModelPage },
    {
        pattern: "/models/:name/:version",
        load: async () => (await import("./models/page")).VersionPage,
    },
    { pattern: "/prompts", load: async () => (await import("./models/page")).PromptsPage },
    { pattern: "/prompts/:name", load: async () => (await import("./models/page")).PromptPage },
];

const loaded = new Map<Route, Page>();

function find(at: string) {
    for (const route of routes) {
        const found = match(route.pattern, at);
        if (found) return { route, found };
    }
    return undefined;
}

/** The runs' page stays, with what was typed there, while one goes to other experiments. */
const placeKey = (route: Route): string => ("page" in route ? "runs" : route.pattern);

export function App() {
    const to = find(path.value);
    return (
        <Shell>
            {to ? (
                <Place key={placeKey(to.route)} route={to.route} at={to.found} />
            ) : (
                <Empty title="There is no such page">
                    <a href="./">See the experiments</a>
                </Empty>
            )}
        </Shell>
    );
}

function Place({ route, at }: { route: Route; at: Record<string, string> }) {
    const [ready, setReady] = useState<Page | undefined>(() =>
        "page" in route ? route.page : loaded.get(route),
    );
    const [error, setError] = useState<Error>();
    useEffect(() => {
        if (ready || !("load" in route)) return;
        route.load().then(
            page => {
                loaded.set(route, page);
                setReady(() => page);
            },
            (e: unknown) => setError(asError(e)),
        );
    }, [route]);
    if (error) return <Problem error={error} retry={() => location.reload()} />;
    const Ready = ready;
    return Ready ? <Ready at={at} /> : <Loading what="the page" />;
}
