#include "os/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const char folder[] = "afterpatch", ending[] = ".kept", unfinished[] = ".part";
enum { NAME_BYTES = 2 * HASH_SHA256_BYTES + sizeof ending + 32, FILES_MAX = 4096, STALE_S = 24 * 60 * 60 };

struct head {
    char     mark[8];
    uint8_t  key[HASH_SHA256_BYTES], digest[HASH_SHA256_BYTES];
    uint64_t bytes;
};
static const char mark[8] = { 'a', 'p', 'k', 'e', 'p', 't', '1', 0 };

static bool fail(struct err *e, const char *what) { return err_set(e, errno == ENOMEM ? ERR_MEMORY : ERR_IO, "cache: %s: %s", what, strerror(errno)); }

/* A relative path there is to be ignored. Source: XDG Base Directory Specification 0.8. */
struct str cache_home(struct arena *a)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

    if (xdg && xdg[0] == '/')
        return str_dup(a, str_c(xdg));
    return home && home[0] == '/' ? str_cat(a, str_c(home), STR("/.cache")) : STR_EMPTY;
}

/* Ours, and nobody else writes there. `around`: the folder that holds ours; the system's own, or a sticky one, will do as well. */
static bool is_private(int fd, bool around, struct err *e)
{
    struct stat st;

    if (fstat(fd, &st) != 0)
        return fail(e, "look at the folder");
    if (st.st_uid != geteuid() && !(around && st.st_uid == 0))
        return err_set(e, ERR_IO, "cache: the folder is another user's");
    if (st.st_mode & (S_IWGRP | S_IWOTH) && !(around && st.st_mode & S_ISVTX))
        return err_set(e, ERR_IO, "cache: others may write to the folder");
    return true;
}

bool cache_open(struct cache *ret, struct str home, struct err *e)
{
    char path[PATH_MAX];

    if (!home.n || home.n >= sizeof path || home.p[0] != '/' || str_chr(home, 0) != STR_NONE)
        return err_set(e, ERR_IO, "cache: no folder for it");
    memcpy(path, home.p, home.n);
    path[home.n] = 0;
    (void)mkdir(path, 0700);                         /* its parent is the user's home: that must be there */
    int around = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (around < 0)
        return fail(e, "open the folder");
    bool ok = is_private(around, true, e);
    if (ok && mkdirat(around, folder, 0700) != 0 && errno != EEXIST)
        ok = fail(e, "make the folder");
    int dir = ok ? openat(around, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (ok && dir < 0)
        ok = fail(e, "open the folder");
    close(around);
    if (ok && !is_private(dir, false, e)) {
        close(dir);
        ok = false;
    }
    if (ok)
        ret->dir = dir;
    return ok;
}

void cache_close(struct cache *c)
{
    if (c->dir >= 0)
        close(c->dir);
    c->dir = -1;
}

static void name_of(const uint8_t key[HASH_SHA256_BYTES], const char *end, char ret[NAME_BYTES])
{
    size_t n = 0;

    for (size_t i = 0; i < HASH_SHA256_BYTES; i++)
        n += (size_t)snprintf(ret + n, NAME_BYTES - n, "%02x", key[i]);
    snprintf(ret + n, NAME_BYTES - n, "%s", end);
}

static bool read_all(int fd, void *to, size_t n)
{
    uint8_t *p = to;

    while (n) {
        ssize_t got = read(fd, p, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static bool write_all(int fd, const void *from, size_t n)
{
    const uint8_t *p = from;

    while (n) {
        ssize_t got = write(fd, p, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static bool digest_fits(const struct head *h, const uint8_t key[HASH_SHA256_BYTES], struct str bytes)
{
    uint8_t is[HASH_SHA256_BYTES];

    return memcmp(h->mark, mark, sizeof mark) == 0 && memcmp(h->key, key, sizeof h->key) == 0 && hash_sha256(bytes, is) && memcmp(is, h->digest, sizeof is) == 0;
}

void cache_drop(struct str bytes)
{
    if (bytes.n)
        munmap((void *)(uintptr_t)bytes.p, bytes.n);
}

/* A plain file of ours whose length is what it says. */
static bool take(int fd, const uint8_t key[HASH_SHA256_BYTES], uint64_t max, struct str *ret)
{
    struct head h;
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_uid != geteuid() || !read_all(fd, &h, sizeof h) || !h.bytes || h.bytes > max ||
        h.bytes > SIZE_MAX || (uint64_t)st.st_size != h.bytes + sizeof h)
        return false;
    uint8_t *p = mmap(NULL, (size_t)h.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return false;
    struct str bytes = { p, (size_t)h.bytes };
    if (!read_all(fd, p, bytes.n) || !digest_fits(&h, key, bytes)) {
        cache_drop(bytes);
        return false;
    }
    *ret = bytes;
    return true;
}

bool cache_get(const struct cache *c, const uint8_t key[HASH_SHA256_BYTES], uint64_t max, struct str *ret, struct err *e)
{
    char name[NAME_BYTES];

    if (c->dir < 0)
        return err_set(e, ERR_IO, "cache: none");
    name_of(key, ending, name);
    int fd = openat(c->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return fail(e, "open");
    bool ok = take(fd, key, max, ret);
    if (ok)
        (void)futimens(fd, NULL);                    /* used today */
    close(fd);
    if (ok)
        return true;
    (void)unlinkat(c->dir, name, 0);
    return err_set(e, ERR_FORMAT, "cache: a file that does not fit was removed");
}

/* ---- writing ---- */

struct kept { char name[NAME_BYTES]; uint64_t bytes; struct timespec used; };

static int older_first(const void *a, const void *b)
{
    const struct kept *x = a, *y = b;

    if (x->used.tv_sec != y->used.tv_sec)
        return x->used.tv_sec < y->used.tv_sec ? -1 : 1;
    if (x->used.tv_nsec != y->used.tv_nsec)
        return x->used.tv_nsec < y->used.tv_nsec ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Makes room for `more` bytes; what a run left unfinished yesterday goes as well. Names that are not ours stay. */
static bool make_room(const struct cache *c, uint64_t more, struct err *e)
{
    struct kept *file = calloc(FILES_MAX, sizeof *file);
    int          fd = dup(c->dir);
    DIR         *d = fd >= 0 ? fdopendir(fd) : NULL;
    size_t       n = 0;
    uint64_t     sum = more;
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (d)
        rewinddir(d);
    for (struct dirent *at; d && file && n < FILES_MAX && (at = readdir(d));) {
        struct str  name = str_c(at->d_name);
        struct stat st;
        if (name.n >= NAME_BYTES || fstatat(c->dir, at->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(st.st_mode))
            continue;
        if (str_has(name, str_c(unfinished)) && now.tv_sec - st.st_mtim.tv_sec > STALE_S)
            (void)unlinkat(c->dir, at->d_name, 0);
        if (!str_ends(name, str_c(ending)))
            continue;
        memcpy(file[n].name, at->d_name, name.n + 1);
        file[n].bytes = (uint64_t)st.st_size;
        file[n].used  = st.st_mtim;
        sum += file[n++].bytes;
    }
    bool ok = d && file ? true : fail(e, "list");
    if (ok)
        qsort(file, n, sizeof *file, older_first);
    for (size_t i = 0; ok && i < n && sum > CACHE_ALL_BYTES; i++)
        if (unlinkat(c->dir, file[i].name, 0) == 0)
            sum -= file[i].bytes;
    if (d)
        closedir(d);
    else if (fd >= 0)
        close(fd);
    free(file);
    return ok && (sum <= CACHE_ALL_BYTES || err_set(e, ERR_LIMIT, "cache: no room for %llu bytes", (unsigned long long)more));
}

bool cache_put(const struct cache *c, const uint8_t key[HASH_SHA256_BYTES], struct str bytes, struct err *e)
{
    struct head h = { .bytes = bytes.n };
    char        name[NAME_BYTES], temp[NAME_BYTES], end[32];

    if (c->dir < 0)
        return err_set(e, ERR_IO, "cache: none");
    if (!bytes.n || bytes.n > CACHE_ALL_BYTES - sizeof h)
        return err_set(e, ERR_LIMIT, "cache: %zu bytes are not kept", bytes.n);
    memcpy(h.mark, mark, sizeof mark);
    memcpy(h.key, key, sizeof h.key);
    if (!hash_sha256(bytes, h.digest))
        return err_set(e, ERR_MEMORY, "cache: no digest");
    if (!make_room(c, bytes.n + sizeof h, e))
        return false;
    snprintf(end, sizeof end, "%s-%ld", unfinished, (long)getpid());
    name_of(key, end, temp);
    name_of(key, ending, name);
    int fd = openat(c->dir, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return fail(e, "create");
    bool ok = write_all(fd, &h, sizeof h) && write_all(fd, bytes.p, bytes.n) && fdatasync(fd) == 0;
    if (close(fd) != 0 || !ok || renameat(c->dir, temp, c->dir, name) != 0) {
        fail(e, "write");
        (void)unlinkat(c->dir, temp, 0);
        return false;
    }
    return true;
}
