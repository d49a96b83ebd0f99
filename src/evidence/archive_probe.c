/* archive_probe: what a file is by its first bytes. Source: the formats' own magic numbers; ustar: POSIX.1-1988, with the checksum of every tar. */
#include "evidence/archive_inner.h"

#include "base/num.h"

#include <string.h>
#include <zlib.h>

static const char unpack[] = "Unpack it elsewhere and hunt the folder.";
static const char mount[]  = "Mount it read-only and hunt the mount point.";

struct magic {
    struct str  head;
    uint32_t    off;
    const char *what, *hint;
};
static const struct magic others[] = {
    { STR_INIT("Rar!\x1a\x07"),                  0, "RAR archive",                                unpack },
    { STR_INIT("MSCF\0\0\0\0"),                  0, "CAB archive",                                unpack },
    { STR_INIT("MSWIM\0\0\0"),                   0, "WIM image",                                  unpack },
    { STR_INIT("\x60\xea"),                      0, "ARJ archive",                                unpack },
    { STR_INIT("-lh5-"),                         2, "LHA archive",                                unpack },
    { STR_INIT("**ACE**"),                       7, "ACE archive",                                unpack },
    { STR_INIT("xar!"),                          0, "XAR archive",                                unpack },
    { STR_INIT("\x1f\x9d"),                      0, "file packed by compress",                    unpack },
    { STR_INIT("LZIP\x01"),                      0, "file packed by lzip",                        unpack },
    { STR_INIT("\x04\x22\x4d\x18"),              0, "file packed by lz4",                         unpack },
    { STR_INIT("LVF\x09\x0d\x0a\xff\0"),         0, "EnCase logical evidence (L01)",              unpack },
    { STR_INIT("AFF"),                           0, "AFF disk image",                             mount  },
};

/* The sum of its 512 bytes, those of the sum itself as blanks, stands in the header in octal. */
static bool is_tar(struct str head)
{
    uint32_t sum = 0, stated = 0;
    bool     digits = false;

    if (head.n < 512 || head.p[0] == 0)
        return false;
    for (size_t i = 0; i < 512; i++)
        sum += i >= 148 && i < 156 ? ' ' : head.p[i];
    for (size_t i = 148; i < 156; i++) {
        if (head.p[i] >= '0' && head.p[i] <= '7') {
            stated = stated * 8 + (head.p[i] - '0');
            digits = true;
        } else if (head.p[i] != ' ' || digits) {
            break;
        }
    }
    return digits && stated == sum;
}

static bool is_text(struct str head)
{
    for (size_t i = 0; i < head.n; i++)
        if (head.p[i] < 9 || (head.p[i] > 13 && head.p[i] < 32 && head.p[i] != 27))
            return false;
    return true;
}

static bool named(struct str name, const struct str *end, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_iends(name, end[i]))
            return true;
    return false;
}

/* Does a packed file hold a tar? gzip is asked; of the others only the name says it. */
static bool gzip_holds_tar(struct str head)
{
    uint8_t  out[512];
    z_stream z = { .next_in = (uint8_t *)(uintptr_t)head.p, .avail_in = (uInt)head.n, .next_out = out, .avail_out = sizeof out };

    if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK)
        return false;
    (void)inflate(&z, Z_SYNC_FLUSH);
    bool ret = is_tar((struct str){ out, sizeof out - z.avail_out });
    inflateEnd(&z);
    return ret;
}

static enum archive_kind other(const char **ret_what, const char **ret_hint, const char *what, const char *hint)
{
    *ret_what = what;
    *ret_hint = hint;
    return ARCHIVE_OTHER;
}

enum archive_kind archive_probe(struct str head, struct str name, const char **ret_what, const char **ret_hint)
{
    static const struct str tars[] = { STR_INIT(".tar.gz"), STR_INIT(".tgz"), STR_INIT(".taz"), STR_INIT(".tar.bz2"), STR_INIT(".tbz"), STR_INIT(".tbz2"), STR_INIT(".tar.xz"),
                                       STR_INIT(".txz"), STR_INIT(".tar.zst"), STR_INIT(".tzst") };
    static const struct str volumes[] = { STR_INIT(".001"), STR_INIT(".z01") };
    bool zip = str_starts(head, STR("PK\3\4")) || str_starts(head, STR("PK\5\6")) || str_starts(head, STR("PK\7\x8PK\3\4")) || str_starts(head, STR("PK00PK\3\4"));
    bool seven = str_starts(head, STR("7z\xbc\xaf\x27\x1c"));

    *ret_what = *ret_hint = "";
    if ((zip || seven) && named(name, volumes, COUNT_OF(volumes)))
        return other(ret_what, ret_hint, "archive in several volumes", "Join its volumes or unpack it elsewhere, and hunt the folder.");
    if (zip)
        return ARCHIVE_ZIP;
    if (seven || is_tar(str_sub(head, 0, 512)))
        return ARCHIVE_SEQUENCE;
    bool gz = str_starts(head, STR("\x1f\x8b\x08")), bz = str_starts(head, STR("BZh")) && head.n > 3 && head.p[3] >= '1' && head.p[3] <= '9';
    bool xz = str_starts(head, STR("\xfd" "7zXZ\0")), zst = str_starts(head, STR("\x28\xb5\x2f\xfd"));
    if (gz || bz || xz || zst) {
        if (named(name, tars, COUNT_OF(tars)) || (gz && gzip_holds_tar(head)))
            return ARCHIVE_SEQUENCE;
        return other(ret_what, ret_hint, gz ? "file packed by gzip" : bz ? "file packed by bzip2" : xz ? "file packed by xz" : "file packed by zstd", "Unpack it beside the evidence and hunt again.");
    }
    /* A program that unpacks itself stands in front of its zip, and the first sector of a copy may be lost. What is none after all is told. */
    if (str_iends(name, STR(".zip")) && head.n > 4 && !is_text(head))
        return ARCHIVE_ZIP;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (str_starts(str_from(head, others[i].off), others[i].head))
            return other(ret_what, ret_hint, others[i].what, others[i].hint);
    return ARCHIVE_NONE;
}

bool tar_next(struct reach *r, uint64_t from, uint8_t *block, size_t cap, uint64_t *ret, bool *ret_found, struct err *e)
{
    size_t got = 0;

    *ret_found = false;
    for (; from < r->size_bytes; from += got) {
        if (!reach_read(r, from, block, cap, &got, e))
            return false;
        for (size_t i = 0; i + 512 <= got; i += 512)
            if (is_tar((struct str){ block + i, 512 })) {
                *ret       = from + i;
                *ret_found = true;
                return true;
            }
        if (got < cap)
            break;
    }
    return true;
}
