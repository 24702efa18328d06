// The first thing that runs, but for what asks for rows (first.ts).
import { render } from "preact";
import "./lib/theme.css";
import "./parts/parts.css";
import { App } from "./app";
import { earlyAnswers } from "./lib/early";
import { followKeys } from "./lib/keys";
import { followLists } from "./lib/last-list";
import { followPrintedLinks } from "./lib/printed-links";
import { followLinks } from "./lib/router";
import { applyTheme } from "./lib/theme";

/** Rows that come within this time are in the first picture; for others the page around them does not
 *  wait. */
const patienceMs = 100;

applyTheme();
followLinks(document);
followKeys(document);
await earlyAnswers(patienceMs);
render(<App />, document.getElementById("app")!);
followPrintedLinks();
followLists();
