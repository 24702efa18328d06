/* command.c - the table of all commands. */
#include "cli/command.h"

#include <stdio.h>

#include "base/view.h"

static const struct mill_command *const commands[] = {
#define COMMAND(name) &mill_cmd_##name,
#include "cli/commands.def"
};

const struct mill_command *const *mill_commands(size_t *count_out)
{
    *count_out = MILL_COUNT(commands);
    return commands;
}

static bool same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

const struct mill_command *mill_command_find(const char *group, const char *name)
{
    for (size_t i = 0; i < MILL_COUNT(commands); i++) {
        const struct mill_command *c = commands[i];
        if (same(c->group, group) &&
            (same(c->name, name) || (c->alias != NULL && same(c->alias, name))))
            return c;
    }
    return NULL;
}

bool mill_command_is_group(const char *name)
{
    for (size_t i = 0; i < MILL_COUNT(commands); i++)
        if (commands[i]->group != NULL && same(commands[i]->group, name))
            return true;
    return false;
}

const char *mill_command_title(const struct mill_command *command, char buffer[static 64])
{
    bool grouped = command->group != NULL;
    snprintf(buffer, 64, "%s%s%s", grouped ? command->group : "", grouped ? " " : "",
             command->name);
    return buffer;
}
