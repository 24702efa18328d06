import { Empty } from "~/parts/parts";

export const CompareView = () => <Empty title="Nothing is shown yet" />;
