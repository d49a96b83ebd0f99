#include "os/os.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

bool os_arena_map(struct arena *ret, size_t bytes, struct err *e)
{
    if (bytes == 0)
        return err_set(e, ERR_USAGE, "an arena of no bytes");
    /* NORESERVE: the range is address space only; a page costs memory when it is first written. */
    void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        return err_set(e, ERR_MEMORY, "no room for %zu bytes: %s", bytes, strerror(errno));
#ifdef MADV_NOHUGEPAGE
    /* Huge pages would commit 2 MiB for the first byte: peak memory would no longer follow what was pushed. */
    (void)madvise(p, bytes, MADV_NOHUGEPAGE);
#endif
    *ret = (struct arena){ .beg = p, .end = (uint8_t *)p + bytes };
    return true;
}

void os_arena_unmap(struct arena *whole)
{
    if (whole->beg)
        munmap(whole->beg, (size_t)(whole->end - whole->beg));
    *whole = (struct arena){ 0 };
}
