/* proc.c - reads /proc for the CPU time and the memory of a server's process tree. */
#include "proc.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ALL_MAX 8192

struct proc_row {
    pid_t pid;
    pid_t parent;
    pid_t group;
};

/* Parses "PID (NAME) STATE PPID PGRP ..."; NAME may hold anything, so look for the last ')'. */
static int read_row(pid_t pid, struct proc_row *row_out)
{
    char path[64];
    char text[512];
    char *after;
    size_t len;
    FILE *file;
    char state;
    int parent;
    int group;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    file = fopen(path, "re");
    if (file == NULL)
        return -1;
    len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[len] = '\0';
    after = strrchr(text, ')');
    if (after == NULL || sscanf(after + 1, " %c %d %d", &state, &parent, &group) != 3)
        return -1;
    *row_out = (struct proc_row){.pid = pid, .parent = parent, .group = group};
    return 0;
}

static int read_all(struct proc_row *rows, int max)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    int count = 0;

    if (dir == NULL)
        return 0;
    while (count < max && (entry = readdir(dir)) != NULL) {
        if (!isdigit((unsigned char)entry->d_name[0]))
            continue;
        if (read_row((pid_t)strtol(entry->d_name, NULL, 10), &rows[count]) == 0)
            count++;
    }
    closedir(dir);
    return count;
}

static int holds(const struct mill_proc_tree *tree, pid_t pid)
{
    for (int i = 0; i < tree->count; i++) {
        if (tree->pids[i] == pid)
            return 1;
    }
    return 0;
}

void mill_proc_find(pid_t root, struct mill_proc_tree *tree_out)
{
    static struct proc_row rows[ALL_MAX];
    int all = read_all(rows, ALL_MAX);
    int grown = 1;

    tree_out->pids[0] = root;
    tree_out->count = 1;
    while (grown) {
        grown = 0;
        for (int i = 0; i < all && tree_out->count < MILL_PROC_MAX; i++) {
            if (holds(tree_out, rows[i].pid))
                continue;
            if (rows[i].group == root || holds(tree_out, rows[i].parent)) {
                tree_out->pids[tree_out->count++] = rows[i].pid;
                grown = 1;
            }
        }
    }
}

uint64_t mill_proc_cpu_ns(const struct mill_proc_tree *tree)
{
    uint64_t sum = 0;

    for (int i = 0; i < tree->count; i++) {
        struct timespec used;
        clockid_t clock;

        if (clock_getcpuclockid(tree->pids[i], &clock) == 0 && clock_gettime(clock, &used) == 0)
            sum += (uint64_t)used.tv_sec * 1000000000U + (uint64_t)used.tv_nsec;
    }
    return sum;
}

uint64_t mill_proc_pss_kib(const struct mill_proc_tree *tree)
{
    uint64_t sum = 0;

    for (int i = 0; i < tree->count; i++) {
        char path[64];
        char line[256];
        unsigned long kib;
        FILE *file;

        snprintf(path, sizeof(path), "/proc/%d/smaps_rollup", (int)tree->pids[i]);
        file = fopen(path, "re");
        if (file == NULL)
            continue;
        while (fgets(line, sizeof(line), file) != NULL) {
            if (sscanf(line, "Pss: %lu kB", &kib) == 1) {
                sum += kib;
                break;
            }
        }
        fclose(file);
    }
    return sum;
}
