// Colours code where the page does not have to wait for it: grammars are slow on code that was made
// to be so.
import { serve } from "~/lib/helper";
import { highlight, type Stretch } from "./highlight";

export interface Order {
    code: string;
    language: string;
}
/** undefined: better without colours. */
export type Colours = Stretch[][] | undefined;

serve<Order, Colours>(({ code, language }) => highlight(code, language));
