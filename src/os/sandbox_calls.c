/*
 * The second half of the sandbox: which system calls are left.
 *
 * Names, not numbers: libseccomp knows those of each machine, and a name that a machine or this libseccomp does not have is passed over.
 */
#include "os/sandbox_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

/* What the C library, its threads, the readers' libraries and the sanitizers of our tests ask for. */
static const char *const calls_needed[] = {
    "read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev", "pwritev2", "lseek", "_llseek",
    "close", "close_range", "dup", "dup2", "dup3", "pipe", "pipe2", "poll", "ppoll", "select", "pselect6", "sendfile",
    "access", "faccessat", "faccessat2", "stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs",
    "readlink", "readlinkat", "getdents", "getdents64", "getcwd", "fadvise64",
    /* Also to make memory executable: PCRE2 compiles its patterns. */
    "mmap", "munmap", "mprotect", "mremap", "madvise", "brk", "mincore", "msync", "membarrier",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_sigpending", "sigaltstack", "restart_syscall", "pause",
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "arch_prctl", "wait4", "waitid",
    "exit", "exit_group", "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getpgrp", "getpgid", "getsid",
    "getresuid", "getresgid", "getgroups", "getrlimit", "ugetrlimit", "getrusage", "times", "sysinfo", "uname", "getcpu", "getrandom",
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
    "sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min",
};

/* Files that are made or changed, and forked copies (os/guard.h). One that goes out has none of it. */
static const char *const calls_make[] = {
    "open", "openat", "openat2", "creat", "copy_file_range", "mkdir", "mkdirat", "link", "linkat", "rename", "renameat", "renameat2",
    "unlink", "unlinkat", "rmdir", "ftruncate", "fallocate", "fsync", "fdatasync", "sync_file_range", "flock", "umask", "memfd_create", "fork", "vfork",
};

/*
 * These do not say "there is no such call" but "you may not": a library must not look for another way, and a log tells what was tried.
 * chmod, chown, times and attributes stand here because Landlock does not watch them.
 */
static const char *const calls_forbidden[] = {
    "socketpair", "bind", "listen", "accept", "accept4", "sendmmsg", "recvmmsg", "socketcall",
    "execve", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_open", "pidfd_getfd", "pidfd_send_signal",
    "kill", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "setpgid", "setsid", "unshare", "setns",
    "mount", "umount2", "pivot_root", "chroot", "move_mount", "fsopen", "fsmount", "fspick", "fsconfig", "open_tree", "mount_setattr",
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setgroups", "setfsuid", "setfsgid", "capset", "personality",
    "mknod", "mknodat", "symlink", "symlinkat", "truncate", "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat",
    "utime", "utimes", "utimensat", "futimesat", "setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr",
    "name_to_handle_at", "open_by_handle_at", "inotify_init", "inotify_init1", "fanotify_init", "quotactl", "acct",
    "bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key", "init_module", "finit_module", "delete_module",
    "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "sethostname", "setdomainname", "settimeofday", "clock_settime", "adjtimex",
    "clock_adjtime", "syslog", "iopl", "ioperm", "setrlimit", "setpriority", "ioprio_set", "sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr",
};

/* On connections that were there before; forbidden as well, unless the sandbox is one that talks or goes out. */
static const char *const calls_talk[] = { "sendto", "recvfrom", "sendmsg", "recvmsg" };
/* Only for one that goes out. */
static const char *const calls_out[] = { "connect", "getsockopt", "setsockopt", "getsockname", "getpeername", "shutdown" };

/* Calls that are many calls: only these of each. */
struct choice { const char *call; uint32_t arg; uint64_t value; };
static const struct choice calls_choice[] = {
    { "ioctl", 1, TCGETS }, { "ioctl", 1, TIOCGWINSZ }, { "ioctl", 1, FIONREAD },
    { "fcntl", 1, F_DUPFD }, { "fcntl", 1, F_DUPFD_CLOEXEC }, { "fcntl", 1, F_GETFD }, { "fcntl", 1, F_SETFD }, { "fcntl", 1, F_GETFL }, { "fcntl", 1, F_SETFL },
    { "fcntl", 1, F_GETLK }, { "fcntl", 1, F_SETLK }, { "fcntl", 1, F_SETLKW }, { "fcntl", 1, F_ADD_SEALS }, { "fcntl", 1, F_GET_SEALS },
    { "prctl", 0, PR_SET_PDEATHSIG }, { "prctl", 0, PR_SET_NAME }, { "prctl", 0, PR_GET_NAME }, { "prctl", 0, PR_GET_DUMPABLE },
    { "prctl", 0, PR_GET_SECCOMP }, { "prctl", 0, PR_SET_VMA }, { "prctl", 0, PR_SET_NO_NEW_PRIVS }, { "prctl", 0, PR_GET_NO_NEW_PRIVS },
    { "prlimit64", 2, 0 },                                   /* asking, not setting */
};

/* Threads and copies, but no namespaces: in a new one, root of nothing may do a lot. CLONE_NEWTIME shares bits with the signal number. */
enum { CLONE_APART = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_PTRACE };

/* 0 or a negative errno value, as libseccomp says it. A call this machine does not have is fine. */
static int add(scmp_filter_ctx f, uint32_t action, const char *name, const struct scmp_arg_cmp *arg)
{
    int nr = seccomp_syscall_resolve_name(name);

    return nr == __NR_SCMP_ERROR ? 0 : arg ? seccomp_rule_add_array(f, action, nr, 1, arg) : seccomp_rule_add(f, action, nr, 0);
}

static int add_each(scmp_filter_ctx f, uint32_t action, const char *const *name, size_t n)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = add(f, action, name[i], NULL);
    return rc;
}
#define EACH(action, names) add_each(f, action, names, sizeof names / sizeof *names)

/* Files are opened for reading, threads are made and no processes, sockets are of the internet and none is raw. */
static int add_out(scmp_filter_ctx f)
{
    const uint64_t writes = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY), type = 0xf;
    const struct scmp_arg_cmp opened[] = { SCMP_CMP(1, SCMP_CMP_MASKED_EQ, writes, 0), SCMP_CMP(2, SCMP_CMP_MASKED_EQ, writes, 0) };
    const struct scmp_arg_cmp thread = SCMP_CMP(0, SCMP_CMP_MASKED_EQ, (uint32_t)CLONE_APART | CLONE_THREAD, CLONE_THREAD);
    static const int family[] = { AF_INET, AF_INET6 }, kind[] = { SOCK_STREAM, SOCK_DGRAM };

    int rc = add(f, SCMP_ACT_ALLOW, "open", &opened[0]);
    if (rc == 0)
        rc = add(f, SCMP_ACT_ALLOW, "openat", &opened[1]);
    if (rc == 0)
        rc = add(f, SCMP_ACT_ALLOW, "clone", &thread);
    for (int i = 0; rc == 0 && i < 4; i++) {
        const struct scmp_arg_cmp socket[] = { SCMP_CMP(0, SCMP_CMP_EQ, (uint64_t)family[i / 2], 0), SCMP_CMP(1, SCMP_CMP_MASKED_EQ, type, (uint64_t)kind[i % 2]) };
        rc = seccomp_rule_add_array(f, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2, socket);
    }
    return rc == 0 ? EACH(SCMP_ACT_ALLOW, calls_out) : rc;
}

static int add_in(scmp_filter_ctx f)
{
    const struct scmp_arg_cmp plain_clone = SCMP_CMP(0, SCMP_CMP_MASKED_EQ, (uint32_t)CLONE_APART, 0);

    int rc = add(f, SCMP_ACT_ALLOW, "clone", &plain_clone);
    if (rc == 0)
        rc = EACH(SCMP_ACT_ALLOW, calls_make);
    if (rc == 0)
        rc = add(f, SCMP_ACT_ERRNO(EPERM), "socket", NULL);
    return rc == 0 ? EACH(SCMP_ACT_ERRNO(EPERM), calls_out) : rc;
}

enum form { PLAIN, TALKING, OUT };

static int add_all(scmp_filter_ctx f, bool signals, enum form form)
{
    int rc = form == OUT ? add_out(f) : add_in(f);

    if (rc == 0)
        rc = EACH(SCMP_ACT_ALLOW, calls_needed);
    if (rc == 0)
        rc = EACH(SCMP_ACT_ERRNO(EPERM), calls_forbidden);
    if (rc == 0)
        rc = EACH(form == PLAIN ? SCMP_ACT_ERRNO(EPERM) : SCMP_ACT_ALLOW, calls_talk);
    for (size_t i = 0; rc == 0 && i < sizeof calls_choice / sizeof *calls_choice; i++) {
        struct scmp_arg_cmp one = SCMP_CMP(calls_choice[i].arg, SCMP_CMP_EQ, calls_choice[i].value, 0);
        rc = add(f, SCMP_ACT_ALLOW, calls_choice[i].call, &one);
    }
    /* abort() says its end by a signal to itself. Where it may not, its next step is an instruction that traps: dead all the same. */
    if (rc == 0)
        rc = add(f, signals ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM), "tgkill", NULL);
    return rc;
}

static int load(bool signals, enum form form)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!f)
        return ENOMEM;
    int rc = add_all(f, signals, form);
    if (rc == 0)
        rc = seccomp_load(f);                                /* sets no_new_privs as well */
    seccomp_release(f);
    return -rc;
}

int sandbox_filter_load(bool signals)         { return load(signals, PLAIN); }
int sandbox_filter_load_talking(bool signals) { return load(signals, TALKING); }
int sandbox_filter_load_out(bool signals)     { return load(signals, OUT); }

/* A filter that lies at no address: EFAULT from a kernel that would have taken one, EINVAL from one that knows none. Source: seccomp(2), prctl(2). */
bool sandbox_filter_known(void)
{
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) != 0 && errno == EFAULT;
}
