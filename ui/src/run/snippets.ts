// Programs that fetch a run, to begin one's own with.

export interface Snippet {
    label: string;
    language: string;
    code: string;
}

/** By name. `metric` is one of the run's, if it has any. */
export function snippets(
    server: string,
    id: string,
    metric: string | undefined,
): Record<string, Snippet> {
    const history = metric
        ? `\nhistory = mlflow.MlflowClient().get_metric_history(${text(id)}, ${text(metric)})\nprint([(point.step, point.value) for point in history])\n`
        : "";
    return {
        python: {
            label: "Python",
            language: "python",
            code: `import mlflow

mlflow.set_tracking_uri(${text(server)})
run = mlflow.get_run(${text(id)})
print(run.data.params, run.data.metrics)
${history}`,
        },
        c: {
            label: "C",
            language: "c",
            code: `#include <millstream/millstream.h>
#include <stdio.h>

int main(void)
{
    struct mill_client *client = NULL;
    struct mill_run_list *list = NULL;
    struct mill_error err = {""};

    if (mill_client_open(mill_text(${text(server)}), NULL, &client, &err) == MILL_OK &&
        mill_client_get_run(client, mill_text(${text(id)}), &list, &err) == MILL_OK) {
        const struct mill_run *run = list->items[0];
        for (size_t i = 0; i < run->metric_count; i++)
            printf("%.*s %g\\n", (int)run->metrics[i].key.len, run->metrics[i].key.ptr,
                   run->metrics[i].value);
    } else {
        fprintf(stderr, "%s\\n", err.message);
    }
    mill_run_list_free(list);
    mill_client_close(client);
    return 0;
}
`,
        },
        curl: {
            label: "curl",
            language: "bash",
            code: `curl -sS '${server}/api/2.0/mlflow/runs/get?run_id=${encodeURIComponent(id)}'\n`,
        },
    };
}

/** A literal that Python and C read the same. */
const text = (value: string): string => JSON.stringify(value);
