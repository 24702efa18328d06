// How far a value is from another, and whether that is good.
import { count, metricText } from "./format";

/** A param, a tag, or a metric, which may be "NaN" or infinite; null if there is none. */
export type Cell = string | number | null;

export interface Delta {
    by: number;
    /** Of the baseline; undefined if that is zero. */
    percent?: number;
}

/** How far a value is from that of the baseline; undefined unless both are numbers. */
export function delta(value: Cell, base: Cell): Delta | undefined {
    const [v, b] = [numeric(value), numeric(base)];
    if (v === undefined || b === undefined) return undefined;
    const by = v - b;
    return b === 0 ? { by } : { by, percent: (by / Math.abs(b)) * 100 };
}

/** A number, or a param that reads as one. */
export function numeric(value: Cell): number | undefined {
    if (value === null || value === "") return undefined;
    const n = Number(value);
    return Number.isFinite(n) ? n : undefined;
}

/** "+0.02 (+4.1 %)", three digits of it. */
export function deltaText({ by, percent }: Delta): string {
    const size = `${by > 0 ? "+" : ""}${metricText(Number(by.toPrecision(3)))}`;
    return percent === undefined ? size : `${size} (${percentText(percent)})`;
}

function percentText(percent: number): string {
    const size = Math.abs(percent);
    const digits =
        size >= 1e6
            ? percent.toExponential(0).replace("e+", "e")
            : size >= 10
              ? count(Math.round(percent))
              : percent.toFixed(1);
    return `${percent > 0 ? "+" : ""}${digits} %`;
}

const words = (list: string) => new RegExp(`(?<![a-z])(${list.replaceAll(" ", "|")})`, "i");
const less = words(
    "loss error err perplexity ppl mse mae rmse mape wer cer nll fid regret latency logloss",
);
const more = words(
    "acc auc auroc f1 score precision recall reward bleu rouge iou miou map r2 psnr ssim ndcg mrr dice",
);

/** Whether a change of a metric is for the better, as far as its name tells. */
export function verdict(metric: string, by: number): "better" | "worse" | undefined {
    const wanted = [less.test(metric), more.test(metric)];
    if (by === 0 || wanted[0] === wanted[1]) return undefined;
    return by < 0 === wanted[0] ? "better" : "worse";
}
