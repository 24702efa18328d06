/* legacy_experiments.c - the rows of the legacy matrix that are about experiments. */
#include <stdio.h>
#include <string.h>

#include "legacy.h"

/* Where an experiment is in a list; -1: it is not. */
static long place_in(const struct mill_experiment_list *list, int64_t id)
{
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i]->experiment_id == id)
            return (long)i;
    return -1;
}

static enum mill_lifecycle stage_of(struct legacy *l, int64_t id)
{
    struct mill_experiment_list *list = NULL;
    if (mill_client_get_experiment(l->client, id, &list, &l->err) != MILL_OK)
        return 0;
    enum mill_lifecycle stage = list->items[0]->lifecycle_stage;
    mill_experiment_list_free(list);
    return stage;
}

static size_t active_runs(struct legacy *l, int64_t experiment_id)
{
    struct mill_run_list *list = NULL;
    if (mill_client_list_run_infos(l->client, experiment_id, 0, &list, &l->err) != MILL_OK)
        return 999;
    size_t count = list->count;
    mill_run_list_free(list);
    return count;
}

static void create_experiment(struct legacy *l)
{
    struct mill_experiment_list *list = NULL;
    struct mill_view name = new_name(l, "first");
    int64_t id = -1, other = -1;
    char end[40];
    MUST(mill_client_create_experiment(l->client, name, absent(), NULL, 0, &id, &l->err));
    CASE("gives an id", id >= 0);
    MUST(mill_client_get_experiment(l->client, id, &list, &l->err));
    const struct mill_experiment *e = list->items[0];
    snprintf(end, sizeof(end), "/%lld", (long long)id);
    size_t n = strlen(end);
    CASE("the store picks a location",
         e->artifact_location.len > n &&
             memcmp(e->artifact_location.ptr + e->artifact_location.len - n, end, n) == 0);
    mill_experiment_list_free(list);
    GIVES("the name is unique",
          mill_client_create_experiment(l->client, name, absent(), NULL, 0, &other, &l->err),
          MILL_E_EXISTS);
    MUST(mill_client_delete_experiment(l->client, id, &l->err));
    GIVES("also among deleted ones",
          mill_client_create_experiment(l->client, name, absent(), NULL, 0, &other, &l->err),
          MILL_E_EXISTS);
    CASE("a refused one leaves the id alone", other == -1);
    GIVES("a name is needed",
          mill_client_create_experiment(l->client, mill_text(""), absent(), NULL, 0, &other,
                                        &l->err),
          MILL_E_INVALID);
    bool workspace = l->name_prefix[0] != '\0';
    char place[100];
    snprintf(place, sizeof(place), "%s%s/elsewhere", workspace ? "dbfs:" : "", l->home);
    MUST(mill_client_create_experiment(l->client, new_name(l, "placed"), mill_text(place), NULL,
                                       0, &id, &l->err));
    MUST(mill_client_get_experiment(l->client, id, &list, &l->err));
    struct mill_view location = list->items[0]->artifact_location;
    CASE("a location is kept", location.len >= strlen("/elsewhere") &&
                                   memcmp(location.ptr + location.len - strlen("/elsewhere"),
                                          "/elsewhere", strlen("/elsewhere")) == 0);
    mill_experiment_list_free(list);
}

static void get_experiment(struct legacy *l)
{
    struct mill_experiment_list *list = NULL;
    struct mill_view name = new_name(l, "one");
    int64_t id = -1, began = now_ms();
    MUST(mill_client_create_experiment(l->client, name, absent(), NULL, 0, &id, &l->err));
    MUST(mill_client_get_experiment(l->client, id, &list, &l->err));
    const struct mill_experiment *e = list->items[0];
    CASE("id and name", e->experiment_id == id && view_is(e->name, name.ptr));
    CASE("it is active", e->lifecycle_stage == MILL_ACTIVE);
    CASE("times in milliseconds", e->creation_time >= began && e->creation_time <= now_ms() &&
                                      e->last_update_time >= e->creation_time);
    mill_experiment_list_free(list);
    MUST(mill_client_delete_experiment(l->client, id, &l->err));
    CASE("deleted ones too", stage_of(l, id) == MILL_DELETED);
    GIVES("unknown id", mill_client_get_experiment(l->client, NO_EXPERIMENT, &list, &l->err),
          MILL_E_NOT_FOUND);
}

static void get_experiment_by_name(struct legacy *l)
{
    struct mill_experiment_list *list = NULL;
    struct mill_view name = new_name(l, "named \xc3\xa4");
    int64_t id = -1;
    MUST(mill_client_create_experiment(l->client, name, absent(), NULL, 0, &id, &l->err));
    MUST(mill_client_get_experiment_by_name(l->client, name, &list, &l->err));
    CASE("by its exact name", list->count == 1 && list->items[0]->experiment_id == id);
    mill_experiment_list_free(list);
    MUST(mill_client_delete_experiment(l->client, id, &l->err));
    MUST(mill_client_get_experiment_by_name(l->client, name, &list, &l->err));
    CASE("deleted ones too", list->items[0]->lifecycle_stage == MILL_DELETED);
    mill_experiment_list_free(list);
    GIVES("unknown name",
          mill_client_get_experiment_by_name(l->client, new_name(l, "none"), &list, &l->err),
          MILL_E_NOT_FOUND);
}

static void list_experiments(struct legacy *l)
{
    struct mill_experiment_list *list = NULL;
    int64_t older, newer, gone;
    MUST(new_experiment(l, "older", &older));
    wait_a_moment();
    MUST(new_experiment(l, "newer", &newer));
    MUST(new_experiment(l, "gone", &gone));
    MUST(mill_client_delete_experiment(l->client, gone, &l->err));
    MUST(mill_client_list_experiments(l->client, 0, &list, &l->err));
    CASE("active ones by default",
         place_in(list, older) >= 0 && place_in(list, newer) >= 0 && place_in(list, gone) < 0);
    CASE("newest first", place_in(list, newer) < place_in(list, older));
    mill_experiment_list_free(list);
    MUST(mill_client_list_experiments(l->client, MILL_VIEW_DELETED_ONLY, &list, &l->err));
    CASE("deleted ones only", place_in(list, gone) >= 0 && place_in(list, older) < 0);
    mill_experiment_list_free(list);
    MUST(mill_client_list_experiments(l->client, MILL_VIEW_ALL, &list, &l->err));
    CASE("all", place_in(list, gone) >= 0 && place_in(list, older) >= 0);
    CASE("of all pages", list->next_page_token.ptr == NULL);
    mill_experiment_list_free(list);
}

static void rename_experiment(struct legacy *l)
{
    struct mill_experiment_list *list = NULL;
    struct mill_view taken = new_name(l, "taken"), better = new_name(l, "better");
    int64_t id, other;
    MUST(new_experiment(l, "worse", &id));
    MUST(mill_client_create_experiment(l->client, taken, absent(), NULL, 0, &other, &l->err));
    MUST(mill_client_rename_experiment(l->client, id, better, &l->err));
    MUST(mill_client_get_experiment(l->client, id, &list, &l->err));
    CASE("has the new name", view_is(list->items[0]->name, better.ptr));
    mill_experiment_list_free(list);
    GIVES_EITHER("the new name must be unique",
                 mill_client_rename_experiment(l->client, id, taken, &l->err), MILL_E_EXISTS,
                 MILL_E_BAD_REQUEST);
    MUST(mill_client_delete_experiment(l->client, id, &l->err));
    GIVES_EITHER("not of a deleted one",
                 mill_client_rename_experiment(l->client, id, new_name(l, "late"), &l->err),
                 MILL_E_INVALID, MILL_E_BAD_REQUEST);
    GIVES("unknown id",
          mill_client_rename_experiment(l->client, NO_EXPERIMENT, new_name(l, "x"), &l->err),
          MILL_E_NOT_FOUND);
}

static void delete_experiment(struct legacy *l)
{
    int64_t id;
    char run[64];
    MUST(new_experiment(l, "doomed", &id));
    MUST(new_run(l, id, run));
    MUST(mill_client_delete_experiment(l->client, id, &l->err));
    CASE("it is still there, deleted", stage_of(l, id) == MILL_DELETED);
    CASE("its runs go along", active_runs(l, id) == 0);
    GIVES("deleted already", mill_client_delete_experiment(l->client, id, &l->err),
          MILL_E_NOT_FOUND);
    GIVES("unknown id", mill_client_delete_experiment(l->client, NO_EXPERIMENT, &l->err),
          MILL_E_NOT_FOUND);
}

static void restore_experiment(struct legacy *l)
{
    int64_t id;
    char run[64];
    MUST(new_experiment(l, "back", &id));
    MUST(new_run(l, id, run));
    MUST(mill_client_delete_experiment(l->client, id, &l->err));
    MUST(mill_client_restore_experiment(l->client, id, &l->err));
    CASE("it is active again", stage_of(l, id) == MILL_ACTIVE);
    CASE("its runs too", active_runs(l, id) == 1);
    GIVES("unknown id", mill_client_restore_experiment(l->client, NO_EXPERIMENT, &l->err),
          MILL_E_NOT_FOUND);
}

const struct row legacy_experiment_rows[] = {
    {"create_experiment", create_experiment},
    {"get_experiment", get_experiment},
    {"get_experiment_by_name", get_experiment_by_name},
    {"list_experiments", list_experiments},
    {"rename_experiment", rename_experiment},
    {"delete_experiment", delete_experiment},
    {"restore_experiment", restore_experiment},
    {NULL, NULL},
};
