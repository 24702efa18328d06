/* config.c - reads settings: the command line over the environment over the defaults. */
#include "server/config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "artifact/path.h"
#include "server/options.h"
#include "store/store.h"

/* One value on its way in, with the name under which it came, for messages. */
struct setting {
    const struct mill_option_row *row;
    const char *origin; /* "--port", "MLFLOW_PORT" */
    struct mill_view text;
};

static void *field_of(struct mill_server_config *config, const struct mill_option_row *row)
{
    return (char *)config + row->offset;
}

static enum mill_status bad_value(const struct setting *s, const char *wanted,
                                  struct mill_error *err)
{
    return mill_fail(err, MILL_E_INVALID, "%s is %s, got '%.*s'", s->origin, wanted,
                     MILL_FMT(s->text));
}

static bool read_size(struct mill_view text, int64_t *out)
{
    static const struct {
        char letter;
        int shift;
    } units[] = {{'K', 10}, {'M', 20}, {'G', 30}};
    int shift = 0;
    int64_t number;

    for (size_t i = 0; text.len > 1 && i < MILL_COUNT(units); i++) {
        if (toupper((unsigned char)text.ptr[text.len - 1]) == units[i].letter) {
            shift = units[i].shift;
            text.len--;
            break;
        }
    }
    if (!mill_view_int(text, &number) || number < 0 || number > INT64_MAX >> shift)
        return false;
    *out = number << shift;
    return true;
}

/* "20" or "0.25" as milliseconds. */
static bool read_seconds(struct mill_view text, int64_t *out)
{
    struct mill_view whole;
    struct mill_view fraction = mill_view_cut(text, '.', &whole);
    int64_t seconds, ms = 0;

    if (!mill_view_int(whole, &seconds) || seconds < 0 || seconds > INT64_MAX / 2000)
        return false;
    if (fraction.ptr != NULL) {
        if (fraction.len == 0 || fraction.len > 3 || !mill_view_int(fraction, &ms) ||
            !isdigit((unsigned char)fraction.ptr[0]))
            return false;
        for (size_t i = fraction.len; i < 3; i++)
            ms *= 10;
    }
    *out = seconds * 1000 + ms;
    return true;
}

static bool read_switch(struct mill_view text, bool *out)
{
    static const char *const on[] = {"true", "1", "yes", "on"};
    static const char *const off[] = {"false", "0", "no", "off"};

    for (size_t i = 0; i < MILL_COUNT(on); i++) {
        bool is_on = mill_view_eq_nocase(text, mill_view_of(on[i]));
        if (is_on || mill_view_eq_nocase(text, mill_view_of(off[i]))) {
            *out = is_on;
            return true;
        }
    }
    return false;
}

static enum mill_status put_number(const struct setting *s, struct mill_server_config *config,
                                   struct mill_error *err)
{
    const struct mill_option_row *row = s->row;
    int64_t value = 0;
    bool ok;

    switch (row->type) {
    case MILL_OPTION_BYTES:
        ok = read_size(s->text, &value);
        break;
    case MILL_OPTION_SECONDS:
        ok = read_seconds(s->text, &value);
        break;
    case MILL_OPTION_COUNT:
        ok = mill_view_int(s->text, &value);
        break;
    case MILL_OPTION_TEXT:
    case MILL_OPTION_SWITCH:
    case MILL_OPTION_CHOICE:
    case MILL_OPTION_IGNORED:
    case MILL_OPTION_REFUSED:
    default:
        ok = false;
        break;
    }
    if (!ok)
        return bad_value(s,
                         row->type == MILL_OPTION_BYTES     ? "a size such as 65536, 64K or 2G"
                         : row->type == MILL_OPTION_SECONDS ? "a time in seconds"
                                                            : "a whole number",
                         err);
    if (value < row->min || value > row->max) {
        if (row->type == MILL_OPTION_SECONDS)
            return mill_fail(err, MILL_E_INVALID, "%s is %g to %g seconds, got '%.*s'",
                             s->origin, (double)row->min / 1000, (double)row->max / 1000,
                             MILL_FMT(s->text));
        return mill_fail(err, MILL_E_INVALID, "%s is %lld to %lld, got '%.*s'", s->origin,
                         (long long)row->min, (long long)row->max, MILL_FMT(s->text));
    }
    *(int64_t *)field_of(config, row) = value;
    return MILL_OK;
}

static enum mill_status put_choice(const struct setting *s, struct mill_server_config *config,
                                   struct mill_error *err)
{
    const char *const *words = s->row->shown.choices;
    struct mill_error list = {{0}};
    size_t used = 0;

    for (int64_t i = 0; words[i] != NULL; i++) {
        if (mill_view_eq_nocase(s->text, mill_view_of(words[i]))) {
            *(int64_t *)field_of(config, s->row) = i;
            return MILL_OK;
        }
        int n = snprintf(list.message + used, sizeof(list.message) - used, "%s%s",
                         i > 0 ? ", " : "one of ", words[i]);
        used += n > 0 ? (size_t)n : 0;
    }
    return bad_value(s, list.message, err);
}

static enum mill_status put(const struct setting *s, struct mill_server_config *config,
                            struct mill_error *err)
{
    switch (s->row->type) {
    case MILL_OPTION_TEXT:
        *(struct mill_view *)field_of(config, s->row) = s->text;
        return MILL_OK;
    case MILL_OPTION_COUNT:
    case MILL_OPTION_BYTES:
    case MILL_OPTION_SECONDS:
        return put_number(s, config, err);
    case MILL_OPTION_SWITCH:
        if (!read_switch(s->text, field_of(config, s->row)))
            return bad_value(s, "a switch: true or false", err);
        return MILL_OK;
    case MILL_OPTION_CHOICE:
        return put_choice(s, config, err);
    case MILL_OPTION_REFUSED:
        return mill_fail(err, MILL_E_UNSUPPORTED, "%s cannot be used: %s", s->origin,
                         s->row->shown.help);
    case MILL_OPTION_IGNORED:
    default:
        return MILL_OK;
    }
}

void mill_server_config_defaults(struct mill_server_config *out)
{
    size_t count;
    const struct mill_option_row *rows = mill_option_rows(&count);

    *out = (struct mill_server_config){0};
    for (size_t i = 0; i < count; i++) {
        struct setting s = {&rows[i], rows[i].shown.name,
                            mill_view_of(rows[i].shown.default_text)};
        if (rows[i].type != MILL_OPTION_IGNORED && rows[i].type != MILL_OPTION_REFUSED)
            (void)put(&s, out, NULL);
    }
}

/* Notes are kept as a list that grows in the arena by doubling nothing: there are at most as
 * many as rows. */
struct notes {
    const char **items;
    size_t count;
};

static void note_ignored(struct notes *notes, const struct setting *s, struct mill_arena *arena)
{
    struct mill_view note =
        mill_arena_printf(arena, "%s has no effect: %s", s->origin, s->row->shown.help);
    size_t most;
    (void)mill_option_rows(&most);
    if (note.ptr != NULL && notes->count < most)
        notes->items[notes->count++] = note.ptr;
}

static enum mill_status accept(const struct setting *s, struct mill_server_config *config,
                               struct notes *notes, struct mill_arena *arena,
                               struct mill_error *err)
{
    if (s->row->type == MILL_OPTION_IGNORED)
        note_ignored(notes, s, arena);
    return put(s, config, err);
}

static enum mill_status read_environment(struct mill_server_config *config, struct notes *notes,
                                         struct mill_arena *arena, struct mill_error *err)
{
    size_t count;
    const struct mill_option_row *rows = mill_option_rows(&count);

    for (size_t i = 0; i < count; i++) {
        const char *value = rows[i].shown.env != NULL ? getenv(rows[i].shown.env) : NULL;
        if (value == NULL || value[0] == '\0')
            continue;
        struct setting s = {&rows[i], rows[i].shown.env, mill_view_of(value)};
        enum mill_status st = accept(&s, config, notes, arena, err);
        if (st != MILL_OK)
            return st;
    }
    return MILL_OK;
}

/* The row that word names, exactly; *negated_out for its "--no-" form. */
static const struct mill_option_row *find_row(struct mill_view word, bool *negated_out)
{
    size_t count;
    const struct mill_option_row *rows = mill_option_rows(&count);

    *negated_out = false;
    for (size_t i = 0; i < count; i++) {
        const struct mill_server_option *shown = &rows[i].shown;
        if (mill_view_eq(word, mill_view_of(shown->name)))
            return &rows[i];
        if (shown->negative != NULL && mill_view_eq(word, mill_view_of(shown->negative))) {
            *negated_out = true;
            return &rows[i];
        }
        if (shown->short_name != 0 && word.len == 2 && word.ptr[0] == '-' &&
            word.ptr[1] == shown->short_name)
            return &rows[i];
    }
    return NULL;
}

/* Reads the option at argv[*at] and its value, and moves *at behind them. */
static enum mill_status read_option(int argc, char **argv, int *at, struct setting *s,
                                    struct mill_error *err)
{
    struct mill_view word = mill_view_of(argv[*at]);
    struct mill_view name = word, value = {NULL, 0};
    bool negated;

    if (mill_view_starts(word, MILL_VIEW("--")))
        value = mill_view_cut(word, '=', &name);
    else if (word.len > 2 && word.ptr[0] == '-') {
        name.len = 2;
        value = mill_view_from(word, 2);
    }
    s->row = find_row(name, &negated);
    s->origin = argv[*at];
    (*at)++;
    if (s->row == NULL)
        return mill_fail(err, MILL_E_INVALID, "unknown option '%.*s'; --help lists all",
                         MILL_FMT(word));
    s->origin = negated ? s->row->shown.negative : s->row->shown.name;
    if (s->row->shown.value == NULL) {
        if (value.ptr != NULL)
            return mill_fail(err, MILL_E_INVALID, "%s takes no value, got '%.*s'", s->origin,
                             MILL_FMT(value));
        s->text = negated ? MILL_VIEW("off") : MILL_VIEW("on");
        return MILL_OK;
    }
    if (value.ptr == NULL) {
        if (*at >= argc)
            return mill_fail(err, MILL_E_INVALID, "%s needs a value: %s", s->origin,
                             s->row->shown.value);
        value = mill_view_of(argv[(*at)++]);
    }
    s->text = value;
    return MILL_OK;
}

static enum mill_status read_arguments(int argc, char **argv, struct mill_server_config *config,
                                       struct notes *notes, struct mill_arena *arena,
                                       struct mill_error *err)
{
    int at = 1;

    while (at < argc) {
        struct setting s;
        enum mill_status st = read_option(argc, argv, &at, &s, err);
        if (st == MILL_OK)
            st = accept(&s, config, notes, arena, err);
        if (st != MILL_OK)
            return st;
    }
    return MILL_OK;
}

bool mill_server_keeps_tree(const struct mill_server_config *config)
{
    return !mill_artifact_has_scheme(config->backend_store_uri) ||
           mill_view_starts(config->backend_store_uri, MILL_VIEW("file:"));
}

/* What one option alone cannot tell. */
static enum mill_status check_together(struct mill_server_config *config,
                                       struct mill_arena *arena, struct mill_error *err)
{
    struct mill_view prefix = config->static_prefix;

    if (prefix.len > 0 && (prefix.ptr[0] != '/' || prefix.ptr[prefix.len - 1] == '/'))
        return mill_fail(err, MILL_E_INVALID,
                         "--static-prefix begins with / and does not end with it, got '%.*s'",
                         MILL_FMT(prefix));
    if ((config->tls_cert.len == 0) != (config->tls_key.len == 0))
        return mill_fail(err, MILL_E_INVALID,
                         "--tls-cert and --tls-key go together, %s is missing",
                         config->tls_cert.len == 0 ? "--tls-cert" : "--tls-key");
    if (config->artifacts_only && !config->serve_artifacts)
        return mill_fail(err, MILL_E_INVALID,
                         "--artifacts-only and --no-serve-artifacts leave nothing to serve");
    if (config->host.len == 0 || config->host.len > 255)
        return mill_fail(err, MILL_E_INVALID,
                         "--host is an address or a name of 1 to 255 bytes");

    if (config->default_artifact_root.len == 0)
        config->default_artifact_root =
            config->serve_artifacts          ? MILL_VIEW("mlflow-artifacts:/")
            : mill_server_keeps_tree(config) ? config->backend_store_uri
                                             : MILL_VIEW("./mlruns");
    if (config->artifacts_destination.len == 0)
        config->artifacts_destination =
            mill_store_destination(config->backend_store_uri, arena);
    char *upper = mill_arena_cstr(arena, config->x_frame_options);
    if (upper == NULL || config->artifacts_destination.ptr == NULL)
        return mill_fail(err, MILL_E_NOMEM, "reading the settings: out of memory");
    for (size_t i = 0; upper[i] != '\0'; i++) {
        upper[i] = (char)toupper((unsigned char)upper[i]);
        if (!isgraph((unsigned char)upper[i]) && upper[i] != ' ')
            return mill_fail(err, MILL_E_INVALID,
                             "--x-frame-options holds a control character");
    }
    config->x_frame_options = mill_view_of(upper);
    return MILL_OK;
}

enum mill_status mill_server_config_parse(int argc, char **argv, struct mill_arena *arena,
                                          struct mill_server_config *out,
                                          const char *const **notes_out, struct mill_error *err)
{
    struct mill_server_config config;
    struct notes notes = {NULL, 0};
    size_t most;
    enum mill_status st;

    (void)mill_option_rows(&most);
    notes.items = mill_arena_zero(arena, most + 1, sizeof(*notes.items));
    if (notes.items == NULL)
        return mill_fail(err, MILL_E_NOMEM, "reading the settings: out of memory");
    mill_server_config_defaults(&config);
    st = read_environment(&config, &notes, arena, err);
    if (st == MILL_OK)
        st = read_arguments(argc, argv, &config, &notes, arena, err);
    if (st == MILL_OK && !config.help)
        st = check_together(&config, arena, err);
    if (st != MILL_OK)
        return st;
    *out = config;
    *notes_out = notes.items;
    return MILL_OK;
}
