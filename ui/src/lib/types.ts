// The protocol's entities as JSON has them. Numbers of 64 bits may come as text.

export interface KeyValue {
    key: string;
    value: string;
}

export type MetricValue = number | "NaN" | "Infinity" | "-Infinity";

export interface Metric {
    key: string;
    value: MetricValue;
    timestamp: number;
    step: number;
}

export type LifecycleStage = "active" | "deleted";
export type RunStatus = "RUNNING" | "SCHEDULED" | "FINISHED" | "FAILED" | "KILLED";

export interface Experiment {
    experiment_id: string;
    name: string;
    artifact_location: string;
    lifecycle_stage: LifecycleStage;
    creation_time: number;
    last_update_time: number;
    tags?: KeyValue[];
}

export interface RunInfo {
    run_id: string;
    run_name: string;
    experiment_id: string;
    user_id: string;
    status: RunStatus;
    start_time: number;
    end_time?: number;
    artifact_uri: string;
    lifecycle_stage: LifecycleStage;
}

export interface Run {
    info: RunInfo;
    data: { metrics?: Metric[]; params?: KeyValue[]; tags?: KeyValue[] };
    inputs?: {
        dataset_inputs?: {
            tags?: KeyValue[];
            dataset: {
                name: string;
                digest: string;
                source_type: string;
                source: string;
                schema?: string;
                profile?: string;
            };
        }[];
        model_inputs?: { model_id: string }[];
    };
    outputs?: { model_outputs?: { model_id: string; step: number }[] };
}

export interface FileInfo {
    path: string;
    is_dir: boolean;
    file_size?: number;
}

export interface LoggedModel {
    info: {
        model_id: string;
        experiment_id: string;
        name: string;
        artifact_uri?: string;
        source_run_id?: string;
        status?: string;
        tags?: KeyValue[];
    };
    data?: { params?: KeyValue[]; metrics?: (Metric & { dataset_name?: string })[] };
}

export interface ModelVersion {
    name: string;
    version: string;
    creation_timestamp: number;
    last_updated_timestamp?: number;
    user_id?: string;
    current_stage?: string;
    description?: string;
    source?: string;
    run_id?: string;
    status?: string;
    status_message?: string;
    tags?: KeyValue[];
    aliases?: string[];
}

export interface RegisteredModel {
    name: string;
    creation_timestamp: number;
    last_updated_timestamp: number;
    description?: string;
    latest_versions?: ModelVersion[];
    tags?: KeyValue[];
    aliases?: { alias: string; version: string }[];
}
