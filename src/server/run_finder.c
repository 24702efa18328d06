/* run_finder.c - see run_finder.h. */
#include "server/run_finder.h"

#include "base/alloc.h"
#include "base/view.h"
#include "model/limits.h"
#include "server/handlers.h"
#include "store/row.h"

/* Experiments that one such request looks at. */
#define MAX_EXPERIMENTS 1000

/* --- fields of groups --------------------------------------------------------------------- */

/* Attributes that runs may be grouped by: those whose text says something. */
static bool groups_by(const struct mill_query_field *field)
{
    switch (field->entity) {
    case MILL_Q_PARAM:
    case MILL_Q_TAG:
        return true;
    case MILL_Q_ATTRIBUTE:
        return field->attribute == MILL_QA_STATUS || field->attribute == MILL_QA_USER_ID ||
               field->attribute == MILL_QA_RUN_NAME ||
               field->attribute == MILL_QA_EXPERIMENT_ID;
    case MILL_Q_METRIC:
    case MILL_Q_DATASET:
        break;
    }
    return false;
}

/* The id of its experiment is no field of a run in filters, but it tells runs apart here. */
static enum mill_status find_field(const char *list, size_t index, struct mill_view text,
                                   struct mill_query_field *out, struct mill_error *err)
{
    *out = (struct mill_query_field){
        .entity = MILL_Q_ATTRIBUTE, .attribute = MILL_QA_EXPERIMENT_ID, .numeric = true};
    if (mill_view_eq(text, MILL_VIEW("experiment_id")))
        return MILL_OK;
    struct mill_error why;
    enum mill_status st = mill_query_fields(MILL_QUERY_RUNS, list, &text, 1, out, &why);
    if (st == MILL_OK && groups_by(out))
        return MILL_OK;
    text = mill_utf8_prefix(text, 100);
    return mill_fail(err, MILL_E_INVALID,
                     "%s[%zu]: must be params.KEY, tags.KEY, status, user_id, experiment_id or "
                     "run_name, got %.*s",
                     list, index, MILL_FMT(text));
}

enum mill_status mill_run_finder_fields(const char *list, const struct mill_view *texts,
                                        size_t count, struct mill_query_field *fields,
                                        struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    if (count > MILL_MAX_GROUP_FIELDS)
        return mill_fail(err, MILL_E_INVALID, "%s: has %zu items; at most %d are allowed", list,
                         count, MILL_MAX_GROUP_FIELDS);
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = find_field(list, i, texts[i], &fields[i], err);
    return st;
}

struct mill_view mill_run_field_text(const struct mill_run *run,
                                     const struct mill_query_field *field,
                                     struct mill_arena *arena)
{
    const struct mill_view none = {NULL, 0};
    if (field->entity == MILL_Q_PARAM) {
        const struct mill_param *param = mill_run_param(run, field->key);
        return param != NULL ? param->value : none;
    }
    if (field->entity == MILL_Q_TAG) {
        const struct mill_tag *tag = mill_run_tag(run, field->key);
        return tag != NULL ? tag->value : none;
    }
    if (field->attribute == MILL_QA_STATUS)
        return mill_view_of(mill_run_status_name(run->info.status));
    if (field->attribute == MILL_QA_USER_ID)
        return run->info.user_id;
    if (field->attribute == MILL_QA_RUN_NAME)
        return run->info.run_name;
    return mill_arena_printf(arena, "%lld", (long long)run->info.experiment_id);
}

/* --- plans -------------------------------------------------------------------------------- */

enum mill_status mill_plan_narrow(struct mill_plan *plan,
                                  const struct mill_comparison *comparisons, size_t count,
                                  struct mill_arena *arena, struct mill_error *err)
{
    size_t before = plan->comparison_count;
    const struct mill_comparison **all =
        mill_arena_zero(arena, before + count, sizeof(struct mill_comparison *));
    struct mill_query_node *nodes = mill_arena_zero(arena, 2 * count, sizeof(*nodes));
    if (all == NULL || nodes == NULL)
        return mill_no_memory(err);
    if (before > 0)
        memcpy(all, plan->comparisons, before * sizeof(struct mill_comparison *));
    for (size_t i = 0; i < count; i++) {
        struct mill_query_node *leaf = nodes++;
        *leaf = (struct mill_query_node){.kind = MILL_NODE_COMPARE, .compare = &comparisons[i]};
        all[before + i] = &comparisons[i];
        if (plan->filter == NULL) {
            plan->filter = leaf;
            continue;
        }
        *nodes = (struct mill_query_node){
            .kind = MILL_NODE_AND, .left = plan->filter, .right = leaf};
        plan->filter = nodes++;
    }
    plan->comparisons = all;
    plan->comparison_count = before + count;
    return MILL_OK;
}

static enum mill_status member_of(const struct mill_group_item *item, size_t index,
                                  struct mill_comparison *out, struct mill_error *err)
{
    enum mill_status st = find_field("group", index, item->field, &out->field, err);
    if (st != MILL_OK)
        return st;
    if (item->value.ptr == NULL) {
        out->op = MILL_OP_IS_NULL;
        return MILL_OK;
    }
    out->op = MILL_OP_EQ;
    out->texts = &item->value;
    out->text_count = 1;
    if (!out->field.numeric)
        return MILL_OK;
    if (!mill_view_int(item->value, &out->integer))
        return mill_fail(err, MILL_E_INVALID, "group[%zu].value: must be an id, got %.*s",
                         index, MILL_FMT(mill_utf8_prefix(item->value, 100)));
    out->number = (double)out->integer;
    return MILL_OK;
}

static enum mill_status narrow_to_group(struct mill_call *call,
                                        const struct mill_run_choice *choice,
                                        struct mill_plan *plan, struct mill_error *err)
{
    size_t count = choice->group_count;
    enum mill_status st = MILL_OK;
    struct mill_comparison *comparisons =
        mill_arena_zero(call->arena, count, sizeof(*comparisons));
    if (comparisons == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < count; i++)
        st = member_of(&choice->group[i], i, &comparisons[i], err);
    return st == MILL_OK ? mill_plan_narrow(plan, comparisons, count, call->arena, err) : st;
}

/* --- queries ------------------------------------------------------------------------------ */

static bool has_wanted_name(void *context, const struct mill_run_info *info)
{
    return mill_name_match_is(context, info->run_name);
}

static enum mill_status want_names(struct mill_run_finder *finder, struct mill_view regex,
                                   struct mill_error *err)
{
    if (mill_view_empty(regex))
        return MILL_OK;
    enum mill_status st = mill_name_match_new("name_regex", regex, &finder->name, err);
    finder->search.wanted = has_wanted_name;
    finder->search.wanted_context = finder->name;
    return st;
}

enum mill_status mill_run_finder_init(struct mill_call *call,
                                      const struct mill_run_choice *choice,
                                      const struct mill_view *order_by, size_t order_by_count,
                                      struct mill_run_finder *out, struct mill_error *err)
{
    *out = (struct mill_run_finder){0};
    if (choice == NULL || choice->experiment_ids_count == 0)
        return mill_fail(err, MILL_E_INVALID, "experiment_ids: missing; send 1 to %d ids",
                         MAX_EXPERIMENTS);
    if (choice->experiment_ids_count > MAX_EXPERIMENTS)
        return mill_fail(err, MILL_E_INVALID,
                         "experiment_ids: has %zu items; at most %d are allowed",
                         choice->experiment_ids_count, MAX_EXPERIMENTS);
    enum mill_status st = mill_query_parse(MILL_QUERY_RUNS, choice->filter, order_by,
                                           order_by_count, call->arena, &out->plan, err);
    if (st == MILL_OK && choice->group_count > 0)
        st = narrow_to_group(call, choice, &out->plan, err);
    if (st == MILL_OK)
        st = want_names(out, choice->name_regex, err);
    out->search.experiment_ids = choice->experiment_ids;
    out->search.experiment_count = choice->experiment_ids_count;
    out->search.view_type = (enum mill_view_type)choice->run_view_type;
    return st;
}

void mill_run_finder_release(struct mill_run_finder *finder)
{
    mill_name_match_free(finder->name);
    finder->name = NULL;
}

enum mill_status mill_run_finder_page(struct mill_call *call, struct mill_run_finder *finder,
                                      struct mill_error *err)
{
    finder->search.plan = &finder->plan;
    enum mill_status st =
        mill_store_search_runs(call->store, &finder->search, &call->page, err);
    if (st == MILL_OK && finder->name != NULL)
        st = mill_name_match_check(finder->name, err);
    return st;
}

enum mill_status mill_run_finder_all(struct mill_call *call, struct mill_run_finder *finder,
                                     struct mill_error *err)
{
    finder->search.bulk = true;
    finder->search.lean = true;
    finder->search.unordered = true;
    finder->search.offset = 0;
    finder->search.limit = MILL_MAX_BULK_RUNS;
    return mill_run_finder_page(call, finder, err);
}
