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

    /** Ends whatever goes on; nobody is told. */
    stop(): void {
        this.worker?.terminate();
        this.worker = undefined;
    }

    private send(order: Order): Promise<Answer> {
        const worker = (this.worker ??= new Worker(new URL(this.address, this.base), {
            type: "module",
        }));
        return new Promise((resolve, reject) => {
            const fail = (message: string) => {
                clearTimeout(timer);
                this.stop();
                reject(new Error(message));
            };
            const timer = setTimeout(
                () => fail("This takes too long to be shown."),
                this.patienceMs,
            );
            worker.onerror = e => fail(e.message || "This cannot be shown.");
            worker.onmessage = ({ data }: MessageEvent<Reply<Answer>>) => {
                clearTimeout(timer);
                if ("answer" in data) resolve(data.answer);
                else reject(new Error(data.problem));
            };
            worker.postMessage(order);
        });
    }
}
