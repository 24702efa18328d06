/* sync.c - the calls of <millstream/spool.h>: spools looked at and delivered by whoever finds
 * them. */
#include <millstream/spool.h>

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/view.h"
#include "client/client.h"
#include "logger/delivery.h"
#include "wire/encode.h"
#include "wire/messages.h"

#define DEFAULT_TIMEOUT_MS 60000
#define FIRST_PAUSE_MS     200
#define MAX_PAUSE_MS       5000

/* The directory that was meant, NUL-terminated in arena; NULL when memory is out. */
static const char *directory_of(struct mill_view dir, struct mill_arena *arena)
{
    if (dir.len > 0)
        return mill_arena_cstr(arena, dir);
    size_t size = mill_spool_default(NULL, 0) + 1;
    char *text = mill_arena_alloc(arena, size);
    if (text != NULL)
        mill_spool_default(text, size);
    return text;
}

static enum mill_status find(struct mill_view dir, struct mill_arena *arena,
                             const char ***bases_out, size_t *count_out, struct mill_error *err)
{
    const char *path = directory_of(dir, arena);
    enum mill_status st = mill_check_local("dir", dir, err);
    if (st != MILL_OK)
        return st;
    return path != NULL ? mill_spool_find(path, arena, bases_out, count_out, err)
                        : mill_no_memory(err);
}

/* --- walking over what is not delivered ------------------------------------------------- */

/* Told about each record; false ends the walk. */
typedef bool on_record(void *context, const struct mill_spool_record *record);

/* All records behind the place of a reader. *damaged_out: the walk ended where bytes are not
 * what was written. */
static enum mill_status walk(struct mill_spool_reader *reader, on_record *record, void *context,
                             bool *damaged_out, struct mill_error *err)
{
    struct mill_spool_record r;
    struct mill_view bytes;
    for (;;) {
        enum mill_status st = mill_spool_reader_fill(reader, &bytes, damaged_out, err);
        if (st != MILL_OK || *damaged_out || bytes.len == 0)
            return st;
        struct mill_view rest = bytes;
        while (mill_spool_record_next(&rest, &r) == MILL_SPOOL_RECORD)
            if (!record(context, &r))
                return mill_fail(err, MILL_E_CANCELLED, "the caller gave up");
        mill_spool_reader_advance(reader, bytes.len - rest.len);
    }
}

/* --- status ---------------------------------------------------------------------------- */

struct status_result {
    struct mill_spool_list list;
    struct mill_arena arena;
};

void mill_spool_list_free(struct mill_spool_list *list)
{
    struct status_result *result = (struct status_result *)list;
    if (result == NULL)
        return;
    mill_arena_release(&result->arena);
    mill_free(result);
}

static bool count_record(void *context, const struct mill_spool_record *record)
{
    struct mill_spool_entry *entry = context;
    entry->pending_bytes += (int64_t)(record->payload.len + MILL_SPOOL_RECORD_BYTES);
    if (record->kind == MILL_SPOOL_POINTS)
        entry->pending_points += mill_spool_points_count(record->payload);
    else if (record->kind == MILL_SPOOL_END)
        entry->ended = true;
    else if (record->kind != MILL_SPOOL_OPEN)
        entry->pending_changes++;
    return true;
}

/* Bytes of the last file behind the last whole record. */
static int64_t torn_bytes(const struct mill_spool_reader *reader)
{
    struct stat info;
    if (reader->fd < 0 || fstat(reader->fd, &info) != 0)
        return 0;
    return info.st_size > reader->place.offset ? info.st_size - reader->place.offset : 0;
}

/* Lines of the .refused file. */
static int64_t count_refused(const char *base)
{
    char path[PATH_MAX], chunk[4096];
    int64_t lines = 0;
    size_t got;
    if (snprintf(path, sizeof(path), "%s.refused", base) >= (int)sizeof(path))
        return 0;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return 0;
    while ((got = fread(chunk, 1, sizeof(chunk), file)) > 0)
        for (size_t i = 0; i < got; i++)
            lines += chunk[i] == '\n';
    fclose(file);
    return lines;
}

static enum mill_status describe(const char *base, struct mill_arena *arena,
                                 struct mill_spool_entry *entry, struct mill_error *err)
{
    struct mill_spool_open open = {0};
    struct mill_spool_reader reader;
    enum mill_status st = mill_spool_read_open(base, arena, &open, err);
    if (st == MILL_E_CORRUPT || st == MILL_E_NOT_FOUND || st == MILL_E_UNSUPPORTED) {
        *entry = (struct mill_spool_entry){.path = mill_view_of(base), /* not a failure */
                                           .created_ms = MILL_ABSENT,
                                           .damaged = st == MILL_E_CORRUPT,
                                           .newer = st == MILL_E_UNSUPPORTED};
        return MILL_OK;
    }
    if (st == MILL_OK)
        st = mill_spool_reader_open(&reader, base, err);
    if (st != MILL_OK)
        return st;
    *entry = (struct mill_spool_entry){.path = mill_view_of(base),
                                       .run_id = open.run_id,
                                       .tracking_uri = open.tracking_uri,
                                       .created_ms = open.created_ms,
                                       .refused = count_refused(base)};
    st = walk(&reader, count_record, entry, &entry->damaged, err);
    if (st == MILL_OK && !entry->damaged)
        entry->torn_bytes = torn_bytes(&reader);
    mill_spool_reader_release(&reader);
    return st;
}

enum mill_status mill_spool_status(struct mill_view dir, struct mill_spool_list **list_out,
                                   struct mill_error *err)
{
    const char **bases = NULL;
    size_t count = 0;
    if (list_out == NULL)
        return mill_fail(err, MILL_E_INVALID, "list_out is NULL");
    struct status_result *result = mill_alloc_zero(1, sizeof(*result));
    if (result == NULL)
        return mill_no_memory(err);
    enum mill_status st = find(dir, &result->arena, &bases, &count, err);
    const struct mill_spool_entry **items =
        mill_arena_zero(&result->arena, count + 1, sizeof(*items));
    struct mill_spool_entry *entries =
        mill_arena_zero(&result->arena, count + 1, sizeof(*entries));
    if (st == MILL_OK && (items == NULL || entries == NULL))
        st = mill_no_memory(err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        items[i] = &entries[i];
        st = describe(bases[i], &result->arena, &entries[i], err);
    }
    if (st != MILL_OK) {
        mill_spool_list_free(&result->list);
        return st;
    }
    result->list = (struct mill_spool_list){.count = count, .items = items};
    *list_out = &result->list;
    return MILL_OK;
}

/* --- export ---------------------------------------------------------------------------- */

struct exporting {
    bool (*line)(void *context, struct mill_view json);
    void *context;
    struct mill_view run_id;
    struct mill_buf text;
    struct mill_arena arena;
};

static bool export_points(struct exporting *e, const struct mill_spool_record *record)
{
    struct mill_metric *points;
    struct mill_log_batch_request request = {.run_id = e->run_id};
    if (mill_spool_points_unpack(record->payload, &e->arena, &points, &request.metrics_count,
                                 NULL) != MILL_OK)
        return true;
    request.metrics = points;
    e->text.len = 0;
    mill_encode(&e->text, &mill_log_batch_request_message, &request);
    return e->line(e->context, mill_buf_view(&e->text));
}

static bool export_record(void *context, const struct mill_spool_record *record)
{
    struct exporting *e = context;
    mill_arena_reset(&e->arena, (size_t)1 << 20);
    return record->kind == MILL_SPOOL_POINTS ? export_points(e, record)
                                             : e->line(e->context, record->payload);
}

enum mill_status mill_spool_export(struct mill_view dir,
                                   bool (*line)(void *context, struct mill_view json),
                                   void *context, struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct exporting e = {.line = line, .context = context};
    const char **bases = NULL;
    size_t count = 0;
    bool damaged = false;
    if (line == NULL)
        return mill_fail(err, MILL_E_INVALID, "line is NULL");
    enum mill_status st = find(dir, &arena, &bases, &count, err);
    for (size_t i = 0; st == MILL_OK && i < count; i++) {
        struct mill_spool_open open;
        struct mill_spool_reader reader;
        st = mill_spool_read_open(bases[i], &arena, &open, err);
        if (st == MILL_OK)
            st = mill_spool_reader_open(&reader, bases[i], err);
        if (st != MILL_OK)
            break;
        e.run_id = open.run_id;
        st = walk(&reader, export_record, &e, &damaged, err);
        mill_spool_reader_release(&reader);
        if (st == MILL_OK && damaged)
            st = mill_fail(err, MILL_E_CORRUPT, "the spool %s is damaged", bases[i]);
    }
    mill_buf_release(&e.text);
    mill_arena_release(&e.arena);
    mill_arena_release(&arena);
    return st;
}

/* --- sync ------------------------------------------------------------------------------ */

struct syncing {
    struct mill_sync_options options;
    int64_t points, changes, bytes; /* of the spools that are done */
};

static bool tell(const struct syncing *s, const struct mill_delivery *d)
{
    return s->options.progress == NULL ||
           s->options.progress(s->options.context, s->points + d->points,
                               s->changes + d->changes, s->bytes + d->reader.passed_bytes);
}

static void pause_ms(int64_t ms)
{
    struct timespec pause = {.tv_sec = (time_t)(ms / 1000),
                             .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

/* Whether a failure may be over in a moment, without anybody doing anything. */
static bool is_passing(enum mill_status status)
{
    static const enum mill_status passing[] = {MILL_E_IO, MILL_E_TIMEOUT, MILL_E_BUSY,
                                               MILL_E_LIMIT, MILL_E_INTERNAL};
    for (size_t i = 0; i < MILL_COUNT(passing); i++)
        if (status == passing[i])
            return true;
    return false;
}

/* Delivers everything of one spool; gives up when no step has got through for a while. */
static enum mill_status deliver(struct syncing *s, struct mill_delivery *d,
                                struct mill_error *err)
{
    int64_t since = mill_monotonic_ns(), pause = FIRST_PAUSE_MS;
    bool more = true;
    while (more) {
        enum mill_status st = mill_delivery_step(d, &more, err);
        if (st == MILL_OK) {
            since = mill_monotonic_ns();
            pause = FIRST_PAUSE_MS;
            if (!tell(s, d))
                return mill_fail(err, MILL_E_CANCELLED, "the caller gave up");
            continue;
        }
        if (!is_passing(st) ||
            (mill_monotonic_ns() - since) / 1000000 + pause > s->options.timeout_ms)
            return st;
        if (!tell(s, d))
            return mill_fail(err, MILL_E_CANCELLED, "the caller gave up");
        pause_ms(pause);
        pause = pause * 2 > MAX_PAUSE_MS ? MAX_PAUSE_MS : pause * 2;
        more = true;
    }
    return MILL_OK;
}

static enum mill_status sync_one(struct syncing *s, const char *base, struct mill_error *err)
{
    struct mill_delivery d;
    enum mill_status st = mill_delivery_open(&d, base, s->options.tracking_uri, err);
    if (st == MILL_E_NOT_FOUND)
        return MILL_OK; /* another delivery was here */
    if (st != MILL_OK)
        return st;
    d.warning = s->options.warning;
    d.context = s->options.context;
    d.keep = s->options.keep;
    st = deliver(s, &d, err);
    s->points += d.points;
    s->changes += d.changes;
    s->bytes += d.reader.passed_bytes;
    bool done = st == MILL_OK && d.ended && !d.keep;
    mill_delivery_release(&d);
    if (done) /* a logger that was not closed may still write */
        mill_spool_remove(base);
    return st;
}

/* Those that make their run come before those that join it. */
static enum mill_status makers_first(const char **bases, size_t count, struct mill_arena *arena,
                                     struct mill_error *err)
{
    const char **joiners = mill_arena_zero(arena, count + 1, sizeof(*joiners));
    size_t makers = 0, joining = 0;
    if (joiners == NULL)
        return mill_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        struct mill_spool_open open;
        bool joins = mill_spool_read_open(bases[i], arena, &open, NULL) == MILL_OK && open.join;
        if (joins)
            joiners[joining++] = bases[i];
        else
            bases[makers++] = bases[i];
    }
    for (size_t i = 0; i < joining; i++)
        bases[makers + i] = joiners[i];
    return MILL_OK;
}

enum mill_status mill_spool_sync(struct mill_view dir, const struct mill_sync_options *options,
                                 struct mill_error *err)
{
    struct mill_arena arena = {0};
    struct syncing s = {.options = {.size = sizeof(s.options)}};
    const char **bases = NULL;
    size_t count = 0;
    enum mill_status st =
        mill_take_struct(&s.options, sizeof(s.options), MILL_FIRST(mill_sync_options, context),
                         options, "options", err);
    if (st == MILL_OK && s.options.timeout_ms == 0)
        s.options.timeout_ms = DEFAULT_TIMEOUT_MS;
    if (st == MILL_OK)
        st = find(dir, &arena, &bases, &count, err);
    if (st == MILL_OK)
        st = makers_first(bases, count, &arena, err);
    /* One spool that cannot be delivered does not hold up the others; the first failure is
     * what the caller is told. */
    for (size_t i = 0; i < count; i++) {
        struct mill_error error = {""};
        enum mill_status one = sync_one(&s, bases[i], &error);
        if (one != MILL_OK && st == MILL_OK)
            st = mill_fail(err, one, "%s: %.400s", bases[i], error.message);
        if (one == MILL_E_CANCELLED || one == MILL_E_NOMEM)
            break;
    }
    mill_arena_release(&arena);
    return st;
}
