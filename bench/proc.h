/* proc.h - what a server costs: CPU time and memory of a process and everything it started. */
#ifndef MILL_BENCH_PROC_H
#define MILL_BENCH_PROC_H

#include <stdint.h>
#include <sys/types.h>

#define MILL_PROC_MAX 256

/* The members of one process tree at one moment. */
struct mill_proc_tree {
    pid_t pids[MILL_PROC_MAX];
    int count;
};

/* Fills in root, its descendants and all members of its process group. */
void mill_proc_find(pid_t root, struct mill_proc_tree *tree_out);

/* CPU time of all members in nanoseconds, kernel included; a member that is gone counts 0. */
uint64_t mill_proc_cpu_ns(const struct mill_proc_tree *tree);

/* Sum of the members' proportional set sizes in KiB; 0 where the kernel does not tell. */
uint64_t mill_proc_pss_kib(const struct mill_proc_tree *tree);

#endif
