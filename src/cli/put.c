/* put.c - JSON text with its commas and escapes. */
#include "cli/put.h"

#include <math.h>
#include <millstream/types.h>

#include "base/number.h"
#include "base/view.h"

/* A comma is due unless something was just opened or this is the beginning of a document. */
static void separate(struct mill_buf *out)
{
    char last = out->len > 0 ? out->ptr[out->len - 1] : '\n';
    if (last != '{' && last != '[' && last != '\n' && last != ':')
        mill_buf_add_char(out, ',');
}

static void add_text(struct mill_buf *out, struct mill_view text)
{
    mill_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c == '"' || c == '\\') {
            mill_buf_add_char(out, '\\');
            mill_buf_add_char(out, (char)c);
        } else if (c == '\n') {
            mill_buf_add_view(out, MILL_VIEW("\\n"));
        } else if (c < 0x20 || c == 0x7f) {
            mill_buf_printf(out, "\\u%04x", c);
        } else {
            mill_buf_add_char(out, (char)c);
        }
    }
    mill_buf_add_char(out, '"');
}

static void add_key(struct mill_buf *out, struct mill_view key)
{
    separate(out);
    if (key.ptr == NULL)
        return;
    add_text(out, key);
    mill_buf_add_char(out, ':');
}

/* NaN and the infinities are texts in JSON. */
static void add_double(struct mill_buf *out, double value)
{
    const char *quote = isfinite(value) ? "" : "\"";
    mill_buf_add_view(out, mill_view_of(quote));
    mill_number_exact(out, value);
    mill_buf_add_view(out, mill_view_of(quote));
}

void mill_number_exact(struct mill_buf *out, double value)
{
    char text[MILL_DOUBLE_SIZE];
    mill_buf_add(out, text, mill_format_double(text, value));
}

void mill_put_open(struct mill_buf *out, const char *key, char bracket)
{
    add_key(out, mill_view_of(key));
    mill_buf_add_char(out, bracket);
}

void mill_put_close(struct mill_buf *out, char bracket)
{
    mill_buf_add_char(out, bracket);
}

void mill_put_end(struct mill_buf *out)
{
    mill_buf_add_view(out, MILL_VIEW("}\n"));
}

void mill_put_text(struct mill_buf *out, const char *key, struct mill_view value)
{
    add_key(out, mill_view_of(key));
    if (value.ptr == NULL)
        mill_buf_add_view(out, MILL_VIEW("null"));
    else
        add_text(out, value);
}

void mill_put_int(struct mill_buf *out, const char *key, int64_t value)
{
    add_key(out, mill_view_of(key));
    if (value == MILL_ABSENT)
        mill_buf_add_view(out, MILL_VIEW("null"));
    else
        mill_buf_add_int(out, value);
}

void mill_put_double(struct mill_buf *out, const char *key, double value)
{
    add_key(out, mill_view_of(key));
    add_double(out, value);
}

void mill_put_bool(struct mill_buf *out, const char *key, bool value)
{
    add_key(out, mill_view_of(key));
    mill_buf_add_view(out, mill_view_of(value ? "true" : "false"));
}

void mill_put_json(struct mill_buf *out, const char *key, struct mill_view json)
{
    if (json.ptr == NULL)
        return;
    add_key(out, mill_view_of(key));
    mill_buf_add_view(out, json);
}

void mill_put_pair(struct mill_buf *out, struct mill_view key, struct mill_view value)
{
    add_key(out, key);
    add_text(out, value);
}

void mill_put_double_pair(struct mill_buf *out, struct mill_view key, double value)
{
    add_key(out, key);
    add_double(out, value);
}
