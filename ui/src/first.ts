// Runs before the script of the pages is there, and is small: asks for the first rows.
import { askEarly } from "./lib/early";
import { tableBody } from "./lib/question";
import { firstQuestion } from "./table/question";

const question = firstQuestion();
if (question) askEarly("runs/table", tableBody(question));
