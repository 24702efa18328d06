/* answer.c - a small strict-enough reader of HTTP/1.1 answers, with counting of a text in
 * bodies of any size, so that large answers are checked without being stored. */
#include "answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void mill_answer_begin(struct mill_answer *answer, const char *needle)
{
    answer->state = MILL_ANSWER_HEAD;
    answer->status = 0;
    answer->closes = 0;
    answer->left = 0;
    answer->body_len = 0;
    answer->line_len = 0;
    answer->needle = needle;
    answer->needle_len = needle == NULL ? 0 : strlen(needle);
    answer->found = 0;
    answer->head_len = 0;
    answer->kept_len = 0;
    answer->carry_len = 0;
}

static uint64_t count_in(const char *text, size_t len, const char *needle, size_t needle_len)
{
    const char *end = text + len;
    uint64_t found = 0;

    while ((text = memmem(text, (size_t)(end - text), needle, needle_len)) != NULL) {
        found++;
        text += needle_len;
    }
    return found;
}

/* Occurrences that straddle two pieces are found in a small buffer made of the end of the one
 * and the beginning of the other. */
static void count_needle(struct mill_answer *answer, const char *bytes, size_t len)
{
    size_t edge = answer->needle_len - 1;
    size_t head = len < edge ? len : edge;

    if (answer->carry_len > 0) {
        memcpy(answer->carry + answer->carry_len, bytes, head);
        answer->found += count_in(answer->carry, answer->carry_len + head, answer->needle,
                                  answer->needle_len);
    }
    answer->found += count_in(bytes, len, answer->needle, answer->needle_len);
    if (len >= edge) {
        memcpy(answer->carry, bytes + len - edge, edge);
        answer->carry_len = edge;
    } else {
        size_t have = answer->carry_len > 0 ? answer->carry_len + head : len;

        if (answer->carry_len == 0)
            memcpy(answer->carry, bytes, len);
        if (have > edge)
            memmove(answer->carry, answer->carry + have - edge, edge);
        answer->carry_len = have > edge ? edge : have;
    }
}

static void take_body(struct mill_answer *answer, const char *bytes, size_t len)
{
    size_t keep = MILL_ANSWER_KEEP - answer->kept_len;

    if (keep > len)
        keep = len;
    memcpy(answer->kept + answer->kept_len, bytes, keep);
    answer->kept_len += keep;
    answer->body_len += len;
    if (answer->needle_len > 0)
        count_needle(answer, bytes, len);
}

static const char *header(const char *head, const char *name)
{
    size_t len = strlen(name);

    for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line, "\r\n")) {
        line += 2;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            line += len + 1;
            return line + strspn(line, " \t");
        }
    }
    return NULL;
}

static void read_head(struct mill_answer *answer)
{
    const char *value;

    answer->head[answer->head_len] = '\0';
    if (strncmp(answer->head, "HTTP/1.", 7) != 0 || strlen(answer->head) < 12) {
        answer->state = MILL_ANSWER_BROKEN;
        return;
    }
    answer->status = (int)strtol(answer->head + 9, NULL, 10);
    value = header(answer->head, "connection");
    answer->closes = value != NULL && strncasecmp(value, "close", 5) == 0;
    value = header(answer->head, "transfer-encoding");
    if (value != NULL && strncasecmp(value, "chunked", 7) == 0) {
        answer->state = MILL_ANSWER_CHUNK_SIZE;
        return;
    }
    value = header(answer->head, "content-length");
    answer->left = value == NULL ? 0 : strtoull(value, NULL, 10);
    answer->state = answer->left == 0 ? MILL_ANSWER_DONE : MILL_ANSWER_LENGTH;
}

static size_t feed_head(struct mill_answer *answer, const char *bytes, size_t len)
{
    size_t before = answer->head_len;
    size_t from = before < 3 ? 0 : before - 3;
    size_t take = MILL_ANSWER_HEAD_MAX - before;
    const char *end;

    if (take > len)
        take = len;
    memcpy(answer->head + before, bytes, take);
    answer->head_len += take;
    end = memmem(answer->head + from, answer->head_len - from, "\r\n\r\n", 4);
    if (end == NULL) {
        if (answer->head_len == MILL_ANSWER_HEAD_MAX)
            answer->state = MILL_ANSWER_BROKEN;
        return take;
    }
    answer->head_len = (size_t)(end - answer->head) + 4;
    read_head(answer);
    return answer->head_len - before;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One byte of a chunk's size line, of the line end after a chunk, or of the trailer. */
static void feed_line_byte(struct mill_answer *answer, char c)
{
    if (c == '\r')
        return;
    if (c != '\n') {
        int digit = hex_digit(c);

        answer->line_len++;
        if (answer->state == MILL_ANSWER_CHUNK_SIZE && digit >= 0)
            answer->left = answer->left * 16 + (uint64_t)digit;
        else if (answer->state != MILL_ANSWER_TRAILER)
            answer->state = MILL_ANSWER_BROKEN;
        return;
    }
    if (answer->state == MILL_ANSWER_CHUNK_SIZE)
        answer->state = answer->left == 0 ? MILL_ANSWER_TRAILER : MILL_ANSWER_CHUNK;
    else if (answer->state == MILL_ANSWER_CHUNK_END)
        answer->state = MILL_ANSWER_CHUNK_SIZE;
    else if (answer->line_len == 0)
        answer->state = MILL_ANSWER_DONE;
    answer->line_len = 0;
}

static size_t feed_body(struct mill_answer *answer, const char *bytes, size_t len)
{
    size_t take = answer->left < len ? (size_t)answer->left : len;

    take_body(answer, bytes, take);
    answer->left -= take;
    if (answer->left == 0)
        answer->state =
            answer->state == MILL_ANSWER_LENGTH ? MILL_ANSWER_DONE : MILL_ANSWER_CHUNK_END;
    return take;
}

size_t mill_answer_feed(struct mill_answer *answer, const char *bytes, size_t len)
{
    size_t used = 0;

    while (used < len && answer->state != MILL_ANSWER_DONE &&
           answer->state != MILL_ANSWER_BROKEN) {
        if (answer->state == MILL_ANSWER_HEAD)
            used += feed_head(answer, bytes + used, len - used);
        else if (answer->state == MILL_ANSWER_LENGTH || answer->state == MILL_ANSWER_CHUNK)
            used += feed_body(answer, bytes + used, len - used);
        else
            feed_line_byte(answer, bytes[used++]);
    }
    return used;
}

int mill_answer_value(const struct mill_answer *answer, const char *key, char *out, size_t max)
{
    const char *end = answer->kept + answer->kept_len;
    const char *at = answer->kept;
    size_t key_len = strlen(key);
    size_t len;

    while ((at = memmem(at, (size_t)(end - at), key, key_len)) != NULL) {
        at += key_len;
        while (at < end && (*at == ' ' || *at == ':'))
            at++;
        if (at == end || *at != '"')
            continue;
        at++;
        len = 0;
        while (at + len < end && at[len] != '"')
            len++;
        if (at + len == end || len >= max)
            return -1;
        memcpy(out, at, len);
        out[len] = '\0';
        return 0;
    }
    return -1;
}
