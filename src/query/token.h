/* token.h - cuts a filter or an order_by item into tokens with offsets. */
#ifndef MILL_QUERY_TOKEN_H
#define MILL_QUERY_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include <millstream/error.h>

enum mill_token_kind {
    MILL_TOKEN_END,
    MILL_TOKEN_NAME,   /* word, `word`, entity.key, entity."key" */
    MILL_TOKEN_QUOTED, /* 'text' or "text": a value, or with double quotes an attribute */
    MILL_TOKEN_NUMBER,
    MILL_TOKEN_OPERATOR, /* = != < <= > >= and those that are refused later: == <> */
    MILL_TOKEN_OPEN,
    MILL_TOKEN_CLOSE,
    MILL_TOKEN_COMMA,
    MILL_TOKEN_BAD /* problem says why */
};

/* A piece of the text. Views point into it. */
struct mill_token {
    enum mill_token_kind kind;
    size_t offset;           /* of its first byte */
    struct mill_view raw;    /* as written */
    struct mill_view entity; /* of a name: what stands before the dot; absent without one */
    struct mill_view text;   /* name or key without quotes; content of quotes; number */
    char quote;              /* around text, or 0 */
    const char *problem;     /* of a bad one */
};

struct mill_lexer {
    struct mill_view text;
    size_t at;
};

/* The next token; MILL_TOKEN_END again and again behind the last one. */
struct mill_token mill_lexer_next(struct mill_lexer *lexer);

/* Whether the token is this word without entity and quotes, in any case. */
bool mill_token_is_word(const struct mill_token *token, const char *word);

/* What a message says came: the start of the token as written, or "the end". */
struct mill_view mill_token_shown(const struct mill_token *token);

#endif
