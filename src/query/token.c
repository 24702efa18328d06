/* token.c - the lexer of filters and order_by items.
 *
 * Values in quotes have no escapes: a doubled quote stays doubled, a backslash stays. Yet
 * neither a doubled quote nor one behind a backslash ends the text, as in MLflow. */
#include "query/token.h"

#include "base/view.h"

/* Characters of a token that a message shows. */
#define SHOWN_CHARACTERS 40

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Everything beyond ASCII counts as a letter. */
static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* The character at a place, 0 behind the end; a real NUL is no character of any token. */
static char char_at(const struct mill_lexer *lexer, size_t at)
{
    return at < lexer->text.len ? lexer->text.ptr[at] : '\0';
}

static struct mill_view slice(const struct mill_lexer *lexer, size_t from, size_t to)
{
    return (struct mill_view){lexer->text.ptr + from, to - from};
}

static struct mill_token bad(const struct mill_lexer *lexer, size_t from, size_t to,
                             const char *problem)
{
    return (struct mill_token){.kind = MILL_TOKEN_BAD,
                               .offset = from,
                               .raw = slice(lexer, from, to),
                               .problem = problem};
}

/* The place of the quote that ends the text begun at from, or 0 when there is none. When only
 * a quote behind a backslash is left, it ends the text. */
static size_t closing_quote(const struct mill_lexer *lexer, size_t from)
{
    char quote = lexer->text.ptr[from];
    size_t escaped = 0;
    for (size_t i = from + 1; i < lexer->text.len; i++) {
        char c = lexer->text.ptr[i];
        if (c == '\\' && quote != '`' && char_at(lexer, i + 1) == quote) {
            escaped = ++i;
        } else if (c == quote) {
            if (quote == '`' || char_at(lexer, i + 1) != quote)
                return i;
            i++;
        }
    }
    return escaped;
}

/* number = [ "+" | "-" ] ( digits [ "." [ digits ] ] | "." digits )
 *          [ ( "e" | "E" ) [ "+" | "-" ] digits ] */
static size_t number_end(const struct mill_lexer *lexer, size_t at)
{
    bool any = false;
    if (char_at(lexer, at) == '-' || char_at(lexer, at) == '+')
        at++;
    for (; is_digit(char_at(lexer, at)); at++)
        any = true;
    if (char_at(lexer, at) == '.')
        for (at++; is_digit(char_at(lexer, at)); at++)
            any = true;
    if (!any)
        return 0;
    if (char_at(lexer, at) == 'e' || char_at(lexer, at) == 'E') {
        size_t digits = at + 1;
        if (char_at(lexer, digits) == '-' || char_at(lexer, digits) == '+')
            digits++;
        if (is_digit(char_at(lexer, digits))) {
            at = digits;
            while (is_digit(char_at(lexer, at)))
                at++;
        }
    }
    return at;
}

/* A character that begins no token. Behind a name it was mostly meant to be part of it. */
static struct mill_token lex_stray(const struct mill_lexer *lexer, size_t from)
{
    size_t to = from + 1;
    while ((unsigned char)char_at(lexer, to) >> 6 == 2)
        to++;
    bool inside = from > 0 && is_word(lexer->text.ptr[from - 1]);
    return bad(lexer, from, to,
               inside ? "cannot stand here; put a key that has other characters than letters, "
                        "digits, '_' and '.' into double quotes"
                      : "cannot stand here");
}

static struct mill_token lex_number(struct mill_lexer *lexer, size_t from)
{
    size_t to = number_end(lexer, from);
    if (to == 0)
        return lex_stray(lexer, from);
    if (is_word(char_at(lexer, to)) || char_at(lexer, to) == '.') {
        while (is_word(char_at(lexer, to)) || char_at(lexer, to) == '.')
            to++;
        return bad(lexer, from, to, "is not a number; write it like 12, -0.5 or 1e-3");
    }
    lexer->at = to;
    struct mill_view raw = slice(lexer, from, to);
    return (struct mill_token){
        .kind = MILL_TOKEN_NUMBER, .offset = from, .raw = raw, .text = raw};
}

/* Completes a name whose entity is [from, dot), with or without backticks. */
static struct mill_token lex_key(struct mill_lexer *lexer, size_t from, struct mill_view entity,
                                 size_t dot)
{
    size_t at = dot + 1;
    char quote = char_at(lexer, at);
    struct mill_token token = {.kind = MILL_TOKEN_NAME, .offset = from, .entity = entity};
    if (quote == '\'' || quote == '"' || quote == '`') {
        size_t end = closing_quote(lexer, at);
        if (end == 0)
            return bad(lexer, at, lexer->text.len, "has no closing quote");
        token.quote = quote;
        token.text = slice(lexer, at + 1, end);
        lexer->at = end + 1;
    } else {
        size_t end = at;
        while (is_word(char_at(lexer, end)) || char_at(lexer, end) == '.')
            end++;
        token.text = slice(lexer, at, end);
        lexer->at = end;
    }
    token.raw = slice(lexer, from, lexer->at);
    if (token.text.len == 0)
        return bad(lexer, from, lexer->at, "lacks a key behind its dot, as in metrics.loss");
    return token;
}

static struct mill_token lex_word(struct mill_lexer *lexer, size_t from)
{
    size_t end = from;
    while (is_word(char_at(lexer, end)))
        end++;
    struct mill_view word = slice(lexer, from, end);
    if (char_at(lexer, end) == '.')
        return lex_key(lexer, from, word, end);
    lexer->at = end;
    return (struct mill_token){
        .kind = MILL_TOKEN_NAME, .offset = from, .raw = word, .text = word};
}

static struct mill_token lex_quoted(struct mill_lexer *lexer, size_t from)
{
    char quote = lexer->text.ptr[from];
    size_t end = closing_quote(lexer, from);
    if (end == 0)
        return bad(lexer, from, lexer->text.len, "has no closing quote");
    struct mill_view text = slice(lexer, from + 1, end);
    if (quote == '`' && char_at(lexer, end + 1) == '.')
        return lex_key(lexer, from, text, end + 1);
    lexer->at = end + 1;
    return (struct mill_token){.kind = quote == '`' ? MILL_TOKEN_NAME : MILL_TOKEN_QUOTED,
                               .offset = from,
                               .raw = slice(lexer, from, end + 1),
                               .text = text,
                               .quote = quote};
}

static struct mill_token lex_operator(struct mill_lexer *lexer, size_t from)
{
    char first = lexer->text.ptr[from], second = char_at(lexer, from + 1);
    size_t len = 1;
    if (second == '=' || (first == '<' && second == '>'))
        len = 2;
    if (first == '!' && len == 1)
        return bad(lexer, from, from + 1, "is no operator; did you mean != ?");
    lexer->at = from + len;
    struct mill_view raw = slice(lexer, from, from + len);
    return (struct mill_token){
        .kind = MILL_TOKEN_OPERATOR, .offset = from, .raw = raw, .text = raw};
}

static struct mill_token lex_mark(struct mill_lexer *lexer, size_t from,
                                  enum mill_token_kind kind)
{
    lexer->at = from + 1;
    return (struct mill_token){
        .kind = kind, .offset = from, .raw = slice(lexer, from, from + 1)};
}

struct mill_token mill_lexer_next(struct mill_lexer *lexer)
{
    while (lexer->at < lexer->text.len && is_space(lexer->text.ptr[lexer->at]))
        lexer->at++;
    size_t from = lexer->at;
    if (from >= lexer->text.len)
        return (struct mill_token){.kind = MILL_TOKEN_END, .offset = from};
    char c = lexer->text.ptr[from];
    switch (c) {
    case '(':
        return lex_mark(lexer, from, MILL_TOKEN_OPEN);
    case ')':
        return lex_mark(lexer, from, MILL_TOKEN_CLOSE);
    case ',':
        return lex_mark(lexer, from, MILL_TOKEN_COMMA);
    case '\'':
    case '"':
    case '`':
        return lex_quoted(lexer, from);
    case '=':
    case '!':
    case '<':
    case '>':
        return lex_operator(lexer, from);
    case '+':
    case '-':
    case '.':
        return lex_number(lexer, from);
    default:
        break;
    }
    if (is_digit(c))
        return lex_number(lexer, from);
    if (is_word(c))
        return lex_word(lexer, from);
    return lex_stray(lexer, from);
}

bool mill_token_is_word(const struct mill_token *token, const char *word)
{
    return token->kind == MILL_TOKEN_NAME && token->entity.ptr == NULL && token->quote == 0 &&
           mill_view_eq_nocase(token->text, mill_view_of(word));
}

struct mill_view mill_token_shown(const struct mill_token *token)
{
    if (token->kind == MILL_TOKEN_END)
        return MILL_VIEW("the end");
    return mill_utf8_prefix(token->raw, SHOWN_CHARACTERS);
}
