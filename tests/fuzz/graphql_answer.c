/* graphql_answer.c - any bytes as a GraphQL document that is executed, on a store with a bit of
 * everything; the first line are its variables. */
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/view.h"
#include "server/graphql.h"
#include "wire/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mill_store *store;
static struct mill_server_config config;

static void apply(struct mill_change *change)
{
    struct mill_arena arena = {0};
    struct mill_pending pending = {.change = change, .outcome.arena = &arena};
    struct mill_pending *list[] = {&pending};

    change->now_ms = 1700000000000;
    if (mill_change_check(change, &arena, NULL) != MILL_OK ||
        mill_store_apply(store, list, 1, NULL) != MILL_OK || pending.outcome.status != MILL_OK)
        abort();
    mill_arena_release(&arena);
}

/* A run with all that a query may ask for. */
static void fill(void)
{
    const struct mill_view run_id = MILL_VIEW("0123456789abcdef0123456789abcdef");
    struct mill_tag tag = {MILL_VIEW("k"), MILL_VIEW("a \"v\"\n")};
    struct mill_param param = {MILL_VIEW("p"), MILL_VIEW("1")};
    struct mill_metric metrics[] = {{MILL_VIEW("m"), 1, 1, 1, NULL},
                                    {MILL_VIEW("n"), NAN, 2, 2, NULL}};
    struct mill_dataset_input input = {&tag,
                                       1,
                                       {.name = MILL_VIEW("d"),
                                        .digest = MILL_VIEW("x"),
                                        .source_type = MILL_VIEW("s"),
                                        .source = MILL_VIEW("{}")}};
    struct mill_change changes[] = {
        {.kind = MILL_CHANGE_CREATE_EXPERIMENT,
         .as.create_experiment = {.name = MILL_VIEW("e"), .tags = &tag, .tag_count = 1}},
        {.kind = MILL_CHANGE_CREATE_RUN,
         .as.create_run = {.run_id = run_id, .experiment_id = 1, .start_time = 1}},
        {.kind = MILL_CHANGE_LOG,
         .as.log = {.run_id = run_id,
                    .metrics = metrics,
                    .metric_count = MILL_COUNT(metrics),
                    .params = &param,
                    .param_count = 1,
                    .tags = &tag,
                    .tag_count = 1}},
        {.kind = MILL_CHANGE_LOG_INPUTS, .as.inputs = {run_id, &input, 1, NULL, 0}},
        {.kind = MILL_CHANGE_CREATE_MODEL, .as.model = {.name = MILL_VIEW("model")}},
        {.kind = MILL_CHANGE_CREATE_MODEL_VERSION,
         .as.model_version = {.name = MILL_VIEW("model"),
                              .source = MILL_VIEW("s3://bucket/m"),
                              .run_id = run_id,
                              .tags = &tag,
                              .tag_count = 1}},
    };

    for (size_t i = 0; i < MILL_COUNT(changes); i++)
        apply(&changes[i]);
}

static void close_store(void)
{
    mill_store_close(store);
}

static void begin(void)
{
    const struct mill_store_options options = {.artifact_root =
                                                   MILL_VIEW("mlflow-artifacts:/")};

    mill_server_config_defaults(&config);
    config.default_artifact_root = options.artifact_root;
    if (mill_store_open(MILL_VIEW("memory:"), &options, &store, NULL) != MILL_OK)
        abort();
    atexit(close_store);
    fill();
}

static bool is_json(const struct mill_buf *text, enum mill_json_type type)
{
    struct mill_arena arena = {0};
    struct mill_json json;
    struct mill_view padded = mill_json_pad(mill_buf_view(text), &arena);
    bool good = mill_json_parse(padded, &arena, &json, NULL) == MILL_OK &&
                mill_json_type(&json, json.root) == type;

    mill_arena_release(&arena);
    return good;
}

/* Either there is data, or it is said why there is none. */
static void check(const struct mill_buf *data, const struct mill_buf *errors)
{
    struct mill_buf list = {0};

    mill_buf_printf(&list, "[%.*s]", MILL_FMT(mill_buf_view(errors)));
    assert(is_json(&list, MILL_JSON_ARRAY));
    if (mill_view_eq(mill_buf_view(data), MILL_VIEW("null")))
        assert(errors->len > 0);
    else
        assert(is_json(data, MILL_JSON_OBJECT));
    mill_buf_release(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct mill_view text = {(const char *)data, size};
    struct mill_view variables;
    struct mill_arena arena = {0};
    struct mill_buf found = {0};
    struct mill_buf errors = {0};
    const struct mill_gql_field *fields = NULL;
    struct mill_call call = {.arena = &arena, .config = &config, .now_ms = 1700000000000};

    if (store == NULL)
        begin();
    call.store = store;
    text = mill_view_cut(text, '\n', &variables);
    variables = mill_json_pad(variables, &arena);
    if (text.ptr != NULL &&
        mill_gql_parse(text, MILL_VIEW(""), variables, &arena, &fields, NULL) == MILL_OK) {
        struct mill_error err = {""};

        if (mill_graphql_run(&call, fields, &found, &errors, &err) == MILL_OK)
            check(&found, &errors);
        else
            assert(err.message[0] != '\0');
    }
    mill_buf_release(&found);
    mill_buf_release(&errors);
    mill_arena_release(&arena);
    return 0;
}
