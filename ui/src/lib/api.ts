// Requests to the server. Addresses are relative to the base of the pages.

/** What the server said instead of an answer. */
export class ApiError extends Error {
    override readonly name = "ApiError";
    constructor(
        readonly status: number,
        readonly code: string,
        message: string,
    ) {
        super(message);
    }
}

type Scalar = string | number | boolean | undefined;
export type Query = Record<string, Scalar | readonly string[]>;

/** The absolute address of a path of the server: url("api/2.0/mlflow/runs/get", {run_id}). */
export function url(path: string, query: Query = {}): string {
    const made = new URL(path, document.baseURI);
    for (const [name, value] of Object.entries(query))
        if (Array.isArray(value)) for (const v of value) made.searchParams.append(name, v);
        else if (value !== undefined) made.searchParams.set(name, String(value));
    return made.href;
}

async function failure(response: Response): Promise<ApiError> {
    const text = await response.text().catch(() => "");
    try {
        const body = JSON.parse(text) as { error_code?: string; message?: string };
        return new ApiError(response.status, body.error_code ?? "", body.message ?? text);
    } catch {
        return new ApiError(response.status, "", text || response.statusText);
    }
}

/** Like fetch, but an answer that is no success is an ApiError, and so is no answer. */
export async function request(address: string, init: RequestInit = {}): Promise<Response> {
    let response: Response;
    try {
        response = await fetch(address, init);
    } catch (e) {
        if (init.signal?.aborted) throw e;
        throw new ApiError(0, "UNREACHABLE", "The server cannot be reached.");
    }
    if (!response.ok) throw await failure(response);
    return response;
}

/** A GET that answers JSON. */
export async function get<T>(
    path: string,
    query: Query = {},
    signal?: AbortSignal,
): Promise<T> {
    const response = await request(url(path, query), signal ? { signal } : {});
    return (await response.json()) as T;
}

/** Sends JSON, gets JSON. */
export async function send<T>(
    path: string,
    body: object,
    {
        method = "POST",
        signal,
    }: { method?: "POST" | "PATCH" | "DELETE"; signal?: AbortSignal } = {},
): Promise<T> {
    const response = await request(url(path), {
        method,
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        ...(signal ? { signal } : {}),
    });
    return (await response.json()) as T;
}

/** The tracking API of everybody, and what the pages need beyond it. */
export const mlflow = (call: string): string => `api/2.0/mlflow/${call}`;
export const own = (call: string): string => `api/millstream/1.0/${call}`;
