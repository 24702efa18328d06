// Whatever was thrown, as an error with a message.
export const asError = (e: unknown): Error => (e instanceof Error ? e : new Error(String(e)));
