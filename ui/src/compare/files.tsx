// Files of runs beside each other: pictures with one slider for their steps, and texts.
import { useMemo, useState } from "preact/hooks";
import { get, mlflow, request, url } from "~/lib/api";
import { useQuery } from "~/lib/query";
import type { FileInfo, Run } from "~/lib/types";
import { Image } from "~/parts/image";
import { Empty, Loading, Problem } from "~/parts/parts";
import { imageSeries, isImage, pictureAt, type ImageSeries } from "./imageseries";
import { file } from "./state";
import { TextDifference } from "./text-difference";

/** Files that are listed of a run, and bytes that are read of a text. */
const mostFiles = 2000;
const mostBytes = 262_144;

export const fileAddress = (run: string, path: string): string =>
    url("get-artifact", { path, run_uuid: run });

/** All files of a run, directory by directory. */
async function listFiles(run: string, signal?: AbortSignal): Promise<string[]> {
    const found: string[] = [];
    const open: string[] = [""];
    while (open.length > 0 && found.length < mostFiles) {
        const path = open.shift()!;
        let page_token: string | undefined;
        do {
            const answer = await get<{ files?: FileInfo[]; next_page_token?: string }>(
                mlflow("artifacts/list"),
                { run_id: run, path: path || undefined, page_token },
                signal,
            );
            for (const f of answer.files ?? []) (f.is_dir ? open : found).push(f.path);
            page_token = answer.next_page_token || undefined;
        } while (page_token && found.length < mostFiles);
    }
    return found;
}

interface Listed {
    run: Run;
    paths: string[];
    images: ImageSeries[];
}

export function Files({ runs }: { runs: readonly Run[] }) {
    const ids = runs.map(r => r.info.run_id);
    const { data, error, refetch } = useQuery<string[][]>({
        queryKey: ["artifacts", "all", ids],
        queryFn: ({ signal }) => Promise.all(ids.map(id => listFiles(id, signal))),
    });
    const listed = useMemo(
        () =>
            runs.map((run, i): Listed => {
                const paths = data?.[i] ?? [];
                return { run, paths, images: imageSeries(paths) };
            }),
        [data, runs],
    );
    if (error) return <Problem error={error} retry={() => void refetch()} />;
    if (!data) return <Loading what="the files" />;
    const images = names(listed, l => l.images.map(s => s.name));
    const texts = names(listed, l => l.paths.filter(p => !isImage(p)));
    const chosen = file.value || images[0] || texts[0];
    if (chosen === undefined)
        return <Empty title="There are no files">These runs have logged no artifacts.</Empty>;
    return (
        <div class="files">
            <label class="choice">
                <span>File</span>
                <select
                    class="field"
                    value={chosen}
                    onChange={e => file.set(e.currentTarget.value)}
                >
                    <Choices label="Pictures" names={images} />
                    <Choices label="Other files" names={texts} />
                </select>
            </label>
            {images.includes(chosen) ? (
                <Pictures listed={listed} name={chosen} />
            ) : (
                <TextFiles
                    runs={listed.filter(l => l.paths.includes(chosen)).map(l => l.run)}
                    path={chosen}
                />
            )}
        </div>
    );
}

function Choices({ label, names }: { label: string; names: readonly string[] }) {
    if (names.length === 0) return null;
    return (
        <optgroup label={label}>
            {names.map(name => (
                <option key={name} value={name}>
                    {name}
                </option>
            ))}
        </optgroup>
    );
}

/** What runs have: first what several of them have. */
function names(listed: readonly Listed[], of: (l: Listed) => string[]): string[] {
    const count = new Map<string, number>();
    for (const name of listed.flatMap(of)) count.set(name, (count.get(name) ?? 0) + 1);
    return [...count].sort((a, b) => b[1] - a[1]).map(([name]) => name);
}

function Pictures({ listed, name }: { listed: readonly Listed[]; name: string }) {
    const all = listed.map(l => l.images.find(s => s.name === name));
    const steps = [...new Set(all.flatMap(s => s?.steps.map(t => t.step) ?? []))].sort(
        (a, b) => a - b,
    );
    const [place, setPlace] = useState(steps.length - 1);
    const step = steps[Math.min(place, steps.length - 1)]!;
    return (
        <>
            {steps.length > 1 && (
                <label class="choice">
                    <span>Step</span>
                    <input
                        type="range"
                        min={0}
                        max={steps.length - 1}
                        value={place}
                        aria-valuetext={`step ${step}`}
                        onInput={e => setPlace(e.currentTarget.valueAsNumber)}
                    />
                    <output>{step}</output>
                </label>
            )}
            <div class="pictures">
                {listed.map(({ run }, i) => {
                    const shown = pictureAt(all[i], step);
                    return (
                        <figure key={run.info.run_id}>
                            <figcaption>
                                {run.info.run_name}
                                {shown && steps.length > 1 && <small> step {shown.step}</small>}
                            </figcaption>
                            {shown ? (
                                <Image
                                    src={fileAddress(run.info.run_id, shown.path)}
                                    alt={`${name} of ${run.info.run_name}`}
                                />
                            ) : (
                                <p class="hint">This run has no such picture.</p>
                            )}
                        </figure>
                    );
                })}
            </div>
        </>
    );
}

async function readText(run: string, path: string, signal: AbortSignal): Promise<string> {
    const response = await request(fileAddress(run, path), {
        headers: { Range: `bytes=0-${mostBytes - 1}` },
        signal,
    });
    return response.text();
}

function TextFiles({ runs, path }: { runs: readonly Run[]; path: string }) {
    const [first, setFirst] = useState(0);
    const [second, setSecond] = useState(1);
    const ids = runs.map(r => r.info.run_id);
    const [a, b] = [Math.min(first, ids.length - 1), Math.min(second, ids.length - 1)];
    const { data, error } = useQuery<[string, string]>({
        queryKey: ["artifacts", "text", path, ids[a], ids[b]],
        queryFn: ({ signal }) =>
            Promise.all([readText(ids[a]!, path, signal), readText(ids[b]!, path, signal)]),
        enabled: ids.length > 0,
    });
    if (error) return <Problem error={error} />;
    if (!data) return <Loading what={path} />;
    if (data.some(t => t.includes("\0")))
        return <Empty title="This is no text">Download it from the page of a run.</Empty>;
    const choice = (label: string, value: number, set: (i: number) => void) => (
        <label class="choice">
            <span>{label}</span>
            <select
                class="field"
                value={value}
                onChange={e => set(Number(e.currentTarget.value))}
            >
                {runs.map((run, i) => (
                    <option key={run.info.run_id} value={i}>
                        {run.info.run_name}
                    </option>
                ))}
            </select>
        </label>
    );
    const side = (i: number, text: string) => ({ name: runs[i]!.info.run_name, text });
    return (
        <>
            <div class="chart-bar">
                {choice("From", a, setFirst)}
                {choice("to", b, setSecond)}
                {data.some(t => t.length >= mostBytes) && (
                    <span class="hint">Only the first 256 KiB are compared.</span>
                )}
            </div>
            <TextDifference before={side(a, data[0])} after={side(b, data[1])} />
        </>
    );
}
