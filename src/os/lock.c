/* See lock.h. flock(2): it belongs to the open file, so that two locks of one process exclude each other as well. */
#include "os/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

bool os_lock(struct str path, struct os_file *ret, bool *ret_busy, struct err *e)
{
    char name[PATH_MAX];

    *ret_busy = false;
    if (path.n >= sizeof name || str_chr(path, 0) != STR_NONE)
        return err_set(e, ERR_USAGE, "no path of a lock file: %zu bytes", path.n);
    memcpy(name, path.p, path.n);
    name[path.n] = 0;
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        err_set(e, ERR_IO, "open: %s", strerror(errno));
        return err_where(e, "%s", name);
    }
    while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        *ret_busy = errno == EWOULDBLOCK;
        if (!*ret_busy) {
            err_set(e, ERR_IO, "flock: %s", strerror(errno));
            err_where(e, "%s", name);
        }
        close(fd);
        return false;
    }
    *ret = (struct os_file){ fd };
    return true;
}

void os_unlock(struct os_file *f)
{
    if (f->h >= 0)
        close((int)f->h);
    *f = OS_FILE_NONE;
}
