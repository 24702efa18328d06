import { Empty } from "~/parts/parts";
import type { Page } from "~/app";

export const ComparePage: Page = () => <Empty title="Nothing is shown yet" />;
