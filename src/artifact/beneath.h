/* beneath.h - opening paths that cannot leave a directory, whatever symbolic links are
 * below it and whoever changes them meanwhile. As open(2): -1 and errno on failure, with
 * EXDEV for a path that leads out. Any thread. */
#ifndef MILL_ARTIFACT_BENEATH_H
#define MILL_ARTIFACT_BENEATH_H

/* Opens path (relative, no ".." segments; "" is the root itself) below root. A symbolic link
 * is followed when its target is below root too; an absolute target counts as below when it
 * begins with root_path, the absolute path of root without links. O_CREAT is not supported;
 * O_CLOEXEC is implied. */
int mill_beneath_open(int root, const char *root_path, const char *path, int flags);

/* The same without openat2(2), for kernels and sandboxes that do not have it and for
 * absolute links, which openat2 always refuses. */
int mill_beneath_walk(int root, const char *root_path, const char *path, int flags);

#endif
