import { Empty } from "~/parts/parts";
import type { Page } from "~/app";

export const RunsPage: Page = () => <Empty title="Nothing is shown yet" />;
