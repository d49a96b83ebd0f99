/*
 * sandbox: gives up, for good, what a reader of hostile evidence does not need: the network, new programs, and every write but below one folder.
 *
 * Landlock whose rights end: reading below the paths given (and /proc/self), writing and making files below `write`. From ABI 4 on also TCP.
 * seccomp  a list of the system calls that are needed; the rest fails with ENOSYS. socket, connect, bind, execve, ptrace, mount, setpgid and the like with EPERM.
 * Kernel   each half is used where the kernel has it; the answer says which ("landlock+seccomp", "landlock", "seccomp", "none").
 *          A half that fails for any other reason than "this kernel has it not" is an error: a hunt does not go on less safe than it says.
 * Threads  before the first thread is made; threads and children inherit it.
 * Forms    three: nothing but files; the same and what is connected already; the network outwards, and no file but for reading.
 * Source   landlock(7) ABI 1 to 7, seccomp(2), libseccomp.
 */
#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include "base/err.h"
#include "base/str.h"

struct sandbox_rules {
    const struct str *read; size_t read_n;     /* files and folders; each must exist */
    struct str write;                          /* one folder that exists; empty: none */
};
bool sandbox_enter(const struct sandbox_rules *r, const char **ret_name, struct err *e);
/* The same, but connections that are open already may be used on: a database's. No new one can be made. */
bool sandbox_enter_talking(const struct sandbox_rules *r, const char **ret_name, struct err *e);
/*
 * For one that goes into the network: TCP and UDP of IPv4 and IPv6 outwards, from ABI 4 on TCP to these ports only. In exchange it makes no process and opens no file for writing,
 * by the list of calls as well, so also where there is no Landlock. r->write is empty.
 */
enum { SANDBOX_PORTS_MAX = 16 };
bool sandbox_enter_out(const struct sandbox_rules *r, const uint16_t *port, size_t port_n, const char **ret_name, struct err *e);

#endif
