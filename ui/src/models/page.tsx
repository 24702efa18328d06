import { Empty } from "~/parts/parts";
import type { Page } from "~/app";

export const ModelsPage: Page = () => <Empty title="Nothing is shown yet" />;
export const ModelPage: Page = () => <Empty title="Nothing is shown yet" />;
export const VersionPage: Page = () => <Empty title="Nothing is shown yet" />;
export const PromptsPage: Page = () => <Empty title="Nothing is shown yet" />;
export const PromptPage: Page = () => <Empty title="Nothing is shown yet" />;
