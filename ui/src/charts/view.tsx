import { Empty } from "~/parts/parts";

export const ChartsView = () => <Empty title="Nothing is shown yet" />;
