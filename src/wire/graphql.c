/* graphql.c - see graphql.h. One function for each rule of the grammar, the rule above it. */
#include "wire/graphql.h"

#include "base/buf.h"
#include "base/view.h"
#include "model/limits.h"
#include "wire/json.h"

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_NUMBER, TOKEN_STRING, TOKEN_SIGN, TOKEN_BAD };

struct token {
    enum token_kind kind;
    struct mill_view text; /* of a string: without its quotes; of a sign: one character */
};

/* A variable's default, while its operation is read. */
struct default_value {
    struct mill_view name;
    struct mill_view json;
    struct default_value *next;
};

struct parser {
    struct mill_view text;
    size_t at;
    struct token token; /* the one that is looked at */
    struct mill_arena *arena;
    const struct mill_json *variables; /* NULL: none */
    struct default_value *defaults;
    size_t fields; /* so far */
    struct mill_error *err;
};

/* --- tokens ------------------------------------------------------------------------------- */

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static char peek(const struct parser *p, size_t ahead)
{
    return p->at + ahead < p->text.len ? p->text.ptr[p->at + ahead] : '\0';
}

/* White space, commas, comments, a byte order mark. */
static void skip_ignored(struct parser *p)
{
    if (p->at == 0 && mill_view_starts(p->text, MILL_VIEW("\xef\xbb\xbf")))
        p->at = 3;
    while (p->at < p->text.len) {
        char c = p->text.ptr[p->at];

        if (c == '#') {
            while (p->at < p->text.len && p->text.ptr[p->at] != '\n')
                p->at++;
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',') {
            p->at++;
        } else {
            break;
        }
    }
}

static size_t count_digits(const struct parser *p, size_t from)
{
    size_t n = 0;

    while (is_digit(peek(p, from + n)))
        n++;
    return n;
}

/* Length of -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?, or 0. */
static size_t number_length(const struct parser *p)
{
    size_t n = peek(p, 0) == '-' ? 1 : 0;
    size_t digits = count_digits(p, n);

    if (digits == 0 || (digits > 1 && peek(p, n) == '0'))
        return 0;
    n += digits;
    if (peek(p, n) == '.') {
        digits = count_digits(p, n + 1);
        n = digits > 0 ? n + 1 + digits : 0;
    }
    if (n > 0 && (peek(p, n) == 'e' || peek(p, n) == 'E')) {
        size_t sign = peek(p, n + 1) == '+' || peek(p, n + 1) == '-' ? 1 : 0;

        digits = count_digits(p, n + 1 + sign);
        n = digits > 0 ? n + 1 + sign + digits : 0;
    }
    return n;
}

/* Length of a string with its quotes, or 0; block strings are not taken. */
static size_t string_length(const struct parser *p)
{
    size_t n = 1;

    while (peek(p, n) != '"') {
        if (p->at + n >= p->text.len || peek(p, n) == '\n' || peek(p, n) == '\r')
            return 0;
        n += peek(p, n) == '\\' ? 2 : 1;
    }
    return peek(p, n + 1) == '"' && n == 1 ? 0 : n + 1;
}

static void take(struct parser *p, enum token_kind kind, size_t len)
{
    p->token = (struct token){kind, {p->text.ptr + p->at, len}};
    p->at += len;
    if (kind == TOKEN_STRING) {
        p->token.text.ptr++;
        p->token.text.len -= 2;
    }
}

static void advance(struct parser *p)
{
    char c;
    size_t len = 0;

    skip_ignored(p);
    c = peek(p, 0);
    if (p->at >= p->text.len) {
        p->token = (struct token){TOKEN_END, {p->text.ptr, 0}};
    } else if (is_name_start(c)) {
        while (is_name_start(peek(p, len)) || is_digit(peek(p, len)))
            len++;
        take(p, TOKEN_NAME, len);
    } else if (c == '-' || is_digit(c)) {
        len = number_length(p);
        take(p, len > 0 ? TOKEN_NUMBER : TOKEN_BAD, len);
    } else if (c == '"') {
        len = string_length(p);
        take(p, len > 0 ? TOKEN_STRING : TOKEN_BAD, len);
    } else {
        take(p, c != '\0' && strchr("{}()[]:!=$@", c) != NULL ? TOKEN_SIGN : TOKEN_BAD, 1);
    }
}

static bool at_sign(const struct parser *p, char sign)
{
    return p->token.kind == TOKEN_SIGN && p->token.text.ptr[0] == sign;
}

static bool at_name(const struct parser *p, const char *name)
{
    return p->token.kind == TOKEN_NAME && mill_view_eq(p->token.text, mill_view_of(name));
}

static enum mill_status expected(struct parser *p, const char *what)
{
    return mill_fail(p->err, MILL_E_INVALID, "query: %s is expected before byte %zu", what,
                     p->at);
}

static enum mill_status nomem(struct parser *p)
{
    return mill_fail(p->err, MILL_E_NOMEM, "out of memory for a query");
}

static enum mill_status pass_sign(struct parser *p, char sign)
{
    char what[] = {'\'', sign, '\'', '\0'};

    if (!at_sign(p, sign))
        return expected(p, what);
    advance(p);
    return MILL_OK;
}

static enum mill_status pass_name(struct parser *p, struct mill_view *out)
{
    *out = p->token.text;
    if (p->token.kind != TOKEN_NAME)
        return expected(p, "a name");
    advance(p);
    return MILL_OK;
}

/* --- values, as JSON ---------------------------------------------------------------------- */

static enum mill_status value(struct parser *p, struct mill_buf *out, int depth, bool constant);

/* Escapes are those of JSON; a tab may stand for itself here. */
static void add_string(struct mill_buf *out, struct mill_view text)
{
    mill_buf_add_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] < 0x20)
            mill_buf_printf(out, "\\u%04x", (unsigned char)text.ptr[i]);
        else
            mill_buf_add_char(out, text.ptr[i]);
    }
    mill_buf_add_char(out, '"');
}

/* Whether the variable was given. */
static bool add_variable(const struct parser *p, struct mill_view name, struct mill_buf *out)
{
    const struct mill_json *json = p->variables;

    if (json == NULL)
        return false;
    for (size_t i = mill_json_first(json->root), end = mill_json_end(json, json->root); i < end;
         i = mill_json_skip(json, i + 1)) {
        if (mill_view_eq(mill_json_string(json, i), name)) {
            mill_json_write(out, json, i + 1);
            return true;
        }
    }
    return false;
}

/* variable: '$' name */
static enum mill_status variable(struct parser *p, struct mill_buf *out)
{
    struct mill_view name;
    enum mill_status st;

    advance(p);
    st = pass_name(p, &name);
    if (st != MILL_OK || add_variable(p, name, out))
        return st;
    for (const struct default_value *d = p->defaults; d != NULL; d = d->next) {
        if (mill_view_eq(d->name, name)) {
            mill_buf_add_view(out, d->json);
            return MILL_OK;
        }
    }
    return mill_fail(p->err, MILL_E_INVALID, "query: the variable $%.*s is not given",
                     MILL_FMT(mill_utf8_prefix(name, 60)));
}

/* list: '[' value* ']'; object: '{' (name ':' value)* '}' */
static enum mill_status values(struct parser *p, struct mill_buf *out, int depth, bool constant)
{
    bool object = at_sign(p, '{');
    char close = object ? '}' : ']';
    enum mill_status st = MILL_OK;
    bool first = true;

    mill_buf_add_char(out, object ? '{' : '[');
    advance(p);
    while (st == MILL_OK && !at_sign(p, close)) {
        struct mill_view name;

        if (!first)
            mill_buf_add_char(out, ',');
        first = false;
        if (object) {
            st = pass_name(p, &name);
            if (st == MILL_OK) {
                mill_buf_printf(out, "\"%.*s\":", MILL_FMT(name));
                st = pass_sign(p, ':');
            }
        }
        if (st == MILL_OK)
            st = value(p, out, depth + 1, constant);
    }
    mill_buf_add_char(out, close);
    if (st == MILL_OK)
        advance(p);
    return st;
}

/* value: variable | number | string | true | false | null | name | list | object */
static enum mill_status value(struct parser *p, struct mill_buf *out, int depth, bool constant)
{
    struct mill_view text = p->token.text;

    if (depth > MILL_MAX_GRAPHQL_DEPTH)
        return mill_fail(p->err, MILL_E_INVALID, "query: values are nested deeper than %d",
                         MILL_MAX_GRAPHQL_DEPTH);
    if (at_sign(p, '[') || at_sign(p, '{'))
        return values(p, out, depth, constant);
    if (at_sign(p, '$') && !constant)
        return variable(p, out);
    if (p->token.kind == TOKEN_NUMBER || at_name(p, "true") || at_name(p, "false") ||
        at_name(p, "null"))
        mill_buf_add_view(out, text);
    else if (p->token.kind == TOKEN_STRING || p->token.kind == TOKEN_NAME)
        add_string(out, text);
    else
        return expected(p, "a value");
    advance(p);
    return MILL_OK;
}

/* --- what is asked for -------------------------------------------------------------------- */

static enum mill_status selection_set(struct parser *p, int depth,
                                      const struct mill_gql_field **out);

/* arguments: '(' (name ':' value)* ')' */
static enum mill_status arguments(struct parser *p, struct mill_view *out)
{
    struct mill_buf json = {0};
    enum mill_status st = MILL_OK;
    bool more = at_sign(p, '(');

    mill_buf_add_char(&json, '{');
    if (more)
        advance(p);
    while (st == MILL_OK && more && !at_sign(p, ')')) {
        struct mill_view name;

        st = pass_name(p, &name);
        if (st == MILL_OK) {
            mill_buf_printf(&json, "%s\"%.*s\":", json.len > 1 ? "," : "", MILL_FMT(name));
            st = pass_sign(p, ':');
        }
        if (st == MILL_OK)
            st = value(p, &json, 1, false);
    }
    mill_buf_add_char(&json, '}');
    if (st == MILL_OK && more)
        advance(p);
    if (st == MILL_OK) {
        *out = mill_json_pad(mill_buf_view(&json), p->arena);
        if (json.failed || out->ptr == NULL)
            st = nomem(p);
    }
    mill_buf_release(&json);
    return st;
}

/* field: (name ':')? name arguments? selection_set? */
static enum mill_status field(struct parser *p, int depth, struct mill_gql_field **out)
{
    struct mill_gql_field *f = mill_arena_zero(p->arena, 1, sizeof(*f));
    enum mill_status st;

    if (f == NULL)
        return nomem(p);
    if (++p->fields > MILL_MAX_GRAPHQL_FIELDS)
        return mill_fail(p->err, MILL_E_INVALID, "query: more than %d fields are asked for",
                         MILL_MAX_GRAPHQL_FIELDS);
    st = pass_name(p, &f->key);
    f->name = f->key;
    if (st == MILL_OK && at_sign(p, ':')) {
        advance(p);
        st = pass_name(p, &f->name);
    }
    if (st == MILL_OK)
        st = arguments(p, &f->arguments);
    if (st == MILL_OK && at_sign(p, '@'))
        st = mill_fail(p->err, MILL_E_INVALID, "query: directives of fields are not supported");
    if (st == MILL_OK && at_sign(p, '{'))
        st = selection_set(p, depth + 1, &f->below);
    *out = f;
    return st;
}

static enum mill_status check_level(struct parser *p, int depth, size_t fields, size_t aliases)
{
    if (depth == 1 && fields > MILL_MAX_GRAPHQL_ROOTS)
        return mill_fail(p->err, MILL_E_INVALID, "query: more than %d fields at the top",
                         MILL_MAX_GRAPHQL_ROOTS);
    if (aliases > MILL_MAX_GRAPHQL_ALIASES)
        return mill_fail(p->err, MILL_E_INVALID,
                         "query: more than %d aliases beside each other",
                         MILL_MAX_GRAPHQL_ALIASES);
    return MILL_OK;
}

/* selection_set: '{' field+ '}' */
static enum mill_status selection_set(struct parser *p, int depth,
                                      const struct mill_gql_field **out)
{
    const struct mill_gql_field **end = out;
    enum mill_status st = pass_sign(p, '{');
    size_t fields = 0;
    size_t aliases = 0;

    if (depth > MILL_MAX_GRAPHQL_DEPTH)
        return mill_fail(p->err, MILL_E_INVALID, "query: fields are nested deeper than %d",
                         MILL_MAX_GRAPHQL_DEPTH);
    if (st == MILL_OK && at_sign(p, '}'))
        return expected(p, "a field");
    while (st == MILL_OK && !at_sign(p, '}')) {
        struct mill_gql_field *f = NULL;

        st = field(p, depth, &f);
        if (st != MILL_OK)
            break;
        aliases += f->key.ptr != f->name.ptr ? 1 : 0;
        st = check_level(p, depth, ++fields, aliases);
        *end = f;
        end = &f->next;
    }
    if (st == MILL_OK)
        advance(p);
    return st;
}

/* --- operations --------------------------------------------------------------------------- */

/* type: (name | '[' type ']') '!'?; what it says does not matter */
static enum mill_status type(struct parser *p, int depth)
{
    struct mill_view name;
    enum mill_status st;

    if (depth > MILL_MAX_GRAPHQL_DEPTH)
        return expected(p, "a type that is less deep");
    if (at_sign(p, '[')) {
        advance(p);
        st = type(p, depth + 1);
        if (st == MILL_OK)
            st = pass_sign(p, ']');
    } else {
        st = pass_name(p, &name);
    }
    if (st == MILL_OK && at_sign(p, '!'))
        advance(p);
    return st;
}

static enum mill_status default_value(struct parser *p, struct mill_view name)
{
    struct default_value *d = mill_arena_zero(p->arena, 1, sizeof(*d));
    struct mill_buf json = {0};
    enum mill_status st;

    if (d == NULL)
        return nomem(p);
    advance(p);
    st = value(p, &json, 1, true);
    *d = (struct default_value){name, mill_arena_copy(p->arena, mill_buf_view(&json)),
                                p->defaults};
    p->defaults = d;
    if (st == MILL_OK && (json.failed || d->json.ptr == NULL))
        st = nomem(p);
    mill_buf_release(&json);
    return st;
}

/* variables: '(' ('$' name ':' type ('=' value)?)* ')' */
static enum mill_status variable_definitions(struct parser *p)
{
    enum mill_status st = MILL_OK;

    if (!at_sign(p, '('))
        return MILL_OK;
    advance(p);
    while (st == MILL_OK && !at_sign(p, ')')) {
        struct mill_view name;

        st = pass_sign(p, '$');
        if (st == MILL_OK)
            st = pass_name(p, &name);
        if (st == MILL_OK)
            st = pass_sign(p, ':');
        if (st == MILL_OK)
            st = type(p, 1);
        if (st == MILL_OK && at_sign(p, '='))
            st = default_value(p, name);
    }
    if (st == MILL_OK)
        advance(p);
    return st;
}

/* directives: ('@' name arguments?)*; of an operation, where they are for other programs */
static enum mill_status operation_directives(struct parser *p)
{
    enum mill_status st = MILL_OK;

    while (st == MILL_OK && at_sign(p, '@')) {
        struct mill_view ignored;

        advance(p);
        st = pass_name(p, &ignored);
        if (st == MILL_OK)
            st = arguments(p, &ignored);
    }
    return st;
}

/* operation: (('query' | 'mutation') name? variables? directives?)? selection_set */
static enum mill_status operation(struct parser *p, struct mill_view *name_out,
                                  const struct mill_gql_field **out)
{
    enum mill_status st = MILL_OK;

    *name_out = MILL_VIEW("");
    p->defaults = NULL;
    if (!at_sign(p, '{')) {
        if (!at_name(p, "query") && !at_name(p, "mutation"))
            return expected(p, "a query (there are no fragments and subscriptions here)");
        advance(p);
        if (p->token.kind == TOKEN_NAME)
            st = pass_name(p, name_out);
        if (st == MILL_OK)
            st = variable_definitions(p);
        if (st == MILL_OK)
            st = operation_directives(p);
    }
    return st == MILL_OK ? selection_set(p, 1, out) : st;
}

/* document: operation+ */
static enum mill_status document(struct parser *p, struct mill_view wanted,
                                 const struct mill_gql_field **out)
{
    enum mill_status st = MILL_OK;
    size_t found = 0;

    advance(p);
    do {
        const struct mill_gql_field *fields = NULL;
        struct mill_view name;

        st = operation(p, &name, &fields);
        if (st == MILL_OK && (wanted.len == 0 || mill_view_eq(name, wanted))) {
            *out = fields;
            found++;
        }
    } while (st == MILL_OK && p->token.kind != TOKEN_END);
    if (st == MILL_OK && found != 1)
        st =
            mill_fail(p->err, MILL_E_INVALID,
                      "query: %zu operations may be meant; name one that is there once", found);
    return st;
}

enum mill_status mill_gql_parse(struct mill_view text, struct mill_view operation_name,
                                struct mill_view variables, struct mill_arena *arena,
                                const struct mill_gql_field **out, struct mill_error *err)
{
    struct parser p = {.text = text, .arena = arena, .err = err};
    const struct mill_gql_field *fields = NULL;
    struct mill_json json;
    enum mill_status st = MILL_OK;

    if (text.len > MILL_MAX_GRAPHQL_BYTES)
        return mill_fail(err, MILL_E_INVALID, "query has %zu bytes; at most %d are allowed",
                         text.len, MILL_MAX_GRAPHQL_BYTES);
    if (variables.len > 0)
        st = mill_json_parse(variables, arena, &json, err);
    if (st == MILL_OK && variables.len > 0 &&
        mill_json_type(&json, json.root) == MILL_JSON_OBJECT)
        p.variables = &json;
    if (st == MILL_OK)
        st = document(&p, operation_name, &fields);
    if (st == MILL_OK)
        *out = fields;
    return st;
}
