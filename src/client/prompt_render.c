/* prompt_render.c - values in place of the variables of a prompt. */
#include "base/alloc.h"
#include "base/json_text.h"
#include "base/view.h"
#include "client/client.h"
#include "model/limits.h"
#include "wire/json.h"

/* One rendering under way. */
struct rendering {
    const struct mill_tag *values;
    size_t value_count;
    bool partial;
    struct mill_buf out;
    struct mill_error *err;
};

/* --- a text ---------------------------------------------------------------------------- */

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Words of letters, digits and '_' with a dot between each two; none begins with a digit. */
static bool is_variable(struct mill_view name)
{
    for (size_t i = 0; i < name.len; i++) {
        bool first = i == 0 || name.ptr[i - 1] == '.';
        bool digit = name.ptr[i] >= '0' && name.ptr[i] <= '9';
        bool dot = name.ptr[i] == '.';
        if (first ? !is_name_start(name.ptr[i]) : !is_name_start(name.ptr[i]) && !digit && !dot)
            return false;
    }
    return name.len != 0 && name.ptr[name.len - 1] != '.';
}

static const struct mill_tag *find_value(const struct rendering *r, struct mill_view name)
{
    for (size_t i = r->value_count; i-- > 0;)
        if (mill_view_eq(r->values[i].key, name))
            return &r->values[i];
    return NULL;
}

/* Where sequence is in text at from or later; its length when it is not. */
static size_t find(struct mill_view text, size_t from, const char *sequence)
{
    for (size_t i = from; i + 2 <= text.len; i++)
        if (text.ptr[i] == sequence[0] && text.ptr[i + 1] == sequence[1])
            return i;
    return text.len;
}

/* The text with values; what is between braces and no variable stays. */
static enum mill_status render_text(struct rendering *r, struct mill_view text,
                                    struct mill_buf *out)
{
    size_t copied = 0;
    for (size_t open = find(text, 0, "{{"); open < text.len;
         open = find(text, open + 1, "{{")) {
        size_t close = find(text, open + 2, "}}");
        if (close == text.len)
            break;
        struct mill_view name =
            mill_view_trim((struct mill_view){text.ptr + open + 2, close - open - 2});
        const struct mill_tag *value = find_value(r, name);
        if (value == NULL && is_variable(name) && !r->partial)
            return mill_fail(r->err, MILL_E_INVALID, "values has none for the variable '%.*s'",
                             MILL_FMT(mill_utf8_prefix(name, 60)));
        if (value == NULL)
            continue;
        mill_buf_add(out, text.ptr + copied, open - copied);
        mill_buf_add_view(out, value->value);
        copied = close + 2;
        open = close + 1;
    }
    mill_buf_add_view(out, mill_view_from(text, copied));
    return MILL_OK;
}

/* --- a chat ---------------------------------------------------------------------------- */

static enum mill_status render_member(struct rendering *r, const struct mill_json *json,
                                      struct mill_view name, size_t at)
{
    struct mill_buf text = {0};
    bool content = mill_view_eq(name, MILL_VIEW("content"));
    mill_buf_add_json_string(&r->out, name);
    mill_buf_add_view(&r->out, MILL_VIEW(": "));
    if (!content || mill_json_type(json, at) != MILL_JSON_STRING) {
        mill_json_write(&r->out, json, at);
        return MILL_OK;
    }
    enum mill_status st = render_text(r, mill_json_string(json, at), &text);
    mill_buf_add_json_string(&r->out, mill_buf_view(&text));
    r->out.failed = r->out.failed || text.failed;
    mill_buf_release(&text);
    return st;
}

/* Role and content; what else a message has is for those who sent it. */
static enum mill_status render_message(struct rendering *r, const struct mill_json *json,
                                       size_t message)
{
    enum mill_status st = MILL_OK;
    size_t end = mill_json_end(json, message);
    bool any = false;
    mill_buf_add_char(&r->out, '{');
    for (size_t i = mill_json_first(message); st == MILL_OK && i < end;
         i = mill_json_skip(json, i)) {
        struct mill_view name = mill_json_string(json, i++);
        if (!mill_view_eq(name, MILL_VIEW("role")) && !mill_view_eq(name, MILL_VIEW("content")))
            continue;
        mill_buf_add_view(&r->out, any ? MILL_VIEW(", ") : MILL_VIEW(""));
        st = render_member(r, json, name, i);
        any = true;
    }
    mill_buf_add_char(&r->out, '}');
    return st;
}

static enum mill_status render_messages(struct rendering *r, const struct mill_json *json)
{
    enum mill_status st = MILL_OK;
    size_t end = mill_json_end(json, json->root), first = mill_json_first(json->root);
    mill_buf_add_char(&r->out, '[');
    for (size_t i = first; st == MILL_OK && i < end; i = mill_json_skip(json, i)) {
        if (mill_json_type(json, i) != MILL_JSON_OBJECT)
            return mill_fail(r->err, MILL_E_INVALID, "a message of the prompt is no object");
        mill_buf_add_view(&r->out, i != first ? MILL_VIEW(", ") : MILL_VIEW(""));
        st = render_message(r, json, i);
    }
    mill_buf_add_char(&r->out, ']');
    return st;
}

static enum mill_status render_chat(struct rendering *r, struct mill_view messages)
{
    struct mill_arena arena = {0};
    struct mill_json json;
    enum mill_status st = mill_json_parse_copy(messages, &arena, &json, r->err);
    if (st == MILL_OK && mill_json_type(&json, json.root) != MILL_JSON_ARRAY)
        st = mill_fail(r->err, MILL_E_INVALID, "the prompt's messages are no list");
    if (st == MILL_OK)
        st = render_messages(r, &json);
    mill_json_done();
    mill_arena_release(&arena);
    return st;
}

/* --- the call -------------------------------------------------------------------------- */

static enum mill_status check(const struct mill_prompt_version *version,
                              const struct mill_tag *values, size_t value_count,
                              struct mill_error *err)
{
    if (version == NULL)
        return mill_fail(err, MILL_E_INVALID, "version is NULL");
    struct mill_view template = version->text.ptr != NULL ? version->text : version->messages;
    enum mill_status st = mill_check_optional("version.text", version->text, SIZE_MAX, err);
    if (st == MILL_OK)
        st = mill_check_optional("version.messages", version->messages, SIZE_MAX, err);
    if (st == MILL_OK && value_count > MILL_MAX_TAGS_AT_CREATION)
        st = mill_fail(err, MILL_E_INVALID, "values has %zu items; at most %d are allowed",
                       value_count, MILL_MAX_TAGS_AT_CREATION);
    if (st == MILL_OK && value_count != 0 && values == NULL)
        st = mill_fail(err, MILL_E_INVALID, "values is NULL");
    for (size_t i = 0; st == MILL_OK && i < value_count; i++) {
        st = mill_check_optional("values.key", values[i].key, SIZE_MAX, err);
        if (st == MILL_OK)
            st = mill_check_optional("values.value", values[i].value, SIZE_MAX, err);
    }
    if (st == MILL_OK && find(template, 0, "{%") < template.len &&
        find(template, 0, "%}") < template.len)
        st = mill_fail(err, MILL_E_UNSUPPORTED,
                       "the prompt is a Jinja template: its {%% "
                       "statements %%} are not understood here");
    return st;
}

enum mill_status mill_prompt_render(const struct mill_prompt_version *version,
                                    const struct mill_tag *values, size_t value_count,
                                    bool partial, char *buffer, size_t size, size_t *length_out,
                                    struct mill_error *err)
{
    struct rendering r = {
        .values = values, .value_count = value_count, .partial = partial, .err = err};
    enum mill_status st =
        length_out != NULL ? MILL_OK : mill_fail(err, MILL_E_INVALID, "length_out is NULL");
    if (st == MILL_OK)
        st = mill_check_buffer(buffer, size, err);
    if (st == MILL_OK)
        st = check(version, values, value_count, err);
    if (st != MILL_OK)
        return st;
    st = version->messages.ptr != NULL ? render_chat(&r, version->messages)
                                       : render_text(&r, version->text, &r.out);
    if (st == MILL_OK && r.out.failed)
        st = mill_no_memory(err);
    if (st == MILL_OK)
        mill_give_text(mill_buf_view(&r.out), buffer, size, length_out);
    mill_buf_release(&r.out);
    return st;
}
