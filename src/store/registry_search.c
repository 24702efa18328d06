/* registry_search.c - searches of registered models and their versions: keep what matches, sort
 * only the page that is asked for. */
#include <assert.h>

#include "base/alloc.h"
#include "model/registry.h"
#include "store/registry.h"
#include "store/window.h"

/* What is being searched: a model, or a version with its model's slot. */
struct subject {
    const struct mill_registered_model *model;
    const struct mill_model_version *version;
};

struct search {
    const struct mill_plan *plan;
    bool prompts; /* whether prompts are wanted */
    struct mill_found *found;
    size_t count, cap;
};

/* --- prompts --- */

static bool is_prompt_tag(const struct mill_query_field *field)
{
    return field->entity == MILL_Q_TAG && mill_view_eq(field->key, MILL_VIEW(MILL_PROMPT_TAG));
}

static bool wants_prompts(const struct mill_plan *plan)
{
    for (size_t i = 0; i < plan->comparison_count; i++) {
        const struct mill_comparison *c = plan->comparisons[i];
        if (!is_prompt_tag(&c->field))
            continue;
        return (c->op == MILL_OP_EQ && mill_view_eq_nocase(c->texts[0], MILL_VIEW("true"))) ||
               (c->op == MILL_OP_NE && mill_view_eq_nocase(c->texts[0], MILL_VIEW("false")));
    }
    return false;
}

static bool model_is_prompt(const struct mill_registered_model *model)
{
    const struct mill_tag *tag =
        mill_sorted_tag(model->tags, model->tag_count, MILL_VIEW(MILL_PROMPT_TAG));
    return tag != NULL && mill_view_eq(tag->value, MILL_VIEW("true"));
}

/* --- values --- */

static struct mill_view tag_text(const struct mill_tag *tags, size_t count,
                                 struct mill_view key)
{
    const struct mill_tag *tag = mill_sorted_tag(tags, count, key);
    return tag != NULL ? tag->value : (struct mill_view){NULL, 0};
}

/* The text of a field that is not numeric; ptr NULL when there is none. */
static struct mill_view text_of(const struct subject *s, const struct mill_query_field *field)
{
    const struct mill_model_version *v = s->version;
    assert(v != NULL || s->model != NULL);
    if (v == NULL)
        return field->entity == MILL_Q_TAG
                   ? tag_text(s->model->tags, s->model->tag_count, field->key)
                   : s->model->name;
    if (field->entity == MILL_Q_TAG)
        return tag_text(v->tags, v->tag_count, field->key);
    if (field->attribute == MILL_QA_RUN_ID)
        return v->run_id;
    return field->attribute == MILL_QA_SOURCE ? v->source : v->name;
}

static int64_t integer_of(const struct subject *s, const struct mill_query_field *field)
{
    const struct mill_model_version *v = s->version;
    assert(v != NULL || s->model != NULL);
    if (v == NULL)
        return s->model->last_updated_timestamp;
    if (field->attribute == MILL_QA_VERSION)
        return v->version;
    return field->attribute == MILL_QA_CREATION_TIME ? v->creation_timestamp
                                                     : v->last_updated_timestamp;
}

/* --- filters --- */

/* Unless prompts are wanted, they are hidden and what is said of their tag does not count. */
static bool compare(const struct search *s, const struct mill_comparison *c,
                    const struct subject *subject)
{
    bool null = c->op == MILL_OP_IS_NULL;
    if (!s->prompts && is_prompt_tag(&c->field))
        return true;
    if (c->field.numeric) /* a number is always there */
        return null || c->op == MILL_OP_IS_NOT_NULL
                   ? !null
                   : mill_query_match_integer(c, integer_of(subject, &c->field));
    struct mill_view text = text_of(subject, &c->field);
    if (null || c->op == MILL_OP_IS_NOT_NULL)
        return (text.ptr == NULL) == null;
    return text.ptr != NULL && mill_query_match_text(c, text);
}

static bool matches(const struct search *s, const struct mill_query_node *node,
                    const struct subject *subject)
{
    switch (node->kind) {
    case MILL_NODE_AND:
        return matches(s, node->left, subject) && matches(s, node->right, subject);
    case MILL_NODE_OR:
        return matches(s, node->left, subject) || matches(s, node->right, subject);
    case MILL_NODE_NOT:
        return !matches(s, node->left, subject);
    case MILL_NODE_COMPARE:
        break;
    }
    return compare(s, node->compare, subject);
}

static bool keep(struct search *s, double key, const void *thing)
{
    if (s->count == s->cap) {
        size_t cap = s->cap != 0 ? s->cap * 2 : 256;
        struct mill_found *found = mill_realloc(s->found, cap * sizeof(*found));
        if (found == NULL)
            return false;
        s->found = found;
        s->cap = cap;
    }
    s->found[s->count++] = (struct mill_found){key, thing};
    return true;
}

/* The part of what was found that makes the page. */
static void cut_page(const struct search *s, const struct mill_model_search *search,
                     size_t *from_out, size_t *to_out)
{
    size_t from = (uint64_t)search->offset < s->count ? (size_t)search->offset : s->count;
    bool whole = s->count - from < (uint64_t)search->limit;
    *from_out = from;
    *to_out = whole ? s->count : from + (size_t)search->limit;
}

static int cmp_integers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

static int by_plan(const struct mill_plan *plan, const struct subject *a,
                   const struct subject *b)
{
    for (size_t k = 0; k < plan->order_count; k++) {
        const struct mill_query_field *field = &plan->order[k].field;
        int order = field->numeric ? cmp_integers(integer_of(a, field), integer_of(b, field))
                                   : mill_view_cmp(text_of(a, field), text_of(b, field));
        if (order != 0)
            return plan->order[k].descending ? -order : order;
    }
    return 0;
}

/* --- models --- */

static int cmp_models(const void *a, const void *b, const void *context)
{
    const struct mill_registry_model *x = a, *y = b;
    const struct subject left = {&x->row->model, NULL}, right = {&y->row->model, NULL};
    int order = by_plan(context, &left, &right);
    return order != 0 ? order : mill_view_cmp(left.model->name, right.model->name);
}

static bool scan_models(struct search *s, const struct mill_registry *registry)
{
    for (size_t i = 0; i < registry->count; i++) {
        const struct mill_registry_model *model = registry->by_name[i];
        const struct subject subject = {&model->row->model, NULL};
        if (!s->prompts && model_is_prompt(subject.model))
            continue;
        if (s->plan->filter != NULL && !matches(s, s->plan->filter, &subject))
            continue;
        if (!keep(s, 0, model))
            return false;
    }
    return true;
}

static bool fill_models(const struct search *s, size_t from, size_t to,
                        struct mill_arena *arena, struct mill_model_page *page)
{
    size_t count = to - from;
    struct mill_registered_model *models = mill_arena_zero(arena, count, sizeof(*models));
    if (models == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!mill_registry_give_model(s->found[from + i].thing, NULL, arena, &models[i]))
            return false;
    page->models = models;
    page->count = count;
    return true;
}

enum mill_status mill_registry_search_models(const struct mill_registry *registry,
                                             const struct mill_model_search *search,
                                             struct mill_arena *arena,
                                             struct mill_model_page *out,
                                             struct mill_error *err)
{
    struct search s = {.plan = search->plan, .prompts = wants_prompts(search->plan)};
    struct mill_model_page page = {0};
    bool fits = scan_models(&s, registry);
    if (fits) {
        size_t from, to;
        cut_page(&s, search, &from, &to);
        if (s.plan->order_count != 0) /* else they are by name already */
            mill_sort_window(s.found, s.count, from, to, cmp_models, s.plan);
        page.more = to < s.count;
        fits = fill_models(&s, from, to, arena, &page);
    }
    mill_free(s.found);
    if (!fits)
        return mill_no_memory(err);
    *out = page;
    return MILL_OK;
}

/* --- versions --- */

/* What a page of versions owns: rows, and the array that the caller sees behind them. */
struct held_versions {
    size_t count;
    struct mill_version_row *rows[];
};

static void release_versions(void *owner)
{
    struct held_versions *held = owner;
    for (size_t i = 0; i < held->count; i++)
        mill_version_row_unref(held->rows[i]);
    mill_free(held);
}

static int cmp_versions(const void *a, const void *b, const void *context)
{
    const struct mill_version_row *x = a, *y = b;
    const struct subject left = {NULL, &x->version}, right = {NULL, &y->version};
    int order = by_plan(context, &left, &right);
    if (order == 0)
        order = mill_view_cmp(left.version->name, right.version->name);
    return order != 0 ? order : cmp_integers(right.version->version, left.version->version);
}

/* A filter that begins with name = '...' and goes on with AND needs to see one model only. */
static const struct mill_comparison *only_name(const struct mill_query_node *node)
{
    if (node == NULL)
        return NULL;
    if (node->kind == MILL_NODE_AND) {
        const struct mill_comparison *found = only_name(node->left);
        return found != NULL ? found : only_name(node->right);
    }
    if (node->kind != MILL_NODE_COMPARE || node->compare->op != MILL_OP_EQ ||
        node->compare->field.attribute != MILL_QA_NAME)
        return NULL;
    return node->compare;
}

/* The number that decides a version's place wherever it differs. Models come in the order of
 * their names, so that place stands for the name. */
static double version_key(const struct mill_plan *plan, const struct mill_version_slot *slot,
                          size_t place)
{
    double key = (double)place;
    if (plan->order_count == 0)
        return -(double)slot->last_updated;
    if (plan->order[0].field.attribute == MILL_QA_VERSION)
        key = (double)slot->version;
    else if (plan->order[0].field.attribute == MILL_QA_LAST_UPDATE_TIME)
        key = (double)slot->last_updated;
    else if (plan->order[0].field.attribute == MILL_QA_CREATION_TIME)
        key = (double)slot->row->version.creation_timestamp;
    return plan->order[0].descending ? -key : key;
}

static bool scan_versions_of(struct search *s, const struct mill_registry_model *model,
                             size_t place)
{
    if (!s->prompts && model->prompt_versions != 0)
        return true;
    for (size_t i = 0; i < model->count; i++) {
        const struct mill_version_slot *slot = &model->versions[i];
        const struct subject subject = {NULL, &slot->row->version};
        if (s->plan->filter != NULL && !matches(s, s->plan->filter, &subject))
            continue;
        if (!keep(s, version_key(s->plan, slot, place), slot->row))
            return false;
    }
    return true;
}

static bool scan_versions(struct search *s, const struct mill_registry *registry)
{
    const struct mill_comparison *name = only_name(s->plan->filter);
    if (name != NULL) {
        const struct mill_registry_model *model = mill_registry_find(registry, name->texts[0]);
        return model == NULL || scan_versions_of(s, model, 0);
    }
    for (size_t i = 0; i < registry->count; i++)
        if (!scan_versions_of(s, registry->by_name[i], i))
            return false;
    return true;
}

static bool fill_versions(const struct search *s, size_t from, size_t to,
                          struct mill_version_page *page)
{
    size_t count = to - from;
    struct held_versions *held =
        mill_alloc(sizeof(*held) + count * (sizeof(struct mill_version_row *) +
                                            sizeof(struct mill_model_version *)));
    if (held == NULL)
        return false;
    const struct mill_model_version **versions =
        (const struct mill_model_version **)(void *)(held->rows + count);
    held->count = count;
    for (size_t i = 0; i < count; i++) {
        held->rows[i] = mill_version_row_ref((void *)(uintptr_t)s->found[from + i].thing);
        versions[i] = &held->rows[i]->version;
    }
    page->versions = versions;
    page->count = count;
    page->held = (struct mill_held){held, release_versions};
    return true;
}

enum mill_status mill_registry_search_versions(const struct mill_registry *registry,
                                               const struct mill_model_search *search,
                                               struct mill_version_page *out,
                                               struct mill_error *err)
{
    struct search s = {.plan = search->plan, .prompts = wants_prompts(search->plan)};
    struct mill_version_page page = {0};
    bool fits = scan_versions(&s, registry);
    if (fits) {
        size_t from, to;
        cut_page(&s, search, &from, &to);
        mill_sort_window(s.found, s.count, from, to, cmp_versions, s.plan);
        page.more = to < s.count;
        fits = fill_versions(&s, from, to, &page);
    }
    mill_free(s.found);
    if (!fits)
        return mill_no_memory(err);
    *out = page;
    return MILL_OK;
}
