/* opt.c - parses the arguments of a command by its table. */
#include "cli/opt.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "cli/suggest.h"

/* One parse. */
struct parse {
    const char *command;
    struct mill_args *args;
    struct mill_arena *arena;
    char **argv;
    int argc;
    int at; /* next argument */
    struct mill_error *err;
};

static size_t row_of(const struct mill_args *args, const char *name)
{
    for (size_t i = 0; i < args->opt_count; i++)
        if (strcmp(args->opts[i].name, name) == 0)
            return i;
    assert(0 && "the command has no such option");
    return 0;
}

int mill_choice_index(const char *choices, struct mill_view word)
{
    struct mill_view rest = mill_view_of(choices), choice;
    for (int i = 0; rest.ptr != NULL; i++) {
        rest = mill_view_cut(rest, '|', &choice);
        if (mill_view_eq_nocase(choice, word))
            return i;
    }
    return -1;
}

static enum mill_status check_value(const struct mill_opt *opt, const char *text,
                                    const char *origin, struct mill_error *err)
{
    int64_t number;
    if (opt->type == MILL_OPT_INT && (!mill_view_int(mill_view_of(text), &number) ||
                                      number < opt->least || number > opt->most))
        return mill_fail(err, MILL_E_INVALID,
                         "%s is '%s'; it must be a whole number from %lld to %lld", origin,
                         text, (long long)opt->least, (long long)opt->most);
    if (opt->type == MILL_OPT_CHOICE && mill_choice_index(opt->choices, mill_view_of(text)) < 0)
        return mill_fail(err, MILL_E_INVALID, "%s is '%s'; it must be one of %s", origin, text,
                         opt->choices);
    return MILL_OK;
}

/* A word as it stands in the choices, whatever its case was; NULL when memory is out. */
static const char *choice_word(const struct parse *p, const struct mill_opt *opt,
                               const char *text)
{
    struct mill_view rest = mill_view_of(opt->choices), word = rest;
    for (int left = mill_choice_index(opt->choices, mill_view_of(text)); left >= 0; left--)
        rest = mill_view_cut(rest, '|', &word);
    return mill_arena_cstr(p->arena, word);
}

/* Adds a value to a row; one that takes a single value keeps the last. */
static enum mill_status add_value(struct parse *p, size_t row, const char *text)
{
    const struct mill_opt *opt = &p->args->opts[row];
    char origin[64];
    snprintf(origin, sizeof(origin), "--%s", opt->name);
    enum mill_status st = check_value(opt, text, origin, p->err);
    if (st != MILL_OK)
        return st;
    if (p->args->values[row].texts == NULL) {
        /* No more values than arguments can come. */
        p->args->values[row].texts =
            mill_arena_zero(p->arena, (size_t)p->argc + 1, sizeof(const char *));
        if (p->args->values[row].texts == NULL)
            return mill_fail(p->err, MILL_E_NOMEM, "out of memory");
    }
    if (opt->type == MILL_OPT_CHOICE && (text = choice_word(p, opt, text)) == NULL)
        return mill_fail(p->err, MILL_E_NOMEM, "out of memory");
    if (opt->type != MILL_OPT_LIST)
        p->args->values[row].count = 0;
    p->args->values[row].texts[p->args->values[row].count++] = text;
    return MILL_OK;
}

/* An argument without an option: to the first row for such that is still empty or is a list. */
static enum mill_status add_bare(struct parse *p, const char *text)
{
    for (size_t i = 0; i < p->args->opt_count; i++) {
        const struct mill_opt *opt = &p->args->opts[i];
        if ((opt->flags & MILL_OPT_BARE) != 0 &&
            (p->args->values[i].count == 0 || opt->type == MILL_OPT_LIST))
            return add_value(p, i, text);
    }
    return mill_fail(p->err, MILL_E_INVALID,
                     "'%s' is one argument too many; see 'millstream %s --help'", text,
                     p->command);
}

static enum mill_status unknown_option(const struct parse *p, const char *text)
{
    struct mill_view typed, name;
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    mill_view_cut(mill_view_of(text), '=', &typed);
    name = mill_view_from(typed, 2);
    for (size_t i = 0; i < p->args->opt_count && mill_view_starts(typed, MILL_VIEW("--")); i++)
        mill_suggest(p->args->opts[i].name, name, &nearest, &best);
    if (nearest != NULL)
        return mill_fail(p->err, MILL_E_INVALID,
                         "'millstream %s' has no option %.*s; did you mean --%s?", p->command,
                         MILL_FMT(typed), nearest);
    return mill_fail(p->err, MILL_E_INVALID,
                     "'millstream %s' has no option %.*s; see 'millstream %s --help'",
                     p->command, MILL_FMT(typed), p->command);
}

/* Takes the value of a row, which is attached (may be NULL) or the next argument. */
static enum mill_status take_option(struct parse *p, size_t row, const char *attached)
{
    const struct mill_opt *opt = &p->args->opts[row];
    if (opt->type == MILL_OPT_FLAG) {
        if (attached != NULL)
            return mill_fail(p->err, MILL_E_INVALID, "--%s takes no value, got '%s'", opt->name,
                             attached);
        return add_value(p, row, "");
    }
    if (attached == NULL && p->at >= p->argc)
        return mill_fail(p->err, MILL_E_INVALID, "--%s needs a value: --%s %s", opt->name,
                         opt->name, opt->value);
    return add_value(p, row, attached != NULL ? attached : p->argv[p->at++]);
}

static bool is_named(const struct mill_opt *opt, struct mill_view name)
{
    return mill_view_eq(name, mill_view_of(opt->name)) ||
           (opt->alias != NULL && mill_view_eq(name, mill_view_of(opt->alias)));
}

static enum mill_status take_long(struct parse *p, const char *text)
{
    struct mill_view name, value = mill_view_cut(mill_view_of(text + 2), '=', &name);
    if (mill_view_eq(name, MILL_VIEW("help"))) {
        p->args->help = true;
        return MILL_OK;
    }
    for (size_t i = 0; i < p->args->opt_count; i++)
        if (is_named(&p->args->opts[i], name))
            return take_option(p, i, value.ptr);
    return unknown_option(p, text);
}

static enum mill_status take_letter(struct parse *p, const char *text)
{
    for (size_t i = 0; i < p->args->opt_count; i++)
        if (p->args->opts[i].letter == text[1])
            return take_option(p, i, text[2] != '\0' ? text + 2 : NULL);
    if (strcmp(text, "-h") == 0) {
        p->args->help = true;
        return MILL_OK;
    }
    return unknown_option(p, text);
}

/* "-", "-5", "-.5" and "-Infinity" are values, not options. */
static bool looks_like_option(const char *text)
{
    return text[0] == '-' && text[1] != '\0' && strchr("0123456789.", text[1]) == NULL &&
           strncasecmp(text, "-inf", 4) != 0;
}

/* Fills rows that were not given from the environment and the defaults. */
static enum mill_status fill_in(struct parse *p)
{
    for (size_t i = 0; i < p->args->opt_count; i++) {
        const struct mill_opt *opt = &p->args->opts[i];
        const char *text = NULL;
        enum mill_status st = MILL_OK;
        if (p->args->values[i].count > 0)
            continue;
        if (opt->env != NULL)
            text = getenv(opt->env);
        if (text != NULL && text[0] != '\0')
            st = check_value(opt, text, opt->env, p->err);
        else
            text = opt->fallback;
        if (st == MILL_OK && text != NULL)
            st = add_value(p, i, text);
        if (st != MILL_OK)
            return st;
        if (text == NULL && (opt->flags & MILL_OPT_REQUIRED) != 0)
            return mill_fail(p->err, MILL_E_INVALID,
                             "'millstream %s' needs %s%s--%s %s; see 'millstream %s --help'",
                             p->command, (opt->flags & MILL_OPT_BARE) != 0 ? opt->value : "",
                             (opt->flags & MILL_OPT_BARE) != 0 ? " or " : "", opt->name,
                             opt->value, p->command);
    }
    return MILL_OK;
}

enum mill_status mill_opt_parse(const char *command, const struct mill_opt *opts,
                                size_t opt_count, int argc, char **argv,
                                struct mill_arena *arena, struct mill_args *out,
                                struct mill_error *err)
{
    struct parse p = {.command = command,
                      .args = out,
                      .arena = arena,
                      .argv = argv,
                      .argc = argc,
                      .err = err};
    enum mill_status st = MILL_OK;
    bool options = true;
    assert(opt_count <= MILL_OPT_MAX);
    memset(out, 0, sizeof(*out));
    out->opts = opts;
    out->opt_count = opt_count;
    while (p.at < argc && st == MILL_OK && !out->help) {
        const char *text = argv[p.at++];
        if (!options || !looks_like_option(text))
            st = add_bare(&p, text);
        else if (strcmp(text, "--") == 0)
            options = false;
        else
            st = text[1] == '-' ? take_long(&p, text) : take_letter(&p, text);
    }
    return st == MILL_OK && !out->help ? fill_in(&p) : st;
}

const char *mill_arg(const struct mill_args *args, const char *name)
{
    size_t row = row_of(args, name);
    size_t count = args->values[row].count;
    return count > 0 ? args->values[row].texts[count - 1] : NULL;
}

bool mill_arg_flag(const struct mill_args *args, const char *name)
{
    return args->values[row_of(args, name)].count > 0;
}

int64_t mill_arg_int(const struct mill_args *args, const char *name)
{
    int64_t number = 0;
    const char *text = mill_arg(args, name);
    if (text != NULL)
        mill_view_int(mill_view_of(text), &number); /* checked when it was parsed */
    return number;
}

size_t mill_arg_list(const struct mill_args *args, const char *name,
                     const char *const **texts_out)
{
    size_t row = row_of(args, name);
    *texts_out = args->values[row].texts;
    return args->values[row].count;
}
