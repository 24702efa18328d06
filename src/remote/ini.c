/* ini.c - see ini.h. */
#include "remote/ini.h"

#include "base/view.h"

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* The value without what follows a '#' or ';' that has white space before it. */
static struct mill_view without_comment(struct mill_view value)
{
    for (size_t i = 1; i < value.len; i++)
        if ((value.ptr[i] == '#' || value.ptr[i] == ';') && is_space(value.ptr[i - 1]))
            return mill_view_trim((struct mill_view){value.ptr, i});
    return value;
}

/* The name between the brackets of "[name]"; absent when there is no closing one or no name. */
static struct mill_view section_name(struct mill_view line)
{
    const char *end = memchr(line.ptr, ']', line.len);
    if (end == NULL)
        return (struct mill_view){NULL, 0};
    struct mill_view name = {line.ptr + 1, (size_t)(end - line.ptr) - 1};
    name = mill_view_trim(name);
    return name.len > 0 ? name : (struct mill_view){NULL, 0};
}

/* What stands between key and value. */
static char separator(const struct mill_ini *ini, struct mill_view line)
{
    const char *equals = memchr(line.ptr, '=', line.len);
    const char *colon = ini->python ? memchr(line.ptr, ':', line.len) : NULL;
    return colon != NULL && (equals == NULL || colon < equals) ? ':' : '=';
}

static bool read_item(struct mill_ini *ini, struct mill_view line, bool indented,
                      struct mill_ini_item *out)
{
    struct mill_view key, value = mill_view_cut(line, separator(ini, line), &key);
    key = mill_view_trim(key);
    if (value.ptr == NULL || key.len == 0)
        return false;
    value = mill_view_trim(value);
    if (!ini->python)
        value = without_comment(value);
    *out = (struct mill_ini_item){.section = ini->section,
                                  .key = key,
                                  .value = value,
                                  .nested = indented && ini->parent,
                                  .line = ini->line};
    if (!out->nested)
        ini->parent = out->value.len == 0;
    return true;
}

enum mill_status mill_ini_next(struct mill_ini *ini, struct mill_ini_item *out, bool *found_out,
                               struct mill_error *err)
{
    while (ini->rest.len > 0) {
        struct mill_view raw;
        ini->rest = mill_view_cut(ini->rest, '\n', &raw);
        if (ini->line++ == 0 && mill_view_starts(raw, MILL_VIEW("\xef\xbb\xbf")))
            raw = mill_view_from(raw, 3); /* a byte order mark */
        struct mill_view line = mill_view_trim(raw);
        if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';')
            continue;
        if (line.ptr[0] == '[') {
            struct mill_view name = section_name(line);
            if (name.ptr == NULL)
                return mill_fail(err, MILL_E_INVALID, "line %d: a section is written [name]",
                                 ini->line);
            ini->section = name;
            ini->parent = false;
        } else if (read_item(ini, line, is_space(raw.ptr[0]), out)) {
            *found_out = true;
            return MILL_OK;
        } else {
            return mill_fail(err, MILL_E_INVALID,
                             "line %d is neither [section], key = value nor a comment",
                             ini->line);
        }
    }
    *found_out = false;
    return MILL_OK;
}
