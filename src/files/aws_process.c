/* aws_process.c - see aws_process.h. */
#include "files/aws_process.h"

#include "base/alloc.h"
#include "base/program.h"

#define TIMEOUT_S  60
#define MAX_OUTPUT 65536

/* --- words ------------------------------------------------------------------------------ */

struct splitter {
    struct mill_view rest;
    char *next; /* where the text of words goes on */
    char **argv;
    size_t count;
    bool open;  /* a word has begun */
    char quote; /* the mark that its part is in, or 0 */
};

static void begin_word(struct splitter *s)
{
    if (!s->open)
        s->argv[s->count++] = s->next;
    s->open = true;
}

static void add_char(struct splitter *s, char c)
{
    begin_word(s);
    *s->next++ = c;
}

static void end_word(struct splitter *s)
{
    if (s->open)
        *s->next++ = '\0';
    s->open = false;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* What follows a backslash; between double marks it keeps nothing but them and itself apart. */
static void add_escaped(struct splitter *s, char c)
{
    if (s->quote == '"' && c != '"' && c != '\\')
        add_char(s, '\\');
    add_char(s, c);
}

static enum mill_status split(struct splitter *s, struct mill_error *err)
{
    for (size_t i = 0; i < s->rest.len; i++) {
        char c = s->rest.ptr[i];
        if (c == '\\' && s->quote != '\'') {
            if (++i == s->rest.len)
                return mill_fail(err, MILL_E_INVALID, "the command ends with a backslash");
            add_escaped(s, s->rest.ptr[i]);
        } else if (s->quote != 0 && c == s->quote) {
            s->quote = 0;
        } else if (s->quote == 0 && (c == '"' || c == '\'')) {
            s->quote = c;
            begin_word(s); /* "" is one */
        } else if (s->quote == 0 && is_space(c)) {
            end_word(s);
        } else {
            add_char(s, c);
        }
    }
    if (s->quote != 0)
        return mill_fail(err, MILL_E_INVALID, "the command has a %c without its partner",
                         s->quote);
    end_word(s);
    return MILL_OK;
}

enum mill_status mill_aws_process_words(struct mill_view command, struct mill_arena *arena,
                                        char ***argv_out, struct mill_error *err)
{
    /* A word has at least one character or two marks, and one of white space behind it. */
    struct splitter s = {.rest = command,
                         .next = mill_arena_alloc(arena, command.len + 1),
                         .argv = mill_arena_zero(arena, command.len / 2 + 2, sizeof(char *))};
    if (s.next == NULL || s.argv == NULL)
        return mill_no_memory(err);
    enum mill_status st = split(&s, err);
    if (st == MILL_OK && s.count == 0)
        st = mill_fail(err, MILL_E_INVALID, "the command is empty");
    *argv_out = s.argv;
    return st;
}

/* --- keys ------------------------------------------------------------------------------- */

enum mill_status mill_aws_process_keys(struct mill_view command, struct mill_arena *arena,
                                       struct mill_aws_credentials *out, struct mill_error *err)
{
    struct mill_program program = {.timeout_s = TIMEOUT_S, .max_bytes = MAX_OUTPUT};
    struct mill_buf output = {0}, complaints = {0};
    char **argv = NULL;
    int code = 0;
    enum mill_status st = mill_aws_process_words(command, arena, &argv, err);
    if (st == MILL_OK) {
        program.argv = argv;
        st = mill_program_run(&program, &output, &complaints, &code, err);
    }
    if (st == MILL_OK && code != 0) {
        struct mill_view why = mill_view_trim(mill_buf_view(&complaints));
        st = mill_fail(err, MILL_E_DENIED, "it ended with status %d%s%.*s", code,
                       why.len > 0 ? ": " : "", MILL_FMT(mill_utf8_prefix(why, 200)));
    }
    if (st == MILL_OK)
        st = mill_aws_credentials_parse(mill_buf_view(&output), arena, out, err);
    if (output.ptr != NULL)
        explicit_bzero(output.ptr, output.len);
    mill_buf_release(&output);
    mill_buf_release(&complaints);
    return st;
}
