/* See rename.h. */
#include "os/rename.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

static bool rename_at(int a, const char *from, int b, const char *to)
{
    if (renameat2(a, from, b, to, RENAME_NOREPLACE) == 0)
        return true;
    return (errno == EINVAL || errno == ENOSYS) && linkat(a, from, b, to, 0) == 0 && unlinkat(a, from, 0) == 0;
}

bool os_rename_new(struct str dir, struct str from, struct str to, struct err *e)
{
    char a[NAME_MAX + 1], b[NAME_MAX + 1];

    if (!name_c(from, a) || !name_c(to, b))
        return err_set(e, ERR_USAGE, "a file's name is empty, too long or holds a '/'");
    int  fd = open_dir(dir);
    bool ok = fd >= 0 && rename_at(fd, a, fd, b) && fsync(fd) == 0;
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

bool os_folder(struct str dir, struct arena *a, struct str *ret, struct err *e)
{
    char path[PATH_MAX], own[PATH_MAX];

    errno = ENAMETOOLONG;
    if (dir.n == 0 || dir.n >= sizeof path || str_chr(dir, 0) != STR_NONE)
        return fail(e, "folder", errno, dir, STR_EMPTY);
    memcpy(path, dir.p, dir.n);
    path[dir.n] = 0;
    if (!realpath(path, own))
        return fail(e, "folder", errno, dir, STR_EMPTY);
    *ret = str_dup(a, str_c(own));
    return ret->p || err_set(e, ERR_MEMORY, "no room for a folder's path");
}

static int folder(int root, const char *name) { return root < 0 ? -1 : openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }

static bool plain(int dir, const char *name)
{
    struct stat st;

    if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    if (!S_ISREG(st.st_mode))
        errno = EINVAL;
    return S_ISREG(st.st_mode);
}

/* One step at a time: a link on the way is no folder. */
static int open_own(struct str dir)
{
    int        at = dir.n && dir.p[0] == '/' ? open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : (errno = EINVAL, -1);
    struct str part;
    char       name[NAME_MAX + 1];

    while (at >= 0 && str_cut(&dir, '/', &part)) {
        if (part.n == 0)
            continue;
        int next = name_c(part, name) ? openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : (errno = EINVAL, -1);
        int no = errno;
        close(at);
        errno = no;
        at = next;
    }
    return at;
}

bool os_remove_own(struct str dir, struct str name, struct err *e)
{
    char a[NAME_MAX + 1];

    if (!name_c(name, a))
        return err_set(e, ERR_USAGE, "a file's name is empty, too long or holds a '/'");
    int  fd = open_own(dir);
    bool ok = fd >= 0 && ((plain(fd, a) && unlinkat(fd, a, 0) == 0) || errno == ENOENT);
    int  no = errno;
    if (fd >= 0)
        close(fd);
    return ok || fail(e, "remove", no, dir, name);
}

bool os_move(struct str root, struct str from_dir, struct str from, struct str to_dir, struct str to, struct err *e)
{
    char dir[2][NAME_MAX + 1], name[2][NAME_MAX + 1];

    if (!name_c(from_dir, dir[0]) || !name_c(to_dir, dir[1]) || !name_c(from, name[0]) || !name_c(to, name[1])) {
        err_set(e, ERR_USAGE, "a name that no file can have");
        return err_where(e, "%.*s/%.*s", STR_ARG(to_dir), STR_ARG(str_sub(to, 0, 200)));
    }
    int  fd[3] = { open_dir(root) };
    fd[1] = folder(fd[0], dir[0]);
    fd[2] = folder(fd[0], dir[1]);
    bool ok = fd[1] >= 0 && fd[2] >= 0 && plain(fd[1], name[0]) && rename_at(fd[1], name[0], fd[2], name[1]);
    int  no = errno;
    for (int i = 0; i < 3; i++)
        if (fd[i] >= 0)
            close(fd[i]);
    return ok || (fail(e, "move", no, from_dir, from), err_where(e, "%.*s/", STR_ARG(root)));
}
