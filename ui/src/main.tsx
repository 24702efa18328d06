// The first thing that runs.
import { render } from "preact";
import "./lib/theme.css";
import "./parts/parts.css";
import { App } from "./app";
import { followKeys } from "./lib/keys";
import { followLists } from "./lib/last-list";
import { followPrintedLinks } from "./lib/printed-links";
import { followLinks } from "./lib/router";
import { applyTheme } from "./lib/theme";

applyTheme();
followLinks(document);
followPrintedLinks();
followLists();
followKeys(document);
render(<App />, document.getElementById("app")!);
