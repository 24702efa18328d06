/* exit.c - see exit.h. */
#include "base/exit.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

static _Atomic(void (*)(void)) function_at_exit;

static void call_function(void)
{
    void (*function)(void) = atomic_load(&function_at_exit);
    if (function != NULL)
        function();
}

void mill_exit_call(void (*function)(void))
{
    atomic_store(&function_at_exit, function);
    mill_exit_first();
}

void mill_exit_first(void)
{
    atexit(call_function);
}
