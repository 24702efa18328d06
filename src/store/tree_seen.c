/* tree_seen.c - see tree_seen.h. */
#include "store/tree_seen.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <time.h>

/* File systems stamp changes with a clock that stands still for some time, FAT's for two
 * seconds. */
#define COARSEST_CLOCK_NS INT64_C(2000000000)

static int64_t ns_of(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t mix_state(uint64_t hash, const struct stat *info)
{
    if (info == NULL)
        return mix(hash, 1);
    hash = mix(hash, (uint64_t)info->st_ino);
    hash = mix(hash, (uint64_t)info->st_size);
    hash = mix(hash, (uint64_t)ns_of(info->st_mtim));
    return mix(hash, (uint64_t)ns_of(info->st_ctim));
}

void mill_tree_seen_begin(struct mill_tree_seen *seen)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    seen->names.len = 0;
    seen->names.failed = false;
    seen->hash = 0;
    seen->began_ns = ns_of(now);
    seen->newest_ns = INT64_MIN;
    seen->complete = false;
}

void mill_tree_seen_add(struct mill_tree_seen *seen, const char *name, const struct stat *info)
{
    mill_buf_add(&seen->names, name, strlen(name) + 1);
    seen->hash = mix_state(seen->hash, info);
    /* Of the two times this is the one that nobody can set. */
    if (info != NULL && ns_of(info->st_ctim) > seen->newest_ns)
        seen->newest_ns = ns_of(info->st_ctim);
}

void mill_tree_seen_end(struct mill_tree_seen *seen)
{
    seen->complete =
        !seen->names.failed && seen->newest_ns < seen->began_ns - COARSEST_CLOCK_NS;
}

bool mill_tree_seen_same(const struct mill_tree_seen *seen, int folder, const char *prefix)
{
    char path[PATH_MAX];
    size_t base = strlen(prefix);
    if (!seen->complete || base >= sizeof(path))
        return false;
    memcpy(path, prefix, base);
    uint64_t hash = 0;
    const char *end = seen->names.ptr + seen->names.len;
    for (const char *name = seen->names.ptr; name < end; name += strlen(name) + 1) {
        struct stat info;
        size_t len = strlen(name);
        if (base + len >= sizeof(path))
            return false;
        memcpy(path + base, name, len + 1);
        bool there = fstatat(folder, path, &info, 0) == 0;
        hash = mix_state(hash, there ? &info : NULL);
    }
    return hash == seen->hash;
}

void mill_tree_seen_release(struct mill_tree_seen *seen)
{
    mill_buf_release(&seen->names);
    *seen = (struct mill_tree_seen){0};
}
