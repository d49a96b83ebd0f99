/* sandbox_inner: what the two halves of the sandbox share, and the kernel as a table, so that a test can be a kernel that lacks something. */
#ifndef OS_SANDBOX_INNER_H
#define OS_SANDBOX_INNER_H

#include "os/sandbox.h"

struct sandbox_kernel {
    /* The three calls of landlock(7): -1 and errno. */
    long (*ruleset)(const void *attr, size_t n, uint32_t flags);
    long (*rule)(int ruleset, int type, const void *attr, uint32_t flags);
    long (*restrict_self)(int ruleset, uint32_t flags);
    bool (*filter_known)(void);               /* this kernel takes seccomp filters */
    int  (*filter_load)(bool signals);        /* 0 or an errno value */
};

struct sandbox_ports { const uint16_t *port; size_t n; };
/* out: ports that TCP may go to; NULL: none. */
bool sandbox_enter_with(const struct sandbox_rules *r, const struct sandbox_ports *out, const struct sandbox_kernel *k, const char **ret_name, struct err *e);

/* signals: tgkill is allowed, because Landlock keeps it among the sandbox's own processes. talking, out: see sandbox.h. */
bool sandbox_filter_known(void);
int  sandbox_filter_load(bool signals);
int  sandbox_filter_load_talking(bool signals);
int  sandbox_filter_load_out(bool signals);

#endif
