/* wanted.c - see wanted.h. */
#include "base/wanted.h"

#include <millstream/client.h>

static _Thread_local struct mill_asking asked;

bool mill_still_wanted(void)
{
    return asked.wanted == NULL || asked.wanted(asked.context);
}

struct mill_asking mill_asking_set(struct mill_asking asking)
{
    struct mill_asking before = asked;
    asked = asking;
    return before;
}

void mill_ask_while_waiting(bool (*wanted)(void *context), void *context)
{
    mill_asking_set((struct mill_asking){wanted, context});
}
