/* schema.c - tables of messages as JSON schemas. */
#include "wire/schema.h"

#include "wire/encode.h"

/* Different messages in one document. */
#define MAX_SCHEMAS 512

struct schemas {
    const struct mill_message *done[MAX_SCHEMAS];
    size_t count;
};

/* "GetRun.Response" is written GetRunResponse, since a name may not hold what a path does. */
static void add_name(struct mill_buf *out, const struct mill_message *message)
{
    for (const char *p = message->name; *p != '\0'; p++)
        if (*p != '.')
            mill_buf_add_char(out, *p);
}

void mill_schema_ref(struct mill_buf *out, const struct mill_message *message)
{
    mill_buf_add_view(out, MILL_VIEW("{\"$ref\":\"#/components/schemas/"));
    add_name(out, message);
    mill_buf_add_view(out, MILL_VIEW("\"}"));
}

static void add_enum(struct mill_buf *out, const struct mill_enum_name *names)
{
    mill_buf_add_view(out, MILL_VIEW("{\"type\":\"string\",\"enum\":["));
    for (const struct mill_enum_name *n = names; n->name != NULL; n++) {
        if (n != names)
            mill_buf_add_char(out, ',');
        mill_buf_add_json_string(out, mill_view_of(n->name));
    }
    mill_buf_add_view(out, MILL_VIEW("]}"));
}

/* The schema of one value of the field. */
static void add_type(struct mill_buf *out, const struct mill_field *field)
{
    switch (field->type) {
    case MILL_F_STRING:
    case MILL_F_ID:
        mill_buf_add_view(out, MILL_VIEW("{\"type\":\"string\"}"));
        break;
    case MILL_F_INT64:
        mill_buf_add_view(out, MILL_VIEW("{\"type\":\"integer\",\"format\":\"int64\"}"));
        break;
    case MILL_F_INT32:
        mill_buf_add_view(out, MILL_VIEW("{\"type\":\"integer\",\"format\":\"int32\"}"));
        break;
    case MILL_F_DOUBLE:
        mill_buf_add_view(out, MILL_VIEW("{\"oneOf\":[{\"type\":\"number\"},{\"type\":"
                                         "\"string\",\"enum\":[\"NaN\",\"Infinity\","
                                         "\"-Infinity\"]}]}"));
        break;
    case MILL_F_BOOL:
        mill_buf_add_view(out, MILL_VIEW("{\"type\":\"boolean\"}"));
        break;
    case MILL_F_ENUM:
        add_enum(out, field->names);
        break;
    case MILL_F_MESSAGE:
        mill_schema_ref(out, field->message);
        break;
    case MILL_F_MAP:
        mill_buf_add_view(out, MILL_VIEW("{\"type\":\"object\",\"additionalProperties\":"
                                         "{\"type\":\"string\"}}"));
        break;
    case MILL_F_JSON:
        mill_buf_add_view(out, MILL_VIEW("{}"));
        break;
    case MILL_F_CONSTANT:
        mill_buf_add_view(out, MILL_VIEW("{\"type\":\"string\",\"enum\":["));
        mill_buf_add_json_string(out, mill_view_of(field->text));
        mill_buf_add_view(out, MILL_VIEW("]}"));
        break;
    }
}

static void add_schema(struct mill_buf *out, const struct mill_field *field)
{
    bool list = (field->flags & MILL_FIELD_REPEATED) != 0;
    if (list)
        mill_buf_add_view(out, MILL_VIEW("{\"type\":\"array\",\"items\":"));
    add_type(out, field);
    if (list)
        mill_buf_add_char(out, '}');
}

static void add_properties(struct mill_buf *out, const struct mill_message *message,
                           bool *first)
{
    for (size_t i = 0; i < message->field_count; i++) {
        const struct mill_field *field = &message->fields[i];
        if ((field->flags & MILL_FIELD_INLINE) != 0) {
            add_properties(out, field->message, first);
            continue;
        }
        if (!*first)
            mill_buf_add_char(out, ',');
        *first = false;
        mill_buf_add(out, field->prefix, field->name_len + 3);
        /* What stands beside a $ref is ignored, so that text and schema are two parts. */
        mill_buf_add_view(out, MILL_VIEW("{\"description\":"));
        mill_buf_add_json_string(out, mill_view_of(field->doc));
        mill_buf_add_view(out, MILL_VIEW(",\"allOf\":["));
        add_schema(out, field);
        mill_buf_add_view(out, MILL_VIEW("]}"));
    }
}

static void add_required(struct mill_buf *out, const struct mill_message *message)
{
    bool first = true;
    for (size_t i = 0; i < message->field_count; i++) {
        if ((message->fields[i].flags & MILL_FIELD_REQUIRED) == 0)
            continue;
        mill_buf_add_view(out, first ? MILL_VIEW(",\"required\":[") : MILL_VIEW(","));
        mill_buf_add_json_string(out, mill_view_of(message->fields[i].name));
        first = false;
    }
    if (!first)
        mill_buf_add_char(out, ']');
}

static void add_message(struct mill_buf *out, const struct mill_message *message)
{
    bool first = true;
    mill_buf_add_char(out, '"');
    add_name(out, message);
    mill_buf_add_view(out, MILL_VIEW("\":{\"type\":\"object\",\"description\":"));
    mill_buf_add_json_string(out, mill_view_of(message->doc));
    mill_buf_add_view(out, MILL_VIEW(",\"properties\":{"));
    add_properties(out, message, &first);
    mill_buf_add_char(out, '}');
    add_required(out, message);
    mill_buf_add_char(out, '}');
}

/* Notes the message and all that it holds. */
static void collect(struct schemas *s, const struct mill_message *message)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->done[i] == message)
            return;
    if (s->count == MAX_SCHEMAS)
        return;
    s->done[s->count++] = message;
    for (size_t i = 0; i < message->field_count; i++)
        if (message->fields[i].type == MILL_F_MESSAGE)
            collect(s, message->fields[i].message);
}

void mill_schemas_write(struct mill_buf *out, const struct mill_message *const *messages,
                        size_t count)
{
    struct schemas s = {.count = 0};
    for (size_t i = 0; i < count; i++)
        if (messages[i] != NULL)
            collect(&s, messages[i]);
    for (size_t i = 0; i < s.count; i++) {
        if (i > 0)
            mill_buf_add_char(out, ',');
        add_message(out, s.done[i]);
    }
}

void mill_schema_parameters(struct mill_buf *out, const struct mill_message *message)
{
    bool first = true;
    mill_buf_add_char(out, '[');
    for (size_t i = 0; i < message->field_count; i++) {
        const struct mill_field *field = &message->fields[i];
        if (field->type == MILL_F_MESSAGE || field->type == MILL_F_CONSTANT)
            continue;
        if (!first)
            mill_buf_add_char(out, ',');
        first = false;
        mill_buf_add_view(out, MILL_VIEW("{\"in\":\"query\",\"name\":"));
        mill_buf_add_json_string(out, mill_view_of(field->name));
        mill_buf_add_view(out, MILL_VIEW(",\"description\":"));
        mill_buf_add_json_string(out, mill_view_of(field->doc));
        if ((field->flags & MILL_FIELD_REQUIRED) != 0)
            mill_buf_add_view(out, MILL_VIEW(",\"required\":true"));
        mill_buf_add_view(out, MILL_VIEW(",\"schema\":"));
        add_schema(out, field);
        mill_buf_add_char(out, '}');
    }
    mill_buf_add_char(out, ']');
}
