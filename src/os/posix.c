/*
 * posix: the real disk and clock.
 *
 * Rule 1   evidence is opened below a root, component by component in effect: no link is followed, ".." is refused, and a device
 *          or pipe is never opened in a way that could block or act (O_NONBLOCK, then fstat).
 * Rule 2   a handle is 2 * fd for reading and for a spool, a tagged pointer (odd) for a file being written.
 * Source   openat2(2), statx(2); file system numbers of linux/magic.h and of the ntfs3 and fuse sources.
 */
#include "os/os.h"

#include "base/time.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, NAME_BYTES = 256, COMPONENTS_MAX = 512 };

static bool fail(struct err *e, const char *call, struct str root, struct str below)
{
    int no = errno;

    err_set(e, no == ENOMEM ? ERR_MEMORY : ERR_IO, "%s: %s", call, strerror(no));
    if (root.n && below.n)
        return err_where(e, "%.*s/%.*s", STR_ARG(root), STR_ARG(below));
    return err_where(e, "%.*s", STR_ARG(root.n ? root : below));
}

static bool to_c(struct str s, char *buf, size_t cap)
{
    if (s.n >= cap || str_chr(s, 0) != STR_NONE) {
        errno = s.n >= cap ? ENAMETOOLONG : EINVAL;
        return false;
    }
    if (s.n)
        memcpy(buf, s.p, s.n);
    buf[s.n] = 0;
    return true;
}

static int open_root(struct str root)
{
    char path[PATH_BYTES];

    if (!to_c(root.n ? root : STR("."), path, sizeof path))
        return -1;
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Without openat2 (before Linux 5.6, or a filter that forbids it), and for paths beyond PATH_MAX: one component at a time. */
static int open_walk(int root, struct str below, int flags)
{
    int        at = fcntl(root, F_DUPFD_CLOEXEC, 0), n = 0;
    struct str part;

    while (at >= 0 && str_cut(&below, '/', &part)) {
        char name[NAME_BYTES];
        bool last = true;
        for (size_t i = 0; i < below.n; i++)
            last = last && below.p[i] == '/';
        if (part.n == 0 || str_eq(part, STR(".")))
            continue;
        int next = -1;
        if (str_eq(part, STR("..")) || ++n > COMPONENTS_MAX)
            errno = EXDEV;
        else if (to_c(part, name, sizeof name))
            next = openat(at, name, (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC);
        int keep = errno;
        close(at);
        errno = keep;
        at = next;
        if (last)
            return at;
    }
    /* Nothing but dots and separators: the root itself. */
    if (at >= 0) {
        int self = openat(at, ".", flags | O_CLOEXEC);
        int keep = errno;
        close(at);
        errno = keep;
        at = self;
    }
    return at;
}

static int open_below(struct str root, struct str below, int flags)
{
    int fd = open_root(root), ret = -1;
    if (fd < 0)
        return -1;
    char path[PATH_BYTES];
    bool walk = true;
    if (to_c(below.n ? below : STR("."), path, sizeof path)) {
        struct open_how how = { .flags   = (uint64_t)(flags | O_NOFOLLOW | O_CLOEXEC),
                                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
        ret  = (int)syscall(SYS_openat2, fd, path, &how, sizeof how);
        walk = ret < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL || errno == E2BIG || errno == EAGAIN);
    } else if (errno != ENAMETOOLONG) {
        walk = false;
    }
    if (walk)
        ret = open_walk(fd, below, flags);
    int keep = errno;
    close(fd);
    errno = keep;
    return ret;
}

static int64_t us_of(struct statx_timestamp t) { return t.tv_sec * 1000000 + t.tv_nsec / 1000; }

static void from_statx(const struct statx *x, bool ntfs, struct os_stat *ret)
{
    *ret = (struct os_stat){
        .kind = S_ISREG(x->stx_mode) ? OS_FILE : S_ISDIR(x->stx_mode) ? OS_DIR : S_ISLNK(x->stx_mode) ? OS_LINK : OS_OTHER,
        .size_bytes = S_ISREG(x->stx_mode) ? x->stx_size : 0,
        .mtime_us = x->stx_mask & STATX_MTIME ? us_of(x->stx_mtime) : TIME_NONE,
        /* On any other file system the creation time is that of our copy, and says nothing about the server. */
        .btime_us = ntfs && x->stx_mask & STATX_BTIME ? us_of(x->stx_btime) : TIME_NONE,
        .dev = (uint64_t)x->stx_dev_major << 32 | x->stx_dev_minor,
        .ino = x->stx_ino,
    };
}

/* NTFS_SB_MAGIC, the ntfs3 driver's own number, fuseblk (ntfs-3g mounts as that). */
static bool is_ntfs(const struct statfs *s)
{
    return s->f_type == 0x5346544e || s->f_type == 0x7366746e || s->f_type == 0x65735546;
}

enum { STATX_WANTED = STATX_BASIC_STATS | STATX_BTIME };

static bool posix_stat(struct os *os, struct str path, struct os_stat *ret, struct err *e)
{
    char         c[PATH_BYTES];
    struct statx x;

    (void)os;
    if (!to_c(path, c, sizeof c) || statx(AT_FDCWD, c, 0, STATX_WANTED, &x) != 0)
        return fail(e, "stat", path, STR_EMPTY);
    struct statfs s;
    from_statx(&x, statfs(c, &s) == 0 && is_ntfs(&s), ret);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct os_entry *)a)->name, ((const struct os_entry *)b)->name);
}

static void entry_stat(int dir, const struct dirent *d, bool ntfs, struct os_stat *ret)
{
    struct statx x;

    if (statx(dir, d->d_name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_WANTED, &x) == 0) {
        from_statx(&x, ntfs, ret);
        return;
    }
    /* It went, or its record cannot be read: opening it will tell, and then it is on the list of refused files. */
    *ret = (struct os_stat){
        .kind = d->d_type == DT_REG ? OS_FILE : d->d_type == DT_DIR ? OS_DIR : d->d_type == DT_LNK ? OS_LINK : OS_OTHER,
        .mtime_us = TIME_NONE, .btime_us = TIME_NONE, .ino = d->d_ino,
    };
}

static bool posix_list(struct os *os, struct str root, struct str below, struct arena *a, struct os_entry **ret, size_t *ret_n, struct err *e)
{
    struct os_entry *list = NULL;
    size_t           n = 0, cap = 0;
    bool             ok = false;

    (void)os;
    int  fd  = open_below(root, below, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        fail(e, "open folder", root, below);
        if (fd >= 0)
            close(fd);
        return false;
    }
    struct statfs s;
    bool          ntfs = fstatfs(fd, &s) == 0 && is_ntfs(&s);
    for (;;) {
        errno = 0;
        const struct dirent *d = readdir(dir);
        if (!d && errno) {
            fail(e, "read folder", root, below);
            goto out;
        }
        if (!d)
            break;
        struct str name = str_c(d->d_name);
        if (str_eq(name, STR(".")) || str_eq(name, STR("..")))
            continue;
        struct os_entry *at   = GROW(a, list, n, &cap);
        struct str       copy = at ? str_dup(a, name) : STR_EMPTY;
        if (!copy.p) {
            err_set(e, ERR_MEMORY, "no room for the names of a folder after %zu", n);
            err_where(e, "%.*s/%.*s", STR_ARG(root), STR_ARG(below));
            goto out;
        }
        at->name = copy;
        entry_stat(fd, d, ntfs, &at->st);
        n++;
    }
    if (n)
        qsort(list, n, sizeof *list, by_name);
    *ret   = list;
    *ret_n = n;
    ok = true;
out:
    closedir(dir);
    return ok;
}

static bool posix_link(struct os *os, struct str root, struct str below, struct arena *a, struct str *ret, struct err *e)
{
    char buf[PATH_BYTES];

    (void)os;
    /* The folder is opened beneath the root; its last component is then read as a link, never walked through. */
    size_t     slash = str_rchr(below, '/');
    struct str name  = slash == STR_NONE ? below : str_from(below, slash + 1);
    char       c[NAME_BYTES];
    int        fd = open_below(root, slash == STR_NONE ? STR_EMPTY : str_sub(below, 0, slash), O_PATH | O_DIRECTORY);
    ssize_t    n  = fd >= 0 && to_c(name, c, sizeof c) ? readlinkat(fd, c, buf, sizeof buf) : -1;
    if (n < 0)
        fail(e, "read link", root, below);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return false;
    struct str copy = str_dup(a, (struct str){ (const uint8_t *)buf, (size_t)n });
    if (!copy.p)
        return err_set(e, ERR_MEMORY, "no room for the text of a link");
    *ret = copy;
    return true;
}

static bool posix_open(struct os *os, struct str root, struct str below, struct os_file *ret, uint64_t *ret_size, struct err *e)
{
    struct stat st;

    (void)os;
    int fd = open_below(root, below, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &st) != 0) {
        fail(e, "open", root, below);
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (!S_ISREG(st.st_mode)) {
        close(fd);
        err_set(e, ERR_IO, "open: not a plain file");
        return err_where(e, "%.*s/%.*s", STR_ARG(root), STR_ARG(below));
    }
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    ret->h    = (intptr_t)fd * 2;
    *ret_size = (uint64_t)st.st_size;
    return true;
}

static bool posix_read_at(struct os *os, struct os_file f, uint64_t off, uint8_t *buf, size_t cap, size_t *ret_got, struct err *e)
{
    size_t got = 0;

    (void)os;
    if (f.h < 0 || f.h & 1)
        return err_set(e, ERR_IO, "read: the file is not open for reading");
    if (off > INT64_MAX - cap)
        return err_set(e, ERR_IO, "read: offset %llu", (unsigned long long)off);
    while (got < cap) {
        ssize_t n = pread((int)(f.h / 2), buf + got, cap - got, (off_t)(off + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(e, ERR_IO, "read at %llu: %s", (unsigned long long)(off + got), strerror(errno));
        if (n == 0)
            break;
        got += (size_t)n;
    }
    *ret_got = got;
    return true;
}

/*
 * A file being written: until os_commit it has no name, so that whatever ends us leaves nothing behind; where the file system cannot do
 * that, it has a name of its own.
 */
struct writing {
    int  fd;
    bool named;
    char path[PATH_BYTES], temp[PATH_BYTES + 32];
};

static struct writing *writing_of(struct os_file f)
{
    return f.h >= 0 && f.h & 1 ? (struct writing *)(f.h & ~(intptr_t)1) : NULL;
}

static void posix_close(struct os *os, struct os_file *f)
{
    (void)os;
    struct writing *w = writing_of(*f);
    if (w) {
        close(w->fd);
        if (w->named)
            unlink(w->temp);
        free(w);
    } else if (f->h >= 0) {
        close((int)(f->h / 2));
    }
    *f = OS_FILE_NONE;
}

static bool posix_mkdir(struct os *os, struct str path, struct err *e)
{
    char        c[PATH_BYTES];
    struct stat st;

    (void)os;
    if (!to_c(path, c, sizeof c) || path.n == 0)
        return fail(e, "make folder", path, STR_EMPTY);
    for (size_t i = 1; i <= path.n; i++) {
        if (c[i] != '/' && c[i] != 0)
            continue;
        char was = c[i];
        c[i] = 0;
        if (mkdir(c, 0777) != 0) {
            int no = errno;
            /* A read-only or foreign parent answers EROFS or EACCES though it is there: only what is missing counts. */
            if (stat(c, &st) != 0 || !S_ISDIR(st.st_mode)) {
                errno = no == EEXIST ? ENOTDIR : no;
                return fail(e, "make folder", path, STR_EMPTY);
            }
        }
        c[i] = was;
    }
    return true;
}

static bool posix_rmdir(struct os *os, struct str path, struct err *e)
{
    char c[PATH_BYTES];

    (void)os;
    return (to_c(path, c, sizeof c) && path.n && rmdir(c) == 0) || fail(e, "remove folder", path, STR_EMPTY);
}

/* -1: not possible here. Its first name comes from /proc, so that has to be there. */
static int open_nameless(const char *path)
{
    char        dir[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    size_t      n = slash ? (size_t)(slash - path) + 1 : 0;

    if (access("/proc/self/fd", X_OK) != 0)
        return -1;
    memcpy(dir, n ? path : "./", n ? n : 2);
    dir[n ? n : 2] = 0;
    return open(dir, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
}

/* A name that is taken belongs to another run: try the next. */
static bool name_it(struct writing *w)
{
    char self[64];

    snprintf(self, sizeof self, "/proc/self/fd/%d", w->fd);
    for (int i = 0; i < 100 && !w->named; i++) {
        snprintf(w->temp, sizeof w->temp, "%s.part-%ld-%d", w->path, (long)getpid(), i);
        w->named = linkat(AT_FDCWD, self, AT_FDCWD, w->temp, AT_SYMLINK_FOLLOW) == 0;
        if (!w->named && errno != EEXIST)
            break;
    }
    return w->named;
}

static bool posix_create(struct os *os, struct str path, struct os_file *ret, struct err *e)
{
    struct writing *w = calloc(1, sizeof *w);

    (void)os;
    if (!w)
        return err_set(e, ERR_MEMORY, "no room to write a file");
    if (!to_c(path, w->path, sizeof w->path)) {
        fail(e, "create", path, STR_EMPTY);
        free(w);
        return false;
    }
    /* 0666 under the operator's umask, as for any other output. A name that is taken belongs to another run: try the next. */
    w->fd = open_nameless(w->path);
    for (int i = 0; i < 100 && w->fd < 0; i++) {
        snprintf(w->temp, sizeof w->temp, "%s.part-%ld-%d", w->path, (long)getpid(), i);
        w->fd = open(w->temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
        w->named = w->fd >= 0;
        if (w->fd < 0 && errno != EEXIST)
            break;
    }
    if (w->fd < 0) {
        fail(e, "create", path, STR_EMPTY);
        free(w);
        return false;
    }
    ret->h = (intptr_t)w | 1;
    return true;
}

static bool posix_write(struct os *os, struct os_file f, struct str s, struct err *e)
{
    struct writing *w = writing_of(f);

    (void)os;
    if (!w)
        return err_set(e, ERR_IO, "write: the file is not open for writing");
    while (s.n) {
        ssize_t n = write(w->fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(e, "write", str_c(w->path), STR_EMPTY);
        s = str_from(s, (size_t)n);
    }
    return true;
}

static bool posix_commit(struct os *os, struct os_file *f, struct err *e)
{
    struct writing *w = writing_of(*f);

    if (!w)
        return err_set(e, ERR_IO, "commit: the file is not open for writing");
    if (fsync(w->fd) != 0 || (!w->named && !name_it(w)) || rename(w->temp, w->path) != 0) {
        fail(e, "commit", str_c(w->path), STR_EMPTY);
        posix_close(os, f);
        return false;
    }
    close(w->fd);
    free(w);
    *f = OS_FILE_NONE;
    return true;
}

/* Without a name from the start where the file system can do that; else its name goes at once. Nobody but us may read it: it holds evidence. */
static int open_spool(const char *dir)
{
    char path[PATH_BYTES + 64];
    int  fd = open(dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);

    for (int i = 0; i < 100 && fd < 0; i++) {
        snprintf(path, sizeof path, "%s/.spool.part-%ld-%d", dir, (long)getpid(), i);
        fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd >= 0 && unlink(path) != 0) {
            int keep = errno;
            close(fd);
            errno = keep;
            return -1;
        }
        if (fd < 0 && errno != EEXIST)
            break;
    }
    return fd;
}

static bool posix_spool(struct os *os, struct str dir, struct os_file *ret, struct err *e)
{
    char c[PATH_BYTES];

    (void)os;
    int fd = to_c(dir.n ? dir : STR("."), c, sizeof c) ? open_spool(c) : -1;
    if (fd < 0)
        return fail(e, "create a spool", dir, STR_EMPTY);
    ret->h = (intptr_t)fd * 2;
    return true;
}

static bool posix_write_at(struct os *os, struct os_file f, uint64_t off, struct str s, struct err *e)
{
    (void)os;
    if (f.h < 0 || f.h & 1)
        return err_set(e, ERR_IO, "write: the file is not a spool");
    if (off > INT64_MAX - s.n)
        return err_set(e, ERR_IO, "write: offset %llu", (unsigned long long)off);
    while (s.n) {
        ssize_t n = pwrite((int)(f.h / 2), s.p, s.n, (off_t)off);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(e, ERR_IO, "write at %llu: %s", (unsigned long long)off, strerror(errno));
        s    = str_from(s, (size_t)n);
        off += (size_t)n;
    }
    return true;
}

static int64_t posix_now_us(struct os *os)
{
    struct timespec t;

    (void)os;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static uint64_t posix_tick_us(struct os *os)
{
    struct timespec t;

    (void)os;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

/* Holes of a file on a disk. A system that knows none says that all is data. */
static uint64_t posix_next_data(struct os *os, struct os_file f, uint64_t off)
{
    (void)os;
#ifdef SEEK_DATA
    if (f.h >= 0 && !(f.h & 1) && off <= INT64_MAX) {
        off_t at = lseek((int)(f.h / 2), (off_t)off, SEEK_DATA);
        if (at >= 0 && (uint64_t)at > off)
            return (uint64_t)at;
    }
#endif
    return off;
}

struct os os_posix(void)
{
    return (struct os){
        .stat = posix_stat, .list = posix_list, .link = posix_link, .open = posix_open, .read_at = posix_read_at, .close = posix_close,
        .mkdir = posix_mkdir, .rmdir = posix_rmdir, .create = posix_create, .write = posix_write, .commit = posix_commit, .spool = posix_spool, .write_at = posix_write_at,
        .now_us = posix_now_us, .tick_us = posix_tick_us, .next_data = posix_next_data,
    };
}
