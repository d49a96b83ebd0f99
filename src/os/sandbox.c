/*
 * Landlock, by its three system calls: the C library has no names for them.
 *
 * What a kernel can watch grew with its ABI number. A right it does not know must not be asked for (EINVAL); a number we do not know is a
 * kernel newer than this file, and gets the newest we know. The header of the machine that compiles may be older than the kernel that
 * runs, so the later constants are written out here. Source: landlock(7); include/uapi/linux/landlock.h of Linux 6.15.
 */
#include "os/sandbox_inner.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

enum {
    FS_REFER = 1 << 13, FS_TRUNCATE = 1 << 14, FS_IOCTL_DEV = 1 << 15,
    NET_ALL = 3, NET_CONNECT = 2, NET_RULE = 2,           /* bind and connect over TCP */
    SCOPE_ALL = 3,                            /* abstract unix sockets, signals */
    SCOPE_ABI = 6,
};

enum {
    FS_FIRST = LANDLOCK_ACCESS_FS_MAKE_SYM * 2 - 1,        /* all thirteen of ABI 1 */
    FS_READ  = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
    FS_WRITE = FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
               LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | FS_REFER | FS_TRUNCATE,
};

/* struct landlock_ruleset_attr of ABI 6. Older kernels take the first members. */
struct ruleset { uint64_t fs, net, scoped; };

/* struct landlock_net_port_attr of ABI 4. */
struct port_rule { uint64_t allowed, port; };

struct abi { uint32_t fs; uint64_t net, scoped; size_t attr_bytes; };
static const struct abi abi_table[] = {
    { FS_FIRST, 0, 0, 8 },
    { FS_FIRST | FS_REFER, 0, 0, 8 },
    { FS_FIRST | FS_REFER | FS_TRUNCATE, 0, 0, 8 },
    { FS_FIRST | FS_REFER | FS_TRUNCATE, NET_ALL, 0, 16 },
    { FS_FIRST | FS_REFER | FS_TRUNCATE | FS_IOCTL_DEV, NET_ALL, 0, 16 },
    { FS_FIRST | FS_REFER | FS_TRUNCATE | FS_IOCTL_DEV, NET_ALL, SCOPE_ALL, 24 },
    { FS_FIRST | FS_REFER | FS_TRUNCATE | FS_IOCTL_DEV, NET_ALL, SCOPE_ALL, 24 },      /* 7 only adds what is logged */
};
enum { ABI_MAX = sizeof abi_table / sizeof *abi_table };

/*
 * What the C library opens late: locales and tables of character sets, when an archive's names need one. Not of every system, so what is missing is
 * passed over. /proc/self is this process's: copies of it made later do not get theirs, and do without.
 */
static const char *const late_reads[] = {
    "/proc/self", "/usr/lib/x86_64-linux-gnu/gconv", "/usr/lib/aarch64-linux-gnu/gconv", "/usr/lib64/gconv", "/usr/lib/gconv", "/usr/lib/locale",
};

static bool fail(struct err *e, const char *what)
{
    return err_set(e, ERR_IO, "sandbox: %s: %s", what, strerror(errno));
}

/* A file has no rights of a folder, and the kernel refuses a rule that says otherwise. */
static uint32_t rights_of(const struct stat *st, uint32_t fs)
{
    return S_ISDIR(st->st_mode) ? fs : fs & (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE);
}

static bool allow_c(const struct sandbox_kernel *k, int ruleset, const char *path, uint32_t fs, struct err *e)
{
    struct landlock_path_beneath_attr at = { .parent_fd = open(path, O_PATH | O_CLOEXEC) };
    struct stat st;
    bool        ok = at.parent_fd >= 0 && fstat(at.parent_fd, &st) == 0;

    if (ok) {
        at.allowed_access = rights_of(&st, fs);
        ok = k->rule(ruleset, LANDLOCK_RULE_PATH_BENEATH, &at, 0) == 0;
    }
    if (!ok) {
        fail(e, "a path that the hunt needs");
        err_where(e, "%s", path);
    }
    if (at.parent_fd >= 0)
        close(at.parent_fd);
    return ok;
}

static bool allow(const struct sandbox_kernel *k, int ruleset, struct str path, uint32_t fs, struct err *e)
{
    char c[PATH_BYTES];

    if (path.n == 0 || path.n >= sizeof c || str_chr(path, 0) != STR_NONE)
        return err_set(e, ERR_USAGE, "sandbox: a path of %zu bytes", path.n);
    memcpy(c, path.p, path.n);
    c[path.n] = 0;
    return allow_c(k, ruleset, c, fs, e);
}

static bool allow_all(const struct sandbox_kernel *k, int ruleset, const struct sandbox_rules *r, uint32_t known, struct err *e)
{
    for (size_t i = 0; i < r->read_n; i++)
        if (!allow(k, ruleset, r->read[i], FS_READ, e))
            return false;
    if (r->write.n && !allow(k, ruleset, r->write, FS_WRITE & known, e))
        return false;
    for (size_t i = 0; i < sizeof late_reads / sizeof *late_reads; i++)
        if (access(late_reads[i], F_OK) == 0 && !allow_c(k, ruleset, late_reads[i], FS_READ, e))
            return false;
    return true;
}

static bool allow_ports(const struct sandbox_kernel *k, int ruleset, const struct sandbox_ports *out, struct err *e)
{
    for (size_t i = 0; out && i < out->n; i++)
        if (k->rule(ruleset, NET_RULE, &(struct port_rule){ NET_CONNECT, out->port[i] }, 0) != 0)
            return fail(e, "a port");
    return true;
}

/*
 * The number of this kernel's ABI; 0: it has none, or it was switched off when it started, or a filter around us (an older container's)
 * keeps it from us, which comes to the same.
 */
static bool abi_ask(const struct sandbox_kernel *k, long *ret, struct err *e)
{
    long abi = k->ruleset(NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

    if (abi < 1 && errno != ENOSYS && errno != EOPNOTSUPP && errno != EPERM)
        return fail(e, "Landlock");
    *ret = abi < 1 ? 0 : abi > ABI_MAX ? ABI_MAX : abi;
    return true;
}

static bool landlock(const struct sandbox_kernel *k, const struct sandbox_rules *r, const struct sandbox_ports *out, long abi, struct err *e)
{
    const struct abi *a = &abi_table[abi - 1];
    struct ruleset    attr = { a->fs, a->net, a->scoped };
    int               ruleset = (int)k->ruleset(&attr, a->attr_bytes, 0);

    if (ruleset < 0)
        return fail(e, "Landlock rules");
    bool ok = allow_all(k, ruleset, r, a->fs, e) && (!a->net || allow_ports(k, ruleset, out, e));
    if (ok && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || k->restrict_self(ruleset, 0) != 0))
        ok = fail(e, "Landlock");
    close(ruleset);
    return ok;
}

bool sandbox_enter_with(const struct sandbox_rules *r, const struct sandbox_ports *out, const struct sandbox_kernel *k, const char **ret_name, struct err *e)
{
    long abi = 0;
    bool filter = k->filter_known();

    if (!abi_ask(k, &abi, e) || (abi > 0 && !landlock(k, r, out, abi, e)))
        return false;
    if (filter) {
        errno = k->filter_load(abi >= SCOPE_ABI);
        if (errno)
            return fail(e, "seccomp");
    }
    *ret_name = abi > 0 ? filter ? "landlock+seccomp" : "landlock" : filter ? "seccomp" : "none";
    return true;
}

static long real_ruleset(const void *attr, size_t n, uint32_t flags) { return syscall(SYS_landlock_create_ruleset, attr, n, flags); }
static long real_rule(int ruleset, int type, const void *attr, uint32_t flags) { return syscall(SYS_landlock_add_rule, ruleset, type, attr, flags); }
static long real_restrict(int ruleset, uint32_t flags) { return syscall(SYS_landlock_restrict_self, ruleset, flags); }

static const struct sandbox_kernel real = { real_ruleset, real_rule, real_restrict, sandbox_filter_known, sandbox_filter_load };

bool sandbox_enter(const struct sandbox_rules *r, const char **ret_name, struct err *e)
{
    return sandbox_enter_with(r, NULL, &real, ret_name, e);
}

bool sandbox_enter_talking(const struct sandbox_rules *r, const char **ret_name, struct err *e)
{
    struct sandbox_kernel k = real;

    k.filter_load = sandbox_filter_load_talking;
    return sandbox_enter_with(r, NULL, &k, ret_name, e);
}

bool sandbox_enter_out(const struct sandbox_rules *r, const uint16_t *port, size_t port_n, const char **ret_name, struct err *e)
{
    struct sandbox_kernel k = real;

    if (port_n > SANDBOX_PORTS_MAX || r->write.n)
        return err_set(e, ERR_USAGE, "sandbox: %zu ports, or a folder to write to", port_n);
    k.filter_load = sandbox_filter_load_out;
    return sandbox_enter_with(r, &(struct sandbox_ports){ port, port_n }, &k, ret_name, e);
}
