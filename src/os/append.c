#include "os/append.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool os_append_open(struct os_append *ret, struct str path, struct err *e)
{
    char        text[PATH_MAX];
    struct stat st;

    if (!path.n || path.n >= sizeof text || str_chr(path, 0) != STR_NONE)
        return err_set(e, ERR_IO, "open: not a path");
    memcpy(text, path.p, path.n);
    text[path.n] = 0;
    int fd = open(text, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd < 0) {
        err_set(e, ERR_IO, "open: %s", strerror(errno));
        return err_where(e, "%.*s", STR_ARG(path));
    }
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        err_set(e, ERR_IO, "open: not a plain file");
        return err_where(e, "%.*s", STR_ARG(path));
    }
    ret->fd = fd;
    return true;
}

bool os_append_write(struct os_append *a, struct str s, struct err *e)
{
    while (s.n) {
        ssize_t n = write(a->fd, s.p, s.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set(e, ERR_IO, "write: %s", n < 0 ? strerror(errno) : "nothing was taken");
        s = str_from(s, (size_t)n);
    }
    return true;
}

bool os_append_cut(struct os_append *a, uint64_t tail_bytes, struct err *e)
{
    struct stat st;

    if (fstat(a->fd, &st) != 0 || (uint64_t)st.st_size < tail_bytes || ftruncate(a->fd, (off_t)((uint64_t)st.st_size - tail_bytes)) != 0)
        return err_set(e, ERR_IO, "cut: %s", strerror(errno));
    return true;
}

bool os_append_sync(struct os_append *a, struct err *e)
{
    return fdatasync(a->fd) == 0 || err_set(e, ERR_IO, "fdatasync: %s", strerror(errno));
}

void os_append_close(struct os_append *a)
{
    if (a->fd >= 0)
        close(a->fd);
    a->fd = -1;
}
