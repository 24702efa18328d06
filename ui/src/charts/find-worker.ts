// Looks for names by a regular expression where the page does not have to wait for it: some
// expressions, which may come with an address, take forever.
import { serve } from "~/lib/helper";
import { matching } from "./metrics";

export interface Order {
    keys: readonly string[];
    pattern: string;
}

serve<Order, string[]>(({ keys, pattern }) => matching(keys, pattern) ?? []);
