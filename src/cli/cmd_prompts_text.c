/* cmd_prompts_text.c - `prompts register` and `prompts render`: the text of a prompt, in and
 * out. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/prompts.h"

/* More than a prompt may have, whose limit is in characters. */
#define MAX_TEXT_BYTES (1 << 20)

/* --- register -------------------------------------------------------------------------- */

static enum mill_status read_all(int fd, const char *path, struct mill_buf *out,
                                 struct mill_error *err)
{
    for (;;) {
        if (!mill_buf_reserve(out, 65536))
            return mill_fail(err, MILL_E_NOMEM, "out of memory");
        ssize_t got = read(fd, out->ptr + out->len, 65536);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return mill_fail(err, MILL_E_IO, "cannot read %s: %s", path, strerror(errno));
        if (got == 0)
            return MILL_OK;
        out->len += (size_t)got;
        if (out->len > MAX_TEXT_BYTES)
            return mill_fail(err, MILL_E_TOO_LARGE, "%s has more than %d bytes", path,
                             MAX_TEXT_BYTES);
    }
}

/* What --file has, in the cli's arena, without the line end that editors put at its end. */
static enum mill_status read_file(struct mill_cli *cli, struct mill_view *out,
                                  struct mill_error *err)
{
    const char *path = mill_arg(&cli->args, "file");
    bool is_stdin = strcmp(path, "-") == 0;
    struct mill_buf text = {0};
    int fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return mill_fail(err, MILL_E_IO, "cannot open %s: %s", path, strerror(errno));
    enum mill_status st = read_all(fd, is_stdin ? "standard input" : path, &text, err);
    if (!is_stdin)
        close(fd);
    if (st == MILL_OK) {
        struct mill_view all = mill_buf_view(&text);
        if (mill_view_ends(all, MILL_VIEW("\n")))
            all.len--;
        *out = mill_arena_copy(&cli->arena, all);
        st = out->ptr != NULL ? MILL_OK : mill_fail(err, MILL_E_NOMEM, "out of memory");
    }
    mill_buf_release(&text);
    return st;
}

static enum mill_status point_alias(struct mill_cli *cli, struct mill_view name,
                                    int64_t version, struct mill_error *err)
{
    struct mill_view alias = mill_cli_text(cli, "alias");
    return alias.ptr != NULL
               ? mill_client_set_prompt_alias(cli->client, name, alias, version, err)
               : MILL_OK;
}

static enum mill_status register_it(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_new_prompt prompt = {
        .size = sizeof(prompt),
        .name = mill_cli_text(cli, "name"),
        .response_format = mill_cli_text(cli, "response-format"),
        .model_config = mill_cli_text(cli, "model-config"),
        .commit_message = mill_cli_text(cli, "message"),
    };
    struct mill_tag *tags = NULL;
    bool chat = mill_arg_flag(&cli->args, "chat");
    int64_t version = 0;
    enum mill_status st = mill_cli_pairs(cli, "tags", &tags, &prompt.tag_count, err);
    prompt.tags = tags;
    if (st == MILL_OK)
        st = mill_cli_open(cli, MILL_CREATE, err);
    if (st == MILL_OK)
        st = read_file(cli, chat ? &prompt.messages : &prompt.text, err);
    if (st == MILL_OK)
        st = mill_client_register_prompt(cli->client, &prompt, &version, err);
    if (st == MILL_OK)
        st = point_alias(cli, prompt.name, version, err);
    if (st != MILL_OK)
        return st;
    if (!mill_cli_said(cli, "Registered version %lld of prompt '%s'.", (long long)version,
                       prompt.name.ptr))
        mill_buf_printf(&cli->out, "{\"version\":%lld}\n", (long long)version);
    return MILL_OK;
}

static const struct mill_opt register_opts[] = {
    MILL_OPT_PROMPT,
    {.name = "file",
     .type = MILL_OPT_TEXT,
     .flags = MILL_OPT_BARE,
     .value = "FILE",
     .fallback = "-",
     .help = "What has its text; '-' is standard input"},
    {.name = "chat",
     .type = MILL_OPT_FLAG,
     .help = "The file is a JSON list of messages with \"role\" and \"content\""},
    {.name = "message",
     .letter = 'm',
     .type = MILL_OPT_TEXT,
     .value = "TEXT",
     .help = "What is new about this version"},
    {.name = "alias",
     .letter = 'a',
     .type = MILL_OPT_TEXT,
     .value = "ALIAS",
     .help = "Point this alias at the new version"},
    {.name = "response-format",
     .type = MILL_OPT_TEXT,
     .value = "JSON",
     .help = "What answers should look like, a JSON schema"},
    {.name = "model-config",
     .type = MILL_OPT_TEXT,
     .value = "JSON",
     .help = "Which model with which settings, e.g. '{\"temperature\": 0.5}'"},
    MILL_OPT_TAGS,
    MILL_OPT_JSON,
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_prompts_register = {
    .group = "prompts",
    .name = "register",
    .summary = "Make the next version of a prompt, and the prompt if there is none",
    .details =
        "Variables stand in double braces, as in 'Hello {{name}}'. The line end at the end "
        "of the file is not part of the text.",
    MILL_OPTS(register_opts),
    .run = register_it,
};

/* --- render ---------------------------------------------------------------------------- */

static enum mill_status print_rendered(struct mill_cli *cli,
                                       const struct mill_prompt_version *version,
                                       struct mill_error *err)
{
    struct mill_tag *values = NULL;
    size_t count = 0, length = 0;
    bool partial = mill_arg_flag(&cli->args, "partial");
    enum mill_status st = mill_cli_pairs(cli, "values", &values, &count, err);
    if (st == MILL_OK)
        st = mill_prompt_render(version, values, count, partial, NULL, 0, &length, err);
    if (st != MILL_OK)
        return st;
    if (!mill_buf_reserve(&cli->out, length + 1))
        return mill_fail(err, MILL_E_NOMEM, "out of memory");
    st = mill_prompt_render(version, values, count, partial, cli->out.ptr + cli->out.len,
                            length + 1, &length, err);
    if (st == MILL_OK) {
        cli->out.len += length;
        mill_buf_add_char(&cli->out, '\n');
    }
    return st;
}

static enum mill_status render(struct mill_cli *cli, struct mill_error *err)
{
    struct mill_prompt_version_list *list = NULL;
    enum mill_status st = mill_cli_prompt_version(cli, &list, err);
    if (st == MILL_OK)
        st = print_rendered(cli, list->items[0], err);
    mill_prompt_version_list_free(list);
    return st;
}

static const struct mill_opt render_opts[] = {
    MILL_OPT_PROMPT,
    MILL_OPT_PROMPT_VERSION,
    {.name = "values",
     .alias = "value",
     .type = MILL_OPT_LIST,
     .value = "NAME=TEXT",
     .help = "What stands for a variable; may be repeated"},
    {.name = "partial",
     .type = MILL_OPT_FLAG,
     .help = "Leave variables without a value as they are"},
    MILL_OPT_TRACKING_URI,
};

const struct mill_command mill_cmd_prompts_render = {
    .group = "prompts",
    .name = "render",
    .summary = "Print the text of a version with values for its variables",
    .details = "With --partial and without values it is the text itself: two versions can be "
               "compared by diff.",
    MILL_OPTS(render_opts),
    .access = MILL_READ,
    .run = render,
};
