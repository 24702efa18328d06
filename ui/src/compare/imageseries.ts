// Pictures that a run logged at several steps, found by their names.

export interface Step {
    step: number;
    path: string;
}

/** Pictures of one subject; of a single picture there is one step. */
export interface ImageSeries {
    name: string;
    steps: Step[];
}

const image = /\.(png|jpe?g|gif|webp|bmp|svg)$/i;
export const isImage = (path: string): boolean => image.test(path);

/** How clients name what log_image(key, step) stores. */
const logged = /^(.*?)[%+]step[%+](\d+)[%+]timestamp[%+]\d+[%+][^/]*$/;
/** A number at the end of a name: sample_0012.png, epoch-3.jpg. */
const numbered = /^(.*?)[-_ ]?(\d+)(\.\w+)$/;

/** Pictures by what they show, in order of names; a smaller copy beside a picture is left out. */
export function imageSeries(paths: readonly string[]): ImageSeries[] {
    const found = new Map<string, Map<number, string>>();
    for (const path of paths.filter(isImage)) {
        const { name, step } = named(path);
        const steps = found.get(name) ?? new Map<number, string>();
        const other = steps.get(step);
        if (other === undefined || other.endsWith(".webp")) steps.set(step, path);
        found.set(name, steps);
    }
    const put = new Intl.Collator("en", { numeric: true }).compare;
    return [...found]
        .sort(([a], [b]) => put(a, b))
        .map(([name, steps]) => ({
            name,
            steps: [...steps]
                .map(([step, path]) => ({ step, path }))
                .sort((a, b) => a.step - b.step),
        }));
}

function named(path: string): { name: string; step: number } {
    const byClient = logged.exec(path);
    if (byClient) return { name: byClient[1]!, step: Number(byClient[2]) };
    const byNumber = numbered.exec(path);
    if (byNumber && !byNumber[1]!.endsWith("/") && byNumber[1] !== "")
        return { name: byNumber[1]! + byNumber[3]!, step: Number(byNumber[2]) };
    return { name: path, step: 0 };
}

/** The picture at a step, or the last one before it. */
export function pictureAt(series: ImageSeries | undefined, step: number): Step | undefined {
    return series?.steps.findLast(s => s.step <= step) ?? series?.steps[0];
}
