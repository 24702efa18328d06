// The pages of the registry.
import type { Page } from "~/app";
import { ModelList } from "./list";

export { ModelPage } from "./model";
export { VersionPage } from "./version";
export { PromptPage } from "./prompt";

export const ModelsPage: Page = () => <ModelList kind="model" />;
export const PromptsPage: Page = () => <ModelList kind="prompt" />;
