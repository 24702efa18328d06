/* found.c - fetches runs page by page. */
#include "cli/found.h"

#include "cli/answer.h"
#include "cli/put.h"

void mill_found_release(struct mill_found *found)
{
    for (size_t i = 0; i < found->page_count; i++)
        mill_run_list_free(found->pages[i]);
}

void mill_found_print_json(struct mill_buf *out, const struct mill_found *found)
{
    mill_put_open(out, NULL, '{');
    mill_answer_runs(out, found->runs, found->count);
    mill_answer_text(out, "next_page_token", found->next_page_token);
    mill_put_end(out);
}

/* Runs in pages of this size: a page is one answer. */
#define PAGE 1000

static enum mill_status fetch(struct mill_cli *cli, struct mill_run_query *query, int64_t most,
                              struct mill_found *found, struct mill_error *err)
{
    size_t max_pages = (size_t)((most + PAGE - 1) / PAGE);
    enum mill_status st = MILL_OK;
    found->pages = mill_arena_zero(&cli->arena, max_pages, sizeof(struct mill_run_list *));
    found->runs = mill_arena_zero(&cli->arena, (size_t)most, sizeof(struct mill_run *));
    if (found->pages == NULL || found->runs == NULL)
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    do {
        struct mill_run_list *page = NULL;
        int64_t left = most - (int64_t)found->count;
        query->max_results = left < PAGE ? left : PAGE;
        st = mill_client_search_runs(cli->client, query, &page, err);
        if (st != MILL_OK)
            return st;
        found->pages[found->page_count++] = page;
        for (size_t i = 0; i < page->count && (int64_t)found->count < most; i++)
            found->runs[found->count++] = page->items[i];
        query->page_token = page->next_page_token;
        found->next_page_token = page->next_page_token;
    } while (found->next_page_token.ptr != NULL && (int64_t)found->count < most &&
             found->page_count < max_pages);
    return MILL_OK;
}

enum mill_status mill_found_fetch(struct mill_cli *cli, struct mill_run_query *query,
                                  int64_t most, struct mill_found *found,
                                  struct mill_error *err)
{
    enum mill_status st = mill_cli_experiment_id(cli, mill_arg(&cli->args, "experiment-id"),
                                                 &found->experiment_id, err);
    if (st != MILL_OK)
        return st;
    query->size = sizeof(*query);
    query->experiment_ids = &found->experiment_id;
    query->experiment_count = 1;
    return fetch(cli, query, most, found, err);
}
