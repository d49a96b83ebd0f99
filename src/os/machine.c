#include "os/os.h"

#include "base/num.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* "VmHWM:     1234 kB" of /proc/self/status: unlike ru_maxrss it does not inherit the peak of the process that started us. */
static bool peak_from_proc(uint64_t *ret)
{
    char buf[8192];
    int  fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, buf, sizeof buf);
    close(fd);
    if (n <= 0)
        return false;
    struct str all = { (const uint8_t *)buf, (size_t)n }, line;
    while (str_cut(&all, '\n', &line)) {
        if (!str_starts(line, STR("VmHWM:")))
            continue;
        struct str value = str_trim(str_from(line, sizeof "VmHWM:" - 1)), number;
        uint64_t   kib;
        if (!str_cut(&value, ' ', &number) || !num_u64(number, &kib))
            return false;
        *ret = kib * 1024;
        return true;
    }
    return false;
}

void os_std_hold(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

uint64_t os_peak_memory_bytes(void)
{
    uint64_t      bytes;
    struct rusage u;

    if (peak_from_proc(&bytes))
        return bytes;
    return getrusage(RUSAGE_SELF, &u) == 0 ? (uint64_t)u.ru_maxrss * 1024 : 0;
}

uint32_t os_cores(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return (uint32_t)CPU_COUNT(&set);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (uint32_t)n : 1;
}

bool os_stamp_of(const void *code, struct os_stamp *ret)
{
    const char *path = "/proc/self/exe";
    struct stat st;
    Dl_info     from;

    if (code && dladdr(code, &from) && from.dli_fname && from.dli_fname[0] == '/')
        path = from.dli_fname;                      /* else it is part of the program */
    if (stat(path, &st) != 0)
        return false;
    *ret = (struct os_stamp){ (uint64_t)st.st_dev, (uint64_t)st.st_ino, (uint64_t)st.st_size, (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec };
    return true;
}

/* Absent in a plain build. */
extern void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

bool os_memory_limit(uint64_t bytes, struct err *e)
{
    struct rlimit now;

    if (__sanitizer_set_death_callback)
        return true;
    if (getrlimit(RLIMIT_DATA, &now) != 0)
        return err_set(e, ERR_IO, "limit of memory: %s", strerror(errno));
    if (now.rlim_cur != RLIM_INFINITY && now.rlim_cur <= bytes)
        return true;
    now.rlim_cur = bytes;
    if (now.rlim_max == RLIM_INFINITY || now.rlim_max > bytes)
        now.rlim_max = bytes;
    return setrlimit(RLIMIT_DATA, &now) == 0 ? true : err_set(e, ERR_IO, "limit of memory: %s", strerror(errno));
}

/* Private memory that is mapped now: the sixth number of statm, in pages. */
static uint64_t mapped_bytes(void)
{
    char       buf[256];
    uint64_t   pages = 0;
    struct str rest, word = STR_EMPTY;
    int        fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t    n = fd < 0 ? 0 : read(fd, buf, sizeof buf);

    if (fd >= 0)
        close(fd);
    rest = (struct str){ (const uint8_t *)buf, n > 0 ? (size_t)n : 0 };
    for (int i = 0; i < 6 && str_cut(&rest, ' ', &word); i++)
        ;
    return num_u64(word, &pages) ? pages * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

bool os_memory_more(uint64_t bytes, struct err *e) { return os_memory_limit(num_add_sat(mapped_bytes(), bytes), e); }

bool os_random(uint8_t *ret, size_t n, struct err *e)
{
    while (n) {
        ssize_t got = getrandom(ret, n, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return err_set(e, ERR_IO, "the system gives no random bytes: %s", strerror(errno));
        ret += got;
        n -= (size_t)got;
    }
    return true;
}
