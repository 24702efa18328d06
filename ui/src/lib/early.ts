// Questions that are asked before the script of the pages is there, so that the server works while the
// browser reads it. Each answer is given once, to whoever asks the same.
import { own, send } from "./api";

const answers = new Map<string, Promise<unknown>>();

const nameOf = (call: string, body: object) => call + JSON.stringify(body);

/** Asks one of our own calls; nobody needs to wait for it. */
export function askEarly(call: string, body: object): void {
    const answer = send<unknown>(own(call), body);
    answers.set(nameOf(call, body), answer);
    answer.catch(() => {}); // whoever takes it sees the error
}

/** The answer that was asked for early; undefined if it was not, or was taken. */
export function takeEarly<T>(call: string, body: object): Promise<T> | undefined {
    if (answers.size === 0) return undefined;
    const name = nameOf(call, body);
    const answer = answers.get(name) as Promise<T> | undefined;
    answers.delete(name);
    return answer;
}

/** Until all of them are there, but no longer than that. */
export async function earlyAnswers(mostMs: number): Promise<void> {
    if (answers.size === 0) return;
    let timer: ReturnType<typeof setTimeout>;
    const late = new Promise(done => (timer = setTimeout(done, mostMs)));
    await Promise.race([Promise.allSettled(answers.values()), late]);
    clearTimeout(timer!);
}
