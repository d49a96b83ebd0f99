#include "formats/mplog.h"

#include "base/arena.h"
#include "base/num.h"

#include <string.h>

void mplog_open(struct mplog *m, struct arena *a)
{
    *m = (struct mplog){ .a = a, .known = { .fold = true }, .time_us = TIME_NONE, .oldest_us = TIME_NONE, .newest_us = TIME_NONE };
}

bool mplog_is_threat(struct str s)
{
    size_t colon = str_chr(s, ':'), slash = str_chr(s, '/');

    if (colon == STR_NONE || slash == STR_NONE || colon < 3 || colon > 32 || slash < colon + 2 || slash > colon + 24 || s.n > 128 || slash + 1 == s.n)
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || (i < slash && i != colon && !ch_alnum(s.p[i]) && s.p[i] != '_'))
            return false;
    return s.p[0] >= 'A' && s.p[0] <= 'Z' && str_chr(s, '\\') == STR_NONE && ch_alpha(s.p[colon + 1]);
}

struct str mplog_path(struct str s)
{
    static const struct str head[] = { STR_INIT("\\\\?\\"), STR_INIT("\\??\\"), STR_INIT("_") };
    size_t inner;

    s = str_trim(s);
    for (size_t i = 0; i < sizeof head / sizeof *head; i++)
        if (str_starts(s, head[i]))
            s = str_from(s, head[i].n);
    if ((inner = str_find(s, STR("->"))) != STR_NONE)
        s = str_sub(s, 0, inner);
    if (s.n < 4 || !ch_alpha(s.p[0]) || s.p[1] != ':' || s.p[2] != '\\')
        return STR_EMPTY;
    for (inner = 0; inner < s.n && inner < 1024 && s.p[inner] >= ' '; inner++)
        ;
    return inner < 4 ? STR_EMPTY : str_sub(s, 0, inner);
}

static bool no_room(struct err *e) { return err_set(e, ERR_MEMORY, "no room for what Defender's log says"); }

static bool item(struct mplog *m, struct str threat, struct str path, bool removed, uint64_t number, struct err *e)
{
    uint8_t    mem[MPLOG_TEXT_MAX];
    struct arena own = { mem, mem + sizeof mem, NULL };
    struct str key = str_fmt(&own, "%.*s\1%.*s", STR_ARG(threat), STR_ARG(path));

    if (!key.p)
        return true;
    uint32_t at = map_get(&m->known, key);
    if (at == MAP_NONE && m->n >= MPLOG_ITEMS_MAX) {
        m->more++;
        return true;
    }
    if (at == MAP_NONE) {
        struct mplog_item *to = GROW(m->a, m->item, m->n, &m->cap);
        struct str         kept = str_dup(m->a, key);
        if (!to || !kept.p || !map_put(&m->known, m->a, kept, (uint32_t)m->n))
            return no_room(e);
        *to = (struct mplog_item){ .threat = str_sub(kept, 0, threat.n), .path = str_from(kept, threat.n + 1), .first_us = m->time_us, .removed_us = TIME_NONE, .line = number };
        at  = (uint32_t)m->n++;
    }
    struct mplog_item *it = &m->item[at];
    it->count  += it->count < UINT32_MAX;
    it->last_us = m->time_us;
    if (removed) {
        it->removed    = true;
        it->removed_us = m->time_us;
    }
    return true;
}

/* "threat file:a;file:b" or "threat file:a PropBag [...]": one item a resource. */
static bool resources(struct mplog *m, struct str rest, bool removed, uint64_t number, struct err *e)
{
    struct str threat, one;
    bool       any = false;

    for (;;) {                                    /* words before the threat: source, action, result */
        size_t blank = str_chr(rest, ' ');
        threat = blank == STR_NONE ? rest : str_sub(rest, 0, blank);
        if (mplog_is_threat(threat) || blank == STR_NONE)
            break;
        rest = str_from(rest, blank + 1);
    }
    if (!mplog_is_threat(threat))
        return true;
    rest = str_from(rest, threat.n);
    static const struct str tail[] = { STR_INIT(" PropBag ["), STR_INIT(" PidTid:") };
    for (size_t i = 0; i < sizeof tail / sizeof *tail; i++) {
        size_t at = str_find(rest, tail[i]);
        rest = at == STR_NONE ? rest : str_sub(rest, 0, at);
    }
    while (str_cut(&rest, ';', &one)) {
        size_t colon = str_chr(one = str_trim(one), ':');
        struct str kind = colon == STR_NONE ? STR_EMPTY : str_sub(one, 0, colon);
        if (!str_ieq(kind, STR("file")) && !str_ieq(kind, STR("containerfile")) && !str_ieq(kind, STR("webfile")))
            continue;
        /* "webfile:C:\x|http://...|pid:..." */
        struct str path = mplog_path(str_from(one, colon + 1));
        size_t bar = str_chr(path, '|');
        path = bar == STR_NONE ? path : bar < 4 ? STR_EMPTY : str_sub(path, 0, bar);
        any  = true;
        if (!item(m, threat, path, removed, number, e))
            return false;
    }
    return any || item(m, threat, STR_EMPTY, removed, number, e);
}

static bool command(struct mplog *m, struct str rest, bool threat, uint64_t number, struct err *e)
{
    size_t open = str_chr(rest, '('), close = str_rchr(rest, ')');

    if (m->command_n >= MPLOG_COMMANDS_MAX) {
        m->more++;
        return true;
    }
    struct str image = open == STR_NONE ? rest : str_sub(rest, 0, open);
    struct str line  = open == STR_NONE ? rest : str_sub(rest, open + 1, close != STR_NONE && close > open ? close : rest.n);
    struct mplog_command *to = GROW(m->a, m->command, m->command_n, &m->command_cap);
    if (!to)
        return no_room(e);
    *to = (struct mplog_command){ str_dup(m->a, str_sub(image, 0, 1024)), str_dup(m->a, str_sub(line, 0, MPLOG_TEXT_MAX)), threat, m->time_us, number };
    if (!to->image.p || !to->line.p)
        return no_room(e);
    m->command_n++;
    return true;
}

static bool after(struct str s, struct str word, struct str *ret)
{
    if (!str_starts(s, word))
        return false;
    *ret = str_from(s, word.n);
    return true;
}

/* "SDN:Issuing SDN query for PATH (PATH) (sha1=..., sha2=...)": an unknown file, and its hash. */
static bool asked(struct mplog *m, struct str rest, uint64_t number, struct err *e)
{
    size_t     end = str_find(rest, STR(" (")), sha = str_find(rest, STR("sha2="));
    struct str path = end == STR_NONE ? STR_EMPTY : str_sub(rest, 0, end), hex = sha == STR_NONE ? STR_EMPTY : str_sub(rest, sha + 5, sha + 69);
    uint8_t    hash[32], text[1100];
    static const struct str device = STR_INIT("\\Device\\HarddiskVolume");

    if (!num_unhex(hex, hash, 32))
        return true;
    if (str_istarts(path, device)) {
        size_t slash = str_chr(str_from(path, device.n), '\\');
        struct str below = slash == STR_NONE ? STR_EMPTY : str_sub(str_from(path, device.n + slash), 0, 1000);
        text[0] = '?', text[1] = ':';
        if (below.n)
            memcpy(text + 2, below.p, below.n);
        path = (struct str){ text, below.n ? below.n + 2 : 0 };
    } else {
        path = mplog_path(path);
    }
    if (path.n < 4)
        return true;
    size_t before = m->n;
    if (!item(m, STR_EMPTY, path, false, number, e))
        return false;
    if (m->n > before) {
        m->item[before].asked = true;
        memcpy(m->item[before].sha256, hash, sizeof hash);
    }
    return true;
}

/* The lines of a block have no time: "Threat Name:", then "Resource Path:" or "Path:" or "File Name:". */
static bool in_block(struct mplog *m, struct str s, uint64_t number, struct err *e)
{
    struct str v;

    if (after(s, STR("Begin Resource Scan"), &v) || after(s, STR("Beginning threat actions"), &v) || after(s, STR("End Scan"), &v) ||
        after(s, STR("Finished threat actions"), &v)) {
        m->threat_n = 0;
        return true;
    }
    if (after(s, STR("Threat Name:"), &v)) {
        v = str_trim(v);
        m->threat_n = mplog_is_threat(v) && v.n <= sizeof m->threat ? v.n : 0;
        if (m->threat_n)
            memcpy(m->threat, v.p, v.n);
        return true;
    }
    if (!m->threat_n)
        return true;
    struct str threat = { m->threat, m->threat_n };
    if (after(s, STR("Resource Path:"), &v) || after(s, STR("Path:"), &v) || after(s, STR("File Name:"), &v)) {
        struct str path = mplog_path(v);
        return !path.n || item(m, threat, path, false, number, e);
    }
    if (after(s, STR("Action remove successful on file:"), &v) || after(s, STR("Action quarantine successful on file:"), &v)) {
        struct str path = mplog_path(v);
        return !path.n || item(m, threat, path, true, number, e);
    }
    return true;
}

bool mplog_line(struct mplog *m, struct str line, uint64_t number, struct err *e)
{
    static const struct str told[] = { STR_INIT("DETECTION_ADD"), STR_INIT("DETECTIONEVENT "), STR_INIT("DETECTION_CLEANEVENT "), STR_INIT("DETECTION ") };
    struct str s = str_trim(line), rest;
    size_t     blank = str_chr(s, ' ');
    int64_t    us;

    if (blank == STR_NONE || blank < 20 || blank > 28 || s.p[blank - 1] != 'Z' || !time_parse(str_sub(s, 0, blank), &us))
        return in_block(m, s, number, e);
    m->time_us   = us;
    m->oldest_us = m->oldest_us == TIME_NONE || us < m->oldest_us ? us : m->oldest_us;
    m->newest_us = m->newest_us == TIME_NONE || us > m->newest_us ? us : m->newest_us;
    s = str_trim(str_from(s, blank));
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (str_starts(s, told[i])) {
            size_t word = str_chr(s, ' ');
            /* The result 0 says that it worked; versions write it with 1 or with 8 digits. */
            bool removed = i == 2 && (str_has(s, STR("_QUARANTINE 0 ")) || str_has(s, STR("_REMOVE 0 ")) || str_has(s, STR("_CLEAN 0 ")) ||
                                      ((str_has(s, STR("_QUARANTINE ")) || str_has(s, STR("_REMOVE ")) || str_has(s, STR("_CLEAN "))) && str_has(s, STR(" 0x00000000 "))));
            return word == STR_NONE || resources(m, str_from(s, word + 1), removed, number, e);
        }
    if (after(s, STR("SDN:Issuing SDN query for "), &rest))
        return asked(m, rest, number, e);
    if (after(s, STR("Engine:command line reported as "), &rest)) {
        size_t colon = str_find(rest, STR(": "));
        return colon == STR_NONE || command(m, str_trim(str_from(rest, colon + 2)), str_starts(rest, STR("threat")), number, e);
    }
    return true;
}
