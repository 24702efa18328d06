/* delivery_run.c - finds or makes the run that a spool is of.
 *
 * Our server takes the id that the logger has chosen. One that chooses ids itself gets the
 * logger's id as a tag, by which the run is found again, so that it is never made twice; the
 * pair of ids is then noted in the spool. Between looking for the tag and making the run no
 * other delivery of the spool may do the same: whoever locks BASE.making has the turn. */
#include "logger/delivery_run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/view.h"
#include "client/client.h"

/* --- the note --------------------------------------------------------------------------- */

/* The path of the note; false when it would be too long. */
static bool note_path(const struct mill_delivery *d, char out[PATH_MAX])
{
    const char *slash = strrchr(d->base, '/');
    int len = snprintf(out, PATH_MAX, "%.*s/remote", (int)(slash - d->base), d->base);
    return len > 0 && len < PATH_MAX;
}

/* The id that was noted for this tracking URI; remote_id stays absent when there is none. */
static enum mill_status read_note(struct mill_delivery *d, struct mill_error *err)
{
    char path[PATH_MAX];
    struct mill_view text, uri;
    if (!note_path(d, path))
        return MILL_OK;
    enum mill_status st = mill_spool_read_small(path, &d->arena, &text, err);
    if (st != MILL_OK || text.ptr == NULL)
        return st;
    struct mill_view id = mill_view_trim(mill_view_cut(text, '\n', &uri));
    if (id.len > 0 && mill_view_eq(uri, mill_client_uri(d->client)))
        d->remote_id = id;
    return MILL_OK;
}

static enum mill_status write_note(struct mill_delivery *d, struct mill_error *err)
{
    char path[PATH_MAX];
    struct mill_view text =
        mill_arena_printf(&d->arena, "%.*s\n%.*s\n", MILL_FMT(mill_client_uri(d->client)),
                          MILL_FMT(d->remote_id));
    if (text.ptr == NULL)
        return mill_no_memory(err);
    if (!note_path(d, path))
        return MILL_OK;
    struct mill_error reason = {""};
    enum mill_status st = mill_spool_write_small(path, text, &reason);
    if (st == MILL_OK || st == MILL_E_NOT_FOUND) /* another delivery has removed the spool */
        return MILL_OK;
    return mill_fail(err, st, "%s", reason.message);
}

/* --- the turn ---------------------------------------------------------------------------- */

/* Takes the turn to make the run, which ends with the descriptor or the process; MILL_E_BUSY
 * while another delivery has it. Where a file system has no locks, everybody has the turn. */
static enum mill_status take_turn(const char *path, int *fd_out, struct mill_error *err)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0)
        return mill_spool_failed(path, "write", err);
    if (fcntl(fd, F_SETLK, &whole) != 0 && (errno == EAGAIN || errno == EACCES)) {
        close(fd);
        return mill_fail(err, MILL_E_BUSY, "another delivery is making the run just now");
    }
    *fd_out = fd;
    return MILL_OK;
}

/* --- the experiment ---------------------------------------------------------------------- */

static enum mill_status look_up_experiment(struct mill_client *client, struct mill_view name,
                                           int64_t *id_out, struct mill_error *err)
{
    struct mill_experiment_list *list = NULL;
    enum mill_status st = mill_client_get_experiment_by_name(client, name, &list, err);
    if (st == MILL_OK)
        *id_out = list->items[0]->experiment_id;
    mill_experiment_list_free(list);
    return st;
}

enum mill_status mill_delivery_find_experiment(struct mill_client *client,
                                               struct mill_view name, int64_t *id_out,
                                               struct mill_error *err)
{
    struct mill_view nowhere = {NULL, 0};
    enum mill_status st = look_up_experiment(client, name, id_out, err);
    if (st == MILL_E_NOT_FOUND)
        st = mill_client_create_experiment(client, name, nowhere, NULL, 0, id_out, err);
    return st == MILL_E_EXISTS ? look_up_experiment(client, name, id_out, err) : st;
}

/* --- the run ----------------------------------------------------------------------------- */

static enum mill_status keep_id(struct mill_delivery *d, struct mill_run_list *list,
                                struct mill_error *err)
{
    d->remote_id = mill_arena_copy(&d->arena, list->items[0]->info.run_id);
    mill_run_list_free(list);
    return d->remote_id.ptr != NULL ? MILL_OK : mill_no_memory(err);
}

/* By its id, where the server has taken that. */
static enum mill_status find_by_id(struct mill_delivery *d, struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    enum mill_status st = mill_client_get_run(d->client, d->open.run_id, &list, err);
    return st == MILL_OK ? keep_id(d, list, err) : st;
}

/* By its tag; MILL_E_NOT_FOUND when no run of the experiment has it. */
static enum mill_status find_by_tag(struct mill_delivery *d, int64_t experiment_id,
                                    struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    struct mill_run_query query = {.size = sizeof(query),
                                   .experiment_ids = &experiment_id,
                                   .experiment_count = 1,
                                   .view_type = MILL_VIEW_ALL,
                                   .max_results = 1};
    query.filter = mill_arena_printf(&d->arena, "tags.`" MILL_RUN_ID_TAG "` = '%.*s'",
                                     MILL_FMT(d->open.run_id));
    if (query.filter.ptr == NULL)
        return mill_no_memory(err);
    enum mill_status st = mill_client_search_runs(d->client, &query, &list, err);
    if (st != MILL_OK)
        return st;
    if (list->count > 0)
        return keep_id(d, list, err);
    mill_run_list_free(list);
    return mill_fail(err, MILL_E_NOT_FOUND, "there is no run %.*s yet",
                     MILL_FMT(d->open.run_id));
}

static enum mill_status make_run(struct mill_delivery *d, int64_t experiment_id,
                                 struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    struct mill_new_run run = {.size = sizeof(run),
                               .experiment_id = experiment_id,
                               .run_name = d->open.run_name,
                               .user_id = d->open.user_id,
                               .start_time = d->open.start_time,
                               .run_id = d->open.run_id};
    struct mill_tag *tags = mill_arena_zero(&d->arena, d->open.tag_count + 1, sizeof(*tags));
    if (tags == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < d->open.tag_count; i++)
        tags[i] = d->open.tags[i];
    tags[d->open.tag_count] = (struct mill_tag){MILL_VIEW(MILL_RUN_ID_TAG), d->open.run_id};
    run.tags = tags;
    run.tag_count = d->open.tag_count + 1;
    enum mill_status st = mill_client_create_run(d->client, &run, &list, err);
    if (st == MILL_E_EXISTS) /* another delivery was quicker */
        return find_by_id(d, err);
    return st == MILL_OK ? keep_id(d, list, err) : st;
}

/* Makes the run where it is not there by now. */
static enum mill_status find_by_tag_or_make(struct mill_delivery *d, int64_t experiment_id,
                                            struct mill_error *err)
{
    char path[PATH_MAX];
    int turn = -1;
    enum mill_status st = find_by_tag(d, experiment_id, err);
    if (st != MILL_E_NOT_FOUND || d->open.join)
        return st;
    if (snprintf(path, sizeof(path), "%s.making", d->base) >= (int)sizeof(path))
        return mill_fail(err, MILL_E_IO, "the path of the spool %s is too long", d->base);
    st = take_turn(path, &turn, err);
    if (st != MILL_OK)
        return st;
    st = find_by_tag(d, experiment_id, err); /* made between the look and the turn */
    if (st == MILL_E_NOT_FOUND)
        st = make_run(d, experiment_id, err);
    unlink(path);
    close(turn);
    return st;
}

static enum mill_status find_or_make(struct mill_delivery *d, struct mill_error *err)
{
    int64_t experiment_id = d->open.experiment_id != MILL_ABSENT ? d->open.experiment_id : 0;
    enum mill_status st = find_by_id(d, err);
    if (st != MILL_E_NOT_FOUND && st != MILL_E_INVALID)
        return st;
    st = d->open.experiment_name.len > 0
             ? mill_delivery_find_experiment(d->client, d->open.experiment_name, &experiment_id,
                                             err)
             : MILL_OK;
    if (st == MILL_OK)
        st = find_by_tag_or_make(d, experiment_id, err);
    if (st == MILL_OK && !mill_view_eq(d->remote_id, d->open.run_id))
        st = write_note(d, err);
    return st;
}

/* --- going on ---------------------------------------------------------------------------- */

/* Sets a run RUNNING that had ended before the logger was opened to continue it, unless that is
 * to stay. One that ended since was ended by another process of the same job, or by this
 * spool's own end. */
static enum mill_status join(struct mill_delivery *d, struct mill_error *err)
{
    struct mill_run_list *list = NULL;
    struct mill_run_update update = {.size = sizeof(update), .status = MILL_RUN_RUNNING};
    enum mill_status st = mill_client_get_run(d->client, d->remote_id, &list, err);
    if (st == MILL_OK) {
        const struct mill_run_info *info = &list->items[0]->info;
        d->over = mill_delivery_has_ended(info, INT64_MIN);
        if (info->lifecycle_stage == MILL_ACTIVE && d->over && !d->open.keep_status &&
            !mill_delivery_has_ended(info, d->open.created_ms)) {
            st = mill_client_update_run(d->client, d->remote_id, &update, err);
            d->over = false;
        }
    }
    mill_run_list_free(list);
    return st;
}

enum mill_status mill_delivery_connect(struct mill_delivery *d, struct mill_error *err)
{
    struct mill_client_options options = {
        .size = sizeof(options), .create = true, .no_retries = true};
    return d->client == NULL ? mill_client_open(d->tracking_uri, &options, &d->client, err)
                             : MILL_OK;
}

enum mill_status mill_delivery_find_run(struct mill_delivery *d, struct mill_error *err)
{
    enum mill_status st = MILL_OK;
    if (d->found)
        return MILL_OK;
    st = mill_delivery_connect(d, err);
    if (st == MILL_OK && d->remote_id.ptr == NULL)
        st = read_note(d, err);
    if (st == MILL_OK && d->remote_id.ptr == NULL)
        st = find_or_make(d, err);
    if (st == MILL_OK && d->open.join)
        st = join(d, err);
    d->found = st == MILL_OK;
    return st;
}
