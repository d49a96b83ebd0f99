/* See move.h. */
#include "os/move.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
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

static int folder(int root, const char *name) { return openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC); }

static bool moved(int a, const char *from, int b, const char *to)
{
    struct stat st;

    if (fstatat(a, from, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return false;
    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return false;
    }
    if (renameat2(a, from, b, to, RENAME_NOREPLACE) == 0)
        return true;
    return (errno == EINVAL || errno == ENOSYS) && linkat(a, from, b, to, 0) == 0 && unlinkat(a, from, 0) == 0;
}

bool os_move(struct str root, struct str from_dir, struct str from, struct str to_dir, struct str to, struct err *e)
{
    char path[PATH_MAX], dir[2][NAME_MAX + 1], name[2][NAME_MAX + 1];

    if (root.n >= sizeof path || str_chr(root, 0) != STR_NONE || !name_c(from_dir, dir[0]) || !name_c(to_dir, dir[1]) || !name_c(from, name[0]) || !name_c(to, name[1])) {
        err_set(e, ERR_USAGE, "a name that no file can have");
        return err_where(e, "%.*s/%.*s", STR_ARG(to_dir), STR_ARG(str_sub(to, 0, 200)));
    }
    if (root.n)
        memcpy(path, root.p, root.n);
    path[root.n] = 0;
    int  top = open(root.n ? path : ".", O_PATH | O_DIRECTORY | O_CLOEXEC), a = top < 0 ? -1 : folder(top, dir[0]), b = top < 0 ? -1 : folder(top, dir[1]);
    bool ok = a >= 0 && b >= 0 && moved(a, name[0], b, name[1]);
    int  no = errno;
    if (a >= 0)
        close(a);
    if (b >= 0)
        close(b);
    if (top >= 0)
        close(top);
    if (ok)
        return true;
    err_set(e, ERR_IO, "move: %s", strerror(no));
    return err_where(e, "%.*s/%.*s/%.*s", STR_ARG(root), STR_ARG(from_dir), STR_ARG(from));
}
