// The calls of the Java client: java -cp JARS Tour.java TRACKING-URI PREFIX
//
// Prints a line for each thing that it tries: its name, a tab, and what came back or was raised.

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.mlflow.api.proto.ModelRegistry.ModelVersion;
import org.mlflow.api.proto.Service.CreateRun;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.RunInfo;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.api.proto.Service.ViewType;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.RunsPage;

public class Tour {
    private static final String NOBODY = "0123456789abcdef0123456789abcdef";

    private final MlflowClient client;
    private final String prefix;

    private interface Action {
        void run() throws Exception;
    }

    private Tour(String uri, String prefix) {
        this.client = new MlflowClient(uri);
        this.prefix = prefix;
    }

    public static void main(String[] arguments) throws Exception {
        Tour tour = new Tour(arguments[0], arguments[1]);
        String experiment = tour.experiments();
        String run = tour.runs(experiment);
        tour.logging(run);
        tour.searching(experiment);
        tour.models(run);
    }

    /** Notes what a call returns or raises; null when it raised. */
    private <T> T step(String name, Callable<T> call) {
        try {
            T value = call.call();
            say(name, String.valueOf(value));
            return value;
        } catch (Exception error) {
            say(name, "raises " + error.getClass().getSimpleName() + status(error));
            return null;
        }
    }

    private void step(String name, Action action) {
        step(name, () -> {
            action.run();
            return "done";
        });
    }

    private static void say(String name, String value) {
        System.out.println(name + "\t" + value.replace("\n", " "));
    }

    /** The status and code of an answer, which the client keeps in its message. */
    private static String status(Exception error) {
        java.util.regex.Matcher found =
            java.util.regex.Pattern.compile("statusCode=(\\d+)|\"error_code\": ?\"(\\w+)\"")
                .matcher(String.valueOf(error.getMessage()));
        StringBuilder all = new StringBuilder();
        while (found.find()) {
            all.append(' ').append(found.group(1) != null ? found.group(1) : found.group(2));
        }
        return all.toString();
    }

    private String experiments() {
        String first = client.createExperiment(prefix + "first");
        step("create experiment", () -> "experiment_id: \"" + first + "\"");
        String other = client.createExperiment(prefix + "other");
        step("create experiment again", () -> client.createExperiment(prefix + "first"));
        step("get experiment", () -> (Object) client.getExperiment(first));
        step("get experiment by name", () -> client.getExperimentByName(prefix + "first"));
        step("get experiment by unknown name", () -> client.getExperimentByName(prefix + "nobody"));
        step("get unknown experiment", () -> (Object) client.getExperiment("987654321"));
        step("rename experiment", () -> client.renameExperiment(other, prefix + "renamed"));
        step("set experiment tag", () -> client.setExperimentTag(other, "k", "v"));
        step("renamed experiment", () -> (Object) client.getExperiment(other));
        step("delete experiment", () -> client.deleteExperiment(other));
        step("deleted experiment", () -> (Object) client.getExperiment(other));
        step("restore experiment", () -> client.restoreExperiment(other));
        step("restore unknown experiment", () -> client.restoreExperiment("987654321"));
        return first;
    }

    private String runs(String experiment) {
        RunInfo run = step("create run", () -> client.createRun(CreateRun.newBuilder()
            .setExperimentId(experiment).setStartTime(1000).setUserId("ada").build()));
        String id = run.getRunId();
        step("create run in unknown experiment", () -> client.createRun("987654321"));
        step("get unknown run", () -> client.getRun(NOBODY));
        step("delete run", () -> client.deleteRun(id));
        step("deleted run", () -> client.getRun(id).getInfo().getLifecycleStage());
        step("restore run", () -> client.restoreRun(id));
        step("set terminated", () -> client.setTerminated(id, RunStatus.FAILED, 9000));
        step("get run", () -> client.getRun(id).getInfo());
        return id;
    }

    private void logging(String run) {
        step("log param", () -> client.logParam(run, "lr", "0.1"));
        step("log other param value", () -> client.logParam(run, "lr", "0.2"));
        step("log unicode param", () -> client.logParam(run, "größe", "日本 🧪"));
        step("log metric", () -> client.logMetric(run, "loss", 0.5, 5, 1));
        step("log odd metrics", () -> {
            client.logMetric(run, "loss", Double.NaN, 6, 2);
            client.logMetric(run, "loss", Double.POSITIVE_INFINITY, 7, 3);
            client.logMetric(run, "loss", -1e300, 8, 4);
        });
        step("set tag", () -> client.setTag(run, "team", "red"));
        step("delete tag", () -> client.deleteTag(run, "team"));
        step("delete tag again", () -> client.deleteTag(run, "team"));
        step("log batch", () -> client.logBatch(run,
            Arrays.asList(metric("acc", 0.25, 1), metric("acc", 0.75, 2)),
            Arrays.asList(Param.newBuilder().setKey("depth").setValue("3").build()),
            Arrays.asList(RunTag.newBuilder().setKey("odd").setValue("1").build())));
        step("history", () -> client.getMetricHistory(run, "loss"));
        step("history of nothing", () -> client.getMetricHistory(run, "nothing"));
        step("logged metrics", () -> sorted(client.getRun(run).getData().getMetricsList()));
        step("logged params", () -> sorted(client.getRun(run).getData().getParamsList()));
        step("log param to unknown", () -> client.logParam(NOBODY, "a", "b"));
    }

    private static Metric metric(String key, double value, long step) {
        return Metric.newBuilder().setKey(key).setValue(value).setTimestamp(step).setStep(step)
            .build();
    }

    private static <T> List<String> sorted(List<T> items) {
        return items.stream().map(String::valueOf).sorted().collect(Collectors.toList());
    }

    private void searching(String experiment) {
        for (int at = 0; at < 5; at++) {
            RunInfo run = client.createRun(CreateRun.newBuilder()
                .setExperimentId(experiment).setStartTime(2000 + at).build());
            client.logParam(run.getRunId(), "at", String.valueOf(at));
            client.logMetric(run.getRunId(), "score", at * 0.5, 1, 0);
        }
        List<String> here = Collections.singletonList(experiment);
        for (String filter : new String[] {
                "", "metrics.score > 0.6", "params.at = '2'", "params.lr LIKE '0%'", "nothing"}) {
            step("search " + filter, () -> times(client.searchRuns(here, filter)));
        }
        RunsPage page = client.searchRuns(here, "params.at LIKE '%'", ViewType.ACTIVE_ONLY, 3,
            Collections.singletonList("metrics.score DESC"));
        step("page 1", () -> page.getItems().stream()
            .map(run -> run.getInfo().getStartTime()).collect(Collectors.toList()));
        step("page 2", () -> ((RunsPage) page.getNextPage()).getItems().size());
        step("more pages", () -> page.getNextPage().hasNextPage());
    }

    private static List<Long> times(List<RunInfo> runs) {
        return runs.stream().map(RunInfo::getStartTime).collect(Collectors.toList());
    }

    private void models(String run) {
        String name = prefix + "model";
        step("create model", () -> client.sendPost(
            "registered-models/create", "{\"name\": \"" + name + "\"}").contains(name));
        step("create version", () -> client.sendPost("model-versions/create",
            "{\"name\": \"" + name + "\", \"source\": \"runs:/" + run + "/m\", \"run_id\": \""
            + run + "\"}").contains("\"version\""));
        step("latest versions", () -> client.getLatestVersions(name).stream()
            .map(ModelVersion::getVersion).collect(Collectors.toList()));
        step("latest versions of unknown", () -> client.getLatestVersions(name + "?"));
        step("download uri", () -> client.getModelVersionDownloadUri(name, "1"));
    }
}
