// Work on foreign bytes that is done beside the page, in a worker: however long it takes, the page
// goes on, and what takes too long is ended.
import { asError } from "./error";

type Reply<Answer> = { answer: Answer } | { problem: string };

/** In a worker: answers each order with what `work` makes of it. */
export function serve<Order, Answer>(work: (order: Order) => Answer | Promise<Answer>): void {
    const reply = (to: Reply<Answer>) => postMessage(to);
    onmessage = async ({ data }: MessageEvent<Order>) => {
        try {
            reply({ answer: await work(data) });
        } catch (e) {
            reply({ problem: asError(e).message });
        }
    };
}

/** In the page: a worker that gets one order after another, and for each of them so much time. It is
 *  started with the first order, and anew after one that it did not end. */
export class Helper<Order, Answer> {
    private worker: Worker | undefined;
    private last: Promise<unknown> = Promise.resolve();
    /** Tells whoever waits for the order that is worked on why there is no answer. */
    private refuse: ((error: Error) => void) | undefined;

    /** `address` as "x?worker" gives it, relative to `base`, the import.meta.url of who asks. */
    constructor(
        private readonly address: string,
        private readonly base: string,
        private readonly patienceMs: number,
    ) {}

    /** Fails with an Error that says what was wrong, or that it took too long. */
    ask(order: Order): Promise<Answer> {
        const answer = this.last.then(() => this.send(order));
        this.last = answer.catch(() => undefined);
        return answer;
    }

    /** Ends the worker, and with it the order that it works on. */
    stop(why = "This is no longer wanted."): void {
        this.worker?.terminate();
        this.worker = undefined;
        this.refuse?.(new Error(why));
    }

    private async send(order: Order): Promise<Answer> {
        const worker = (this.worker ??= new Worker(new URL(this.address, this.base), {
            type: "module",
        }));
        const timer = setTimeout(
            () => this.stop("This takes too long to be shown."),
            this.patienceMs,
        );
        try {
            return await new Promise((resolve, reject) => {
                this.refuse = reject;
                worker.onerror = e => this.stop(e.message || "This cannot be shown.");
                worker.onmessage = ({ data }: MessageEvent<Reply<Answer>>) => {
                    if ("answer" in data) resolve(data.answer);
                    else reject(new Error(data.problem));
                };
                worker.postMessage(order);
            });
        } finally {
            clearTimeout(timer);
            this.refuse = undefined;
        }
    }
}
