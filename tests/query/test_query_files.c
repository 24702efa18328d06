/* test_query_files.c - replays the files of this directory: a filter or ordering, and below it
 * the plan that it becomes or the message that it is refused with.
 *
 *   runs: metrics.loss < 0.5           the subject and the text
 *   => metric `loss` < 0.5             the plan
 *   order runs: metrics.loss upwards   an order_by item
 *   !! order_by[0], character 14: ...  the message
 *
 * Lines that begin with '#' are comments. With --print the files come out with what really
 * happens, to be compared and copied. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "query/plan.h"

static const char *const op_names[] = {
    [MILL_OP_EQ] = "=",
    [MILL_OP_NE] = "!=",
    [MILL_OP_LT] = "<",
    [MILL_OP_LE] = "<=",
    [MILL_OP_GT] = ">",
    [MILL_OP_GE] = ">=",
    [MILL_OP_LIKE] = "LIKE",
    [MILL_OP_ILIKE] = "ILIKE",
    [MILL_OP_IN] = "IN",
    [MILL_OP_NOT_IN] = "NOT IN",
    [MILL_OP_BETWEEN] = "BETWEEN",
    [MILL_OP_IS_NULL] = "IS NULL",
    [MILL_OP_IS_NOT_NULL] = "IS NOT NULL",
};

static const char *const attribute_names[] = {
    [MILL_QA_RUN_ID] = "run_id",
    [MILL_QA_RUN_NAME] = "run_name",
    [MILL_QA_STATUS] = "status",
    [MILL_QA_USER_ID] = "user_id",
    [MILL_QA_ARTIFACT_URI] = "artifact_uri",
    [MILL_QA_START_TIME] = "start_time",
    [MILL_QA_END_TIME] = "end_time",
    [MILL_QA_EXPERIMENT_ID] = "experiment_id",
    [MILL_QA_NAME] = "name",
    [MILL_QA_CREATION_TIME] = "creation_time",
    [MILL_QA_LAST_UPDATE_TIME] = "last_update_time",
    [MILL_QA_DATASET_NAME] = "dataset.name",
    [MILL_QA_DATASET_DIGEST] = "dataset.digest",
    [MILL_QA_DATASET_CONTEXT] = "dataset.context",
    [MILL_QA_VERSION] = "version_number",
    [MILL_QA_SOURCE] = "source_path",
    [MILL_QA_MODEL_ID] = "model_id",
    [MILL_QA_MODEL_TYPE] = "model_type",
    [MILL_QA_SOURCE_RUN_ID] = "source_run_id",
    [MILL_QA_STATUS_MESSAGE] = "status_message",
};

static void dump_field(struct mill_buf *out, const struct mill_query_field *field)
{
    static const char *const entities[] = {
        [MILL_Q_METRIC] = "metric", [MILL_Q_PARAM] = "param", [MILL_Q_TAG] = "tag"};
    if (field->entity == MILL_Q_ATTRIBUTE || field->entity == MILL_Q_DATASET)
        mill_buf_printf(out, "%s", attribute_names[field->attribute]);
    else
        mill_buf_printf(out, "%s `%.*s`", entities[field->entity], MILL_FMT(field->key));
}

/* Numbers of integer attributes show both what is exact and what is not. */
static void dump_number(struct mill_buf *out, const struct mill_query_field *field,
                        double number, int64_t integer)
{
    if (field->entity == MILL_Q_METRIC)
        mill_buf_printf(out, " %.17g", number);
    else if ((double)integer < number || (double)integer > number)
        mill_buf_printf(out, " %lld..%.17g", (long long)integer, number);
    else
        mill_buf_printf(out, " %lld", (long long)integer);
}

static void dump_compare(struct mill_buf *out, const struct mill_comparison *c)
{
    dump_field(out, &c->field);
    mill_buf_printf(out, " %s", op_names[c->op]);
    for (size_t i = 0; i < c->text_count; i++)
        mill_buf_printf(out, " <%.*s>", MILL_FMT(c->texts[i]));
    if (!c->field.numeric || c->op == MILL_OP_IS_NULL || c->op == MILL_OP_IS_NOT_NULL)
        return;
    dump_number(out, &c->field, c->number, c->integer);
    if (c->op == MILL_OP_BETWEEN)
        dump_number(out, &c->field, c->number2, c->integer2);
}

static void dump_node(struct mill_buf *out, const struct mill_query_node *node)
{
    switch (node->kind) {
    case MILL_NODE_COMPARE:
        dump_compare(out, node->compare);
        return;
    case MILL_NODE_NOT:
        mill_buf_printf(out, "not(");
        dump_node(out, node->left);
        break;
    case MILL_NODE_AND:
    case MILL_NODE_OR:
        mill_buf_printf(out, "%s(", node->kind == MILL_NODE_AND ? "and" : "or");
        dump_node(out, node->left);
        mill_buf_printf(out, "; ");
        dump_node(out, node->right);
        break;
    }
    mill_buf_add_char(out, ')');
}

static void dump_plan(struct mill_buf *out, const struct mill_plan *plan)
{
    mill_buf_printf(out, "=>");
    if (plan->filter != NULL) {
        mill_buf_add_char(out, ' ');
        dump_node(out, plan->filter);
    } else if (plan->order_count == 0) {
        mill_buf_printf(out, " everything");
    }
    for (size_t i = 0; i < plan->order_count; i++) {
        mill_buf_add_char(out, ' ');
        dump_field(out, &plan->order[i].field);
        mill_buf_printf(out, plan->order[i].descending ? " DESC" : " ASC");
    }
}

struct form {
    const char *prefix;
    enum mill_query_subject subject;
    bool order;
};

static const struct form forms[] = {
    {"runs: ", MILL_QUERY_RUNS, false},
    {"experiments: ", MILL_QUERY_EXPERIMENTS, false},
    {"logged models: ", MILL_QUERY_LOGGED_MODELS, false},
    {"order runs: ", MILL_QUERY_RUNS, true},
    {"order experiments: ", MILL_QUERY_EXPERIMENTS, true},
    {"models: ", MILL_QUERY_MODELS, false},
    {"versions: ", MILL_QUERY_MODEL_VERSIONS, false},
    {"order models: ", MILL_QUERY_MODELS, true},
    {"order versions: ", MILL_QUERY_MODEL_VERSIONS, true},
};

/* What becomes of a line; the buffer is left alone when it is no case. */
static void run_case(const char *line, struct mill_buf *out)
{
    for (size_t i = 0; i < MILL_COUNT(forms); i++) {
        struct mill_view text = mill_view_of(line), none = {NULL, 0};
        if (!mill_view_starts(text, mill_view_of(forms[i].prefix)))
            continue;
        text = mill_view_from(text, strlen(forms[i].prefix));
        struct mill_arena arena = {0};
        struct mill_plan plan;
        struct mill_error err;
        bool order = forms[i].order;
        enum mill_status st = mill_query_parse(forms[i].subject, order ? none : text, &text,
                                               order ? 1 : 0, &arena, &plan, &err);
        if (st == MILL_OK)
            dump_plan(out, &plan);
        else
            mill_buf_printf(out, "!! %s", err.message);
        mill_buf_add_char(out, '\0');
        mill_arena_release(&arena);
        return;
    }
}

struct tally {
    unsigned cases, wrong;
};

/* Without the newline; false at the end of the file. */
static bool read_line(FILE *file, char *line, size_t size)
{
    if (fgets(line, (int)size, file) == NULL)
        return false;
    line[strcspn(line, "\n")] = '\0';
    return true;
}

static bool replay(const char *path, bool print, struct tally *tally)
{
    static char line[65536];
    struct mill_buf actual = {0};
    unsigned number = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        return false;
    }
    while (read_line(file, line, sizeof(line))) {
        number++;
        bool expectation = strncmp(line, "=>", 2) == 0 || strncmp(line, "!!", 2) == 0;
        if (print && !expectation)
            puts(line);
        if (!expectation && actual.len > 0) {
            tally->wrong += !print;
            if (!print)
                fprintf(stderr, "%s:%u: no expectation\n", path, number);
        }
        if (expectation && !print && (actual.len == 0 || strcmp(actual.ptr, line) != 0)) {
            fprintf(stderr, "%s:%u: expected %s\n  got      %s\n", path, number, line,
                    actual.len > 0 ? actual.ptr : "(no case)");
            tally->wrong++;
        }
        actual.len = 0;
        if (!expectation) {
            run_case(line, &actual);
            tally->cases += actual.len > 0;
            if (print && actual.len > 0) {
                puts(actual.ptr);
                actual.len = 0;
            }
        }
    }
    if (actual.len > 0)
        tally->wrong++;
    mill_buf_release(&actual);
    fclose(file);
    return true;
}

int main(int argc, char **argv)
{
    struct tally tally = {0, 0};
    bool print = argc > 1 && strcmp(argv[1], "--print") == 0;
    for (int i = print ? 2 : 1; i < argc; i++)
        if (!replay(argv[i], print, &tally))
            return 1;
    if (!print)
        printf("%u cases, %u wrong\n", tally.cases, tally.wrong);
    return tally.wrong == 0 && tally.cases > 0 ? 0 : 1;
}
