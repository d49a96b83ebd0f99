/*
 * announce: several answers of one server, parted by 0xFF, read from the first to the last and back. But for ActiveSync's two numbers, which count only
 * beside other words of Exchange, the build does not depend on the order; neither do the flags. Every text that came of it can be read.
 */
#include "survey/announce.h"

#include <stdlib.h>
#include <string.h>

#define MUST(x) do { if (!(x)) abort(); } while (0)
enum { ROOM = 1 << 20, ANSWERS = 8 };

static void touch(struct str s)
{
    unsigned sum = 0;
    for (size_t i = 0; i < s.n; i++)
        sum += s.p[i];
    MUST(sum != UINT32_MAX);
}

static void read_all(struct observation *o, uint8_t *mem, const struct str *answer, size_t n, bool back)
{
    struct arena a = { mem, mem + ROOM, NULL };

    observation_clear(o);
    for (size_t i = 0; i < n; i++)
        announce_read_raw(o, &a, &(struct announced){ .path = STR("/owa/"), .host = STR("Mail.Example.ORG") }, answer[back ? n - 1 - i : i]);
    MUST(o->reach == OBS_ANSWERED && o->name_n <= OBS_NAMES_MAX && (o->parts == 0 || o->parts >= 2));
    MUST(!(o->flags & OBS_VERSION_HIDDEN) || o->parts < 3);
    for (size_t i = 0; i < o->name_n; i++)
        touch(o->name[i]);
    touch(o->node);
    touch(o->ad_domain);
    touch(o->server_header);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str         rest = { data, n }, answer[ANSWERS], by, build;
    struct observation x, y;
    size_t             k = 0, pos = 0, last = 0;
    uint8_t           *mem = malloc(2 * (size_t)ROOM);
    uint16_t           v[4];
    int                parts;

    MUST(mem);
    while (k < ANSWERS && str_cut(&rest, 0xFF, &answer[k]))
        k++;
    read_all(&x, mem, answer, k, false);
    read_all(&y, mem + ROOM, answer, k, true);
    uint32_t loose = OBS_ODD | OBS_MORE;
    if (x.means != OBS_ACTIVESYNC && y.means != OBS_ACTIVESYNC) {
        MUST(x.parts == y.parts && x.means == y.means && memcmp(x.build, y.build, sizeof x.build) == 0);
        MUST((x.flags & ~loose) == (y.flags & ~loose));
    }
    while (announce_path_next((struct str){ data, n }, &pos, v, &parts)) {
        MUST(pos > last && pos <= n && (parts == 3 || parts == 4));
        last = pos;
    }
    MUST(pos == n);
    if (announce_received((struct str){ data, n }, &by, &build)) {
        touch(by);
        MUST(announce_build(&x, OBS_MAIL_HOP, build));
    }
    struct arena a = { mem, mem + ROOM, NULL };
    observation_clear(&x);
    announce_banner(&x, &a, (struct str){ data, n });
    (void)announce_server_version(&x, (struct str){ data, n });
    free(mem);
    return 0;
}
