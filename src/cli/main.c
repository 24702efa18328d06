/* main.c - the program: everything is in cli.c. */
#include "cli/cli.h"

int main(int argc, char **argv)
{
    return mill_cli_main(argc, argv);
}
