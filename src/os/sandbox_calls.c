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

#ifndef F_ADD_SEALS
#define F_ADD_SEALS 1033
#endif
#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41
#endif

/* What the C library, its threads, the readers' libraries, forked copies (os/guard.h) and the sanitizers of our tests ask for. */
static const char *const calls_needed[] = {
    "read", "readv", "pread64", "preadv", "preadv2", "write", "writev", "pwrite64", "pwritev", "pwritev2", "lseek", "_llseek",
    "close", "close_range", "dup", "dup2", "dup3", "pipe", "pipe2", "poll", "ppoll", "select", "pselect6", "sendfile", "copy_file_range",
    "open", "openat", "openat2", "creat", "access", "faccessat", "faccessat2", "stat", "lstat", "fstat", "newfstatat", "statx", "statfs", "fstatfs",
    "readlink", "readlinkat", "getdents", "getdents64", "getcwd", "mkdir", "mkdirat", "link", "linkat", "rename", "renameat", "renameat2",
    "unlink", "unlinkat", "rmdir", "ftruncate", "fallocate", "fsync", "fdatasync", "sync_file_range", "fadvise64", "flock", "umask", "memfd_create",
    /* Also to make memory executable: PCRE2 compiles its patterns. */
    "mmap", "munmap", "mprotect", "mremap", "madvise", "brk", "mincore", "msync", "membarrier",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_sigpending", "sigaltstack", "restart_syscall", "pause",
    "futex", "futex_waitv", "set_robust_list", "get_robust_list", "rseq", "set_tid_address", "arch_prctl", "fork", "vfork", "wait4", "waitid",
    "exit", "exit_group", "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getpgrp", "getpgid", "getsid",
    "getresuid", "getresgid", "getgroups", "getrlimit", "ugetrlimit", "getrusage", "times", "sysinfo", "uname", "getcpu", "getrandom",
    "clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
    "sched_yield", "sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_get_priority_max", "sched_get_priority_min",
};

/*
 * These do not say "there is no such call" but "you may not": a library must not look for another way, and a log tells what was tried.
 * chmod, chown, times and attributes stand here because Landlock does not watch them.
 */
static const char *const calls_forbidden[] = {
    "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "sendmmsg", "recvmmsg", "socketcall",
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

/* On connections that were there before; forbidden as well, unless the sandbox is one that talks. */
static const char *const calls_talk[] = { "sendto", "recvfrom", "sendmsg", "recvmsg" };

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

static int add_all(scmp_filter_ctx f, bool signals, bool talk)
{
    const struct scmp_arg_cmp plain_clone = SCMP_CMP(0, SCMP_CMP_MASKED_EQ, (uint32_t)CLONE_APART, 0);
    int rc = add(f, SCMP_ACT_ALLOW, "clone", &plain_clone);

    for (size_t i = 0; rc == 0 && i < sizeof calls_needed / sizeof *calls_needed; i++)
        rc = add(f, SCMP_ACT_ALLOW, calls_needed[i], NULL);
    for (size_t i = 0; rc == 0 && i < sizeof calls_forbidden / sizeof *calls_forbidden; i++)
        rc = add(f, SCMP_ACT_ERRNO(EPERM), calls_forbidden[i], NULL);
    for (size_t i = 0; rc == 0 && i < sizeof calls_talk / sizeof *calls_talk; i++)
        rc = add(f, talk ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM), calls_talk[i], NULL);
    for (size_t i = 0; rc == 0 && i < sizeof calls_choice / sizeof *calls_choice; i++) {
        struct scmp_arg_cmp one = SCMP_CMP(calls_choice[i].arg, SCMP_CMP_EQ, calls_choice[i].value, 0);
        rc = add(f, SCMP_ACT_ALLOW, calls_choice[i].call, &one);
    }
    /* abort() says its end by a signal to itself. Where it may not, its next step is an instruction that traps: dead all the same. */
    if (rc == 0)
        rc = add(f, signals ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM), "tgkill", NULL);
    return rc;
}

static int load(bool signals, bool talk)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!f)
        return ENOMEM;
    int rc = add_all(f, signals, talk);
    if (rc == 0)
        rc = seccomp_load(f);                                /* sets no_new_privs as well */
    seccomp_release(f);
    return -rc;
}

int sandbox_filter_load(bool signals)         { return load(signals, false); }
int sandbox_filter_load_talking(bool signals) { return load(signals, true); }

/* A filter that lies at no address: EFAULT from a kernel that would have taken one, EINVAL from one that knows none. Source: seccomp(2), prctl(2). */
bool sandbox_filter_known(void)
{
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) != 0 && errno == EFAULT;
}
