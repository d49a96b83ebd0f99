/* What mail says: greetings of its servers, and hops that its lines name. */
#include "survey/announce_inner.h"

#include "base/num.h"
#include "pack/pack.h"

/* The first word at or behind `at` that is a host name. */
static struct str host_word(struct str s, size_t at)
{
    while (at < s.n && (ch_space(s.p[at]) || s.p[at] == '(' || s.p[at] == '['))
        at++;
    size_t end = at;
    while (end < s.n && !ch_space(s.p[end]) && s.p[end] != ')' && s.p[end] != ']' && s.p[end] != ';' && s.p[end] != '(')
        end++;
    struct str w = str_sub(s, at, end);
    return announce_is_host(w) ? w : STR_EMPTY;
}

void announce_banner(struct observation *o, struct arena *a, struct str text)
{
    static const struct str word[] = {
        STR_INIT("Microsoft ESMTP MAIL Service"), STR_INIT("The Microsoft Exchange "), STR_INIT("Microsoft Exchange Server"), STR_INIT("X-ANONYMOUSTLS"), STR_INIT("X-EXPS"), STR_INIT("XEXCH50"), STR_INIT("XRDST"),
        STR_INIT("XSHADOWREQUEST"),
    };
    bool hit = false;

    text = str_sub(text, 0, ANNOUNCE_VALUE_MAX);
    for (size_t i = 0; i < COUNT_OF(word); i++)
        hit |= str_has(text, word[i]);
    o->reach = OBS_ANSWERED;
    if (!hit)
        return;
    o->flags |= OBS_EXCHANGE | (o->parts < 3 ? OBS_VERSION_HIDDEN : 0);
    if (str_istarts(text, STR("220 ")) || str_istarts(text, STR("250-"))) {
        struct str host = host_word(text, 4);
        if (host.n) {
            announce_name(o, a, host);
            if (announce_is_online(host))
                o->flags |= OBS_ONLINE;
        }
    }
}

bool announce_received(struct str line, struct str *ret_by, struct str *ret_build)
{
    size_t with = str_find(line, STR("with Microsoft SMTP Server")), by, id;
    struct str host, build;
    uint16_t   v[4];
    int        parts;

    if (with == STR_NONE)
        return false;
    struct str before = str_sub(line, 0, with), after = str_from(line, with);
    for (by = 0;;) {                                         /* a word by itself: a comment may hold these letters */
        size_t hit = str_find(str_from(before, by), STR("by"));
        if (hit == STR_NONE)
            return false;
        by += hit;
        if ((by == 0 || ch_space(before.p[by - 1])) && by + 2 < before.n && ch_space(before.p[by + 2]))
            break;
        by += 2;
    }
    host = host_word(before, by + 2);
    for (id = 0;;) {
        size_t hit = str_find(str_from(after, id), STR("id "));
        if (hit == STR_NONE)
            return false;
        id += hit;
        if (id && ch_space(after.p[id - 1]))
            break;
        id += 3;
    }
    build = str_from(after, id + 3);
    size_t end = 0;
    while (end < build.n && (ch_digit(build.p[end]) || build.p[end] == '.'))
        end++;
    build = str_sub(build, 0, end);
    if (!host.n || !build_parse(build, v, &parts) || parts != 4)
        return false;
    *ret_by    = host;
    *ret_build = build;
    return true;
}
