/* logger_options.c - how a logger is opened: options, environment, defaults; and where spools
 * lie. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <millstream/spool.h>

#include "base/clock.h"
#include "base/view.h"
#include "client/client.h"
#include "logger/logger.h"
#include "model/key.h"
#include "model/limits.h"

#define DEFAULT_FLUSH_MS     50
#define DEFAULT_MEMORY_BYTES ((size_t)16 << 20)
#define LEAST_MEMORY_BYTES   ((size_t)1 << 20)
#define DEFAULT_DISK_BYTES   ((int64_t)4 << 30)
#define DEFAULT_HEARTBEAT_S  30

size_t mill_spool_default(char *buffer, size_t size)
{
    const char *spool = getenv("MILLSTREAM_SPOOL");
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    int len;
    if (spool != NULL && spool[0] != '\0')
        len = snprintf(buffer, size, "%s", spool);
    else if (state != NULL && state[0] == '/')
        len = snprintf(buffer, size, "%s/millstream/spool", state);
    else
        len = snprintf(buffer, size, "%s/.local/state/millstream/spool",
                       home != NULL ? home : "");
    return (size_t)len;
}

static enum mill_status choose_mode(enum mill_logger_mode *mode, struct mill_error *err)
{
    static const char *const names[] = {"online", "offline", "strict"};
    struct mill_view text = mill_view_of(getenv("MILLSTREAM_MODE"));
    if (*mode >= MILL_MODE_ONLINE && *mode <= MILL_MODE_STRICT)
        return MILL_OK;
    if (*mode != 0)
        return mill_fail(err, MILL_E_INVALID,
                         "options.mode is %d; it must be one of enum mill_logger_mode",
                         (int)*mode);
    if (mill_view_empty(text))
        text = MILL_VIEW("online");
    for (size_t i = 0; i < MILL_COUNT(names); i++)
        if (mill_view_eq_nocase(text, mill_view_of(names[i]))) {
            *mode = (enum mill_logger_mode)(MILL_MODE_ONLINE + i);
            return MILL_OK;
        }
    return mill_fail(err, MILL_E_INVALID,
                     "MILLSTREAM_MODE is '%.*s'; it must be online, offline or strict",
                     MILL_FMT(mill_utf8_prefix(text, 40)));
}

static enum mill_status check_numbers(struct mill_logger_options *o, struct mill_error *err)
{
    if (o->flush_interval_ms == 0)
        o->flush_interval_ms = DEFAULT_FLUSH_MS;
    if (o->memory_limit_bytes == 0)
        o->memory_limit_bytes = DEFAULT_MEMORY_BYTES;
    if (o->disk_limit_bytes == 0)
        o->disk_limit_bytes = DEFAULT_DISK_BYTES;
    if (o->heartbeat_interval_s == 0)
        o->heartbeat_interval_s = DEFAULT_HEARTBEAT_S;
    if (o->fsync == 0)
        o->fsync = MILL_FSYNC_NONE;
    if (o->flush_interval_ms < 1 || o->flush_interval_ms > 3600000)
        return mill_fail(err, MILL_E_INVALID,
                         "options.flush_interval_ms is %lld; it must be 1 to 3600000",
                         (long long)o->flush_interval_ms);
    if (o->memory_limit_bytes < LEAST_MEMORY_BYTES)
        return mill_fail(err, MILL_E_INVALID,
                         "options.memory_limit_bytes is %zu; it must be at least %zu",
                         o->memory_limit_bytes, LEAST_MEMORY_BYTES);
    if (o->disk_limit_bytes < 0)
        return mill_fail(err, MILL_E_INVALID,
                         "options.disk_limit_bytes is %lld; it must not be negative",
                         (long long)o->disk_limit_bytes);
    if (o->heartbeat_interval_s > MILL_MAX_HEARTBEAT_S)
        return mill_fail(err, MILL_E_INVALID,
                         "options.heartbeat_interval_s is %lld; it must be at most %d",
                         (long long)o->heartbeat_interval_s, MILL_MAX_HEARTBEAT_S);
    if (o->fsync != MILL_FSYNC_NONE && o->fsync != MILL_FSYNC_FLUSH)
        return mill_fail(err, MILL_E_INVALID,
                         "options.fsync is %d; it must be one of enum mill_logger_fsync",
                         (int)o->fsync);
    return MILL_OK;
}

static struct mill_view keep(struct mill_logger *logger, struct mill_view text, bool *failed)
{
    struct mill_view copy = mill_arena_copy(&logger->arena, text);
    *failed = *failed || (text.ptr != NULL && copy.ptr == NULL);
    return copy;
}

/* A text that snprintf-like functions give. */
static struct mill_view measured(struct mill_logger *logger, size_t (*write)(char *, size_t),
                                 bool *failed)
{
    size_t len = write(NULL, 0);
    char *text = mill_arena_alloc(&logger->arena, len + 1);
    *failed = *failed || text == NULL;
    if (text == NULL)
        return (struct mill_view){NULL, 0};
    size_t now = write(text, len + 1); /* it may have changed in between */
    return (struct mill_view){text, now < len ? now : len};
}

/* A path or URI that means the same wherever the process goes, and whoever delivers. */
static struct mill_view absolute(struct mill_logger *logger, struct mill_view text,
                                 bool *failed)
{
    static const char *const prefixes[] = {"sqlite:///", "file:", ""};
    char directory[PATH_MAX];
    for (size_t i = 0; i < MILL_COUNT(prefixes); i++) {
        struct mill_view prefix = mill_view_of(prefixes[i]);
        if (!mill_view_starts(text, prefix))
            continue;
        struct mill_view path = mill_view_from(text, prefix.len);
        bool is_path = prefix.len > 0 || (memchr(path.ptr, ':', path.len) == NULL &&
                                          !mill_view_eq(path, MILL_VIEW("databricks")));
        if (!is_path || mill_view_starts(path, MILL_VIEW("/")) ||
            getcwd(directory, sizeof(directory)) == NULL)
            return text;
        struct mill_view whole = mill_arena_printf(&logger->arena, "%s%s/%.*s", prefixes[i],
                                                   directory, MILL_FMT(path));
        *failed = *failed || whole.ptr == NULL;
        return whole;
    }
    return text;
}

/* What the run is made from, with everything completed that can be known here: a run that is
 * made days later is the same. */
static enum mill_status describe_run(struct mill_logger *logger, struct mill_error *err)
{
    const struct mill_logger_options *o = &logger->options;
    struct mill_spool_open *open = &logger->open;
    char id[33];
    bool failed = false;
    struct mill_tag *tags = mill_arena_zero(&logger->arena, o->tag_count + 1, sizeof(*tags));
    if (tags == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < o->tag_count; i++) {
        tags[i].key = keep(logger, o->tags[i].key, &failed);
        tags[i].value = keep(logger, o->tags[i].value, &failed);
    }
    mill_timed_hex32(mill_now_ms(), id);
    *open = (struct mill_spool_open){
        .run_id = keep(logger, o->run_id.len > 0 ? o->run_id : mill_view_of(id), &failed),
        .join = o->run_id.len > 0,
        .keep_status = o->keep_status,
        .experiment_name = keep(logger, o->experiment_name, &failed),
        .experiment_id = o->experiment_id,
        .run_name = keep(logger, o->run_name, &failed),
        .user_id = o->user_id.ptr != NULL ? keep(logger, o->user_id, &failed)
                                          : mill_current_user(&logger->arena),
        .start_time = o->start_time != 0 ? o->start_time : mill_now_ms(),
        .created_ms = mill_now_ms(),
        .tags = tags,
        .tag_count = o->tag_count,
        .tracking_uri = o->tracking_uri.len > 0 ? keep(logger, o->tracking_uri, &failed)
                                                : measured(logger, mill_tracking_uri, &failed),
    };
    logger->spool = o->spool.len > 0 ? keep(logger, o->spool, &failed)
                                     : measured(logger, mill_spool_default, &failed);
    if (!failed) {
        logger->spool = absolute(logger, logger->spool, &failed);
        open->tracking_uri = absolute(logger, open->tracking_uri, &failed);
    }
    return failed ? mill_no_memory(err) : MILL_OK;
}

/* Everything that a server would refuse is refused here, while the program can be told. */
static enum mill_status check_run(struct mill_logger *logger, struct mill_error *err)
{
    struct mill_spool_open *open = &logger->open;
    struct mill_change change = {
        .kind = MILL_CHANGE_CREATE_RUN,
        .as.create_run = {.run_id = open->run_id,
                          .experiment_id = open->experiment_id,
                          .run_name = open->run_name,
                          .user_id = open->user_id,
                          .start_time = open->start_time,
                          .tags = open->tags,
                          .tag_count = open->tag_count},
    };
    enum mill_status st = mill_change_check(&change, &logger->arena, err);
    if (st != MILL_OK)
        return st;
    open->run_name = change.as.create_run.run_name;
    open->tags = change.as.create_run.tags;
    open->tag_count = change.as.create_run.tag_count;
    return MILL_OK;
}

/* What could not even be copied. */
static enum mill_status check_texts(const struct mill_logger_options *o, struct mill_error *err)
{
    enum mill_status st = mill_check_local("options.spool", o->spool, err);
    if (st == MILL_OK)
        st = mill_check_local("options.tracking_uri", o->tracking_uri, err);
    if (st == MILL_OK)
        st = mill_check_optional("experiment_name", o->experiment_name,
                                 MILL_MAX_EXPERIMENT_NAME, err);
    if (st == MILL_OK)
        st = mill_check_optional("run_name", o->run_name, MILL_MAX_RUN_NAME, err);
    if (st == MILL_OK)
        st = mill_check_optional("user_id", o->user_id, MILL_MAX_USER_ID, err);
    return st == MILL_OK ? mill_check_tags(o->tags, o->tag_count, err) : st;
}

enum mill_status mill_logger_configure(struct mill_logger *logger,
                                       const struct mill_logger_options *options,
                                       struct mill_error *err)
{
    struct mill_logger_options *o = &logger->options;
    o->size = sizeof(*o);
    enum mill_status st = mill_take_struct(
        o, sizeof(*o), MILL_FIRST(mill_logger_options, context), options, "options", err);
    if (st == MILL_OK)
        st = choose_mode(&o->mode, err);
    if (st == MILL_OK)
        st = check_numbers(o, err);
    if (st == MILL_OK)
        st = check_texts(o, err);
    /* It becomes the name of a directory. */
    if (st == MILL_OK && o->run_id.len > 0 && !mill_run_id_valid(o->run_id))
        st = mill_fail(err, MILL_E_INVALID, "options.run_id is not the id of a run");
    if (st == MILL_OK)
        st = describe_run(logger, err);
    return st == MILL_OK ? check_run(logger, err) : st;
}
