/* See rename.h. */
#include "os/rename.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool name_c(struct str s, char ret[NAME_MAX + 1])
{
    if (s.n == 0 || s.n > NAME_MAX || str_chr(s, '/') != STR_NONE || str_chr(s, 0) != STR_NONE || str_eq(s, STR(".")) || str_eq(s, STR("..")))
        return false;
    memcpy(ret, s.p, s.n);
    ret[s.n] = 0;
    return true;
}

static bool fail(struct err *e, const char *call, int no, struct str dir, struct str name)
{
    err_set(e, ERR_IO, "%s: %s", call, strerror(no));
    return err_where(e, "%.*s/%.*s", STR_ARG(dir), STR_ARG(name));
}

static int open_dir(struct str dir)
{
    char path[PATH_MAX];

    if (dir.n >= sizeof path || str_chr(dir, 0) != STR_NONE) {
        errno = ENAMETOOLONG;
        return -1;
    }
    if (dir.n)
        memcpy(path, dir.p, dir.n);
    path[dir.n] = 0;
    return open(dir.n ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

bool os_rename_new(struct str dir, struct str from, struct str to, struct err *e)
{
    char a[NAME_MAX + 1], b[NAME_MAX + 1];

    if (!name_c(from, a) || !name_c(to, b))
        return err_set(e, ERR_USAGE, "a file's name is empty, too long or holds a '/'");
    int  fd = open_dir(dir);
    bool ok = fd >= 0 && renameat2(fd, a, fd, b, RENAME_NOREPLACE) == 0;
    if (!ok && fd >= 0 && (errno == EINVAL || errno == ENOSYS))
        ok = linkat(fd, a, fd, b, 0) == 0 && unlinkat(fd, a, 0) == 0;
    ok = ok && fsync(fd) == 0;
    int no = errno;
    if (fd >= 0)
        close(fd);
    return ok || fail(e, "rename", no, dir, to);
}

bool os_remove(struct str dir, struct str name, struct err *e)
{
    char a[NAME_MAX + 1];

    if (!name_c(name, a))
        return err_set(e, ERR_USAGE, "a file's name is empty, too long or holds a '/'");
    int  fd = open_dir(dir);
    bool ok = fd >= 0 && (unlinkat(fd, a, 0) == 0 || errno == ENOENT);
    int  no = errno;
    if (fd >= 0)
        close(fd);
    return ok || fail(e, "remove", no, dir, name);
}
