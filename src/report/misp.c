/*
 * misp.json: the answer as one MISP event.
 *
 * Shape    numbers are strings, flags are booleans. Attributes: server, verdict, doubt and coverage as text, vulnerabilities, addresses,
 *          user agents, ways back; an object "file" for each back door.
 * to_ids   only what outs_accuses lets through, and the hash of a back door. Names of the victim, paths, URLs and user agents never: others
 *          have them too.
 * Ids      those of the hunt (outs.h). Times: the newest evidence. Never published by itself; distribution 0, own organisation.
 * Source   MISP core format (draft-dulaunoy-misp-core-format); object template "file", version 24; interchange sheet, section 3.5.
 */
#include "report/outs.h"
#include "report/words.h"

#include <stdio.h>
#include <string.h>

enum { VALUE_MOST = 60000, INFO_MOST = 200 };

struct misp {
    struct outs x;
    struct js   j;
    uint64_t    n;                                 /* attributes so far: part of their ids */
};

static void key_str(struct misp *m, const char *key, struct str v) { js_key(&m->j, key); js_str(&m->j, v); }
static void key_c(struct misp *m, const char *key, const char *v)  { js_key(&m->j, key); js_c(&m->j, v); }
static void key_bool(struct misp *m, const char *key, bool v)      { js_key(&m->j, key); js_bool(&m->j, v); }

static void key_seconds(struct misp *m, const char *key, int64_t us)
{
    char text[32];

    snprintf(text, sizeof text, "%lld", (long long)(us / TIME_SECOND));
    key_c(m, key, text);
}

/* "2021-03-03T04:12:40.000000+00:00" */
static void key_seen(struct misp *m, const char *key, int64_t us)
{
    char when[TIME_TEXT] = "", text[TIME_TEXT + 16];

    time_text(us, when);
    snprintf(text, sizeof text, "%.19s.%06lld+00:00", when, (long long)(((us % TIME_SECOND) + TIME_SECOND) % TIME_SECOND));
    key_c(m, key, text);
}

/* At most `most` bytes, at the edge of a character. */
static struct str cut(struct str s, size_t most)
{
    size_t n = most;

    if (s.n <= most)
        return s;
    while (n > most - 4 && (s.p[n] & 0xC0) == 0x80)
        n--;
    return str_sub(s, 0, n);
}

struct attribute {
    const char *type, *category, *relation;        /* relation: inside an object */
    struct str  value, comment;
    bool        to_ids;
    int64_t     first_us, last_us;
};

static void attribute(struct misp *m, struct attribute a)
{
    struct str value = cut(str_trim(a.value), VALUE_MOST);

    if (value.n == 0)                              /* an empty value makes the import fail */
        return;
    js_object(&m->j);
    key_str(m, "uuid", outs_uuid(&m->x, outs_cat(&m->x, outs_fmt(&m->x, "attribute|%llu|%s|", (unsigned long long)m->n++, a.type), value)));
    if (a.relation)
        key_c(m, "object_relation", a.relation);
    key_c(m, "type", a.type);
    key_c(m, "category", a.category);
    key_str(m, "value", value);
    key_bool(m, "to_ids", a.to_ids);
    key_str(m, "comment", a.comment);
    key_seconds(m, "timestamp", m->x.when_us);
    key_c(m, "distribution", "5");
    if (a.first_us > 0) {                          /* 0 is no time of any evidence, and leaves room for "not given" */
        key_seen(m, "first_seen", a.first_us);
        key_seen(m, "last_seen", outs_later(a.first_us, a.last_us));
    }
    js_end(&m->j);
}

static void text(struct misp *m, struct str value, const char *comment)
{
    attribute(m, (struct attribute){ .type = "text", .category = "Other", .value = value, .comment = str_c(comment) });
}

static void write_event(struct misp *m)
{
    const struct report *r = m->x.r;
    static const char *const threat[] = { [V_NO_TRACE] = "4", [V_ATTEMPTED] = "3", [V_NOT_COVERED] = "4", [V_EXPLOITED] = "1",
                                          [V_BACK_DOOR] = "1", [V_BACK_DOOR_USED] = "1", [V_BEYOND_SERVER] = "1" };
    struct str org = r->organisation.n ? r->organisation : STR("Afterpatch");
    struct str mark = str_lower(&m->x.a, r->tlp.n ? r->tlp : STR("TLP:AMBER")), server = report_server(r), info;
    char       day[TIME_TEXT] = "";

    m->x.bad |= !mark.p;
    time_text(m->x.when_us, day);
    day[10] = '\0';
    server = cut(server.n ? server : STR("unknown server"), 100);
    info = outs_cat(&m->x, outs_fmt(&m->x, "%s: ", word_verdict(r->campaign.verdict).title), server);
    uint8_t *flat = (uint8_t *)outs_fmt(&m->x, "%*s", (int)info.n, "").p;   /* one line: line ends would be refused */
    for (size_t i = 0; flat && i < info.n; i++)
        flat[i] = info.p[i] < 0x20 ? ' ' : info.p[i];
    key_str(m, "uuid", outs_uuid(&m->x, STR("event")));
    key_str(m, "info", cut((struct str){ flat, flat ? info.n : 0 }, INFO_MOST));
    key_c(m, "date", day);
    key_seconds(m, "timestamp", m->x.when_us);
    key_c(m, "publish_timestamp", "0");
    key_bool(m, "published", false);
    key_c(m, "analysis", "1");
    key_c(m, "threat_level_id", (size_t)r->campaign.verdict < sizeof threat / sizeof *threat ? threat[r->campaign.verdict] : "4");
    key_c(m, "distribution", "0");
    key_c(m, "sharing_group_id", "0");
    js_key(&m->j, "Orgc");
    js_object(&m->j);
    key_c(m, "id", "0");
    key_str(m, "name", cut(org, 250));
    key_str(m, "uuid", outs_uuid_in(&m->x, uuid_ours, outs_cat(&m->x, STR("organisation|"), org)));
    js_end(&m->j);
    js_key(&m->j, "Tag");
    js_array(&m->j);
    js_object(&m->j);
    key_str(m, "name", mark);
    js_end(&m->j);
    js_end(&m->j);
}

static void write_clients(struct misp *m)
{
    const struct report *r = m->x.r;

    for (size_t i = 0; i < r->intruder_n; i++) {
        const struct intruder *p = &r->intruder[i];
        struct str             who = outs_fmt(&m->x, "intruder I%zu", i + 1);
        for (size_t c = 0; c < p->clients.n; c++)
            if (outs_ip(p->clients.item[c]) != OUTS_NO_IP)
                attribute(m, (struct attribute){ "ip-src", "Network activity", NULL, p->clients.item[c], who,
                    outs_accuses(&m->x, p->clients.item[c]), p->first_us, p->last_us });
        for (size_t c = 0; c < p->user_agents.n; c++)
            attribute(m, (struct attribute){ "user-agent", "Network activity", NULL, p->user_agents.item[c], who,
                false, p->first_us, p->last_us });
    }
    for (size_t i = 0; i < r->session_n; i++) {
        const struct session *s = &r->session[i];
        for (size_t c = 0; s->intruder == REPORT_NONE && c < s->clients.n; c++)
            if (outs_ip(s->clients.item[c]) != OUTS_NO_IP)
                attribute(m, (struct attribute){ "ip-src", "Network activity", NULL, s->clients.item[c],
                    outs_fmt(&m->x, "visit S%zu, did not get in", i + 1), false, s->first_us, s->last_us });
    }
}

static void write_attributes(struct misp *m)
{
    const struct report   *r = m->x.r;
    const struct campaign *c = &r->campaign;
    struct str             cover = STR("");

    js_key(&m->j, "Attribute");
    js_array(&m->j);
    attribute(m, (struct attribute){ .type = "target-machine", .category = "Targeting data", .value = report_server(r),
        .comment = STR("the server that was examined") });
    text(m, outs_verdict(&m->x), "verdict");
    text(m, outs_doubt(&m->x), "doubt: what is not proven");
    for (int f = FAM_NONE + 1; f < FAM_COUNT; f++) {
        struct cover_row blank;
        cover = outs_cat(&m->x, cover, outs_cat(&m->x, outs_coverage(&m->x, report_cover(r, (enum family)f, &blank)), STR("\n")));
    }
    text(m, cover, "coverage: what was examined");
    for (size_t i = 0; i < c->exploitation.cve.n; i++)
        attribute(m, (struct attribute){ .type = "vulnerability", .category = "External analysis", .value = c->exploitation.cve.item[i],
            .comment = str_c(word_exploit(c->exploitation.state).title) });
    write_clients(m);
    for (size_t i = 0; i < r->way_back_n; i++) {
        const struct way_back *w = &r->way_back[i];
        struct str             line = outs_cat(&m->x, outs_fmt(&m->x, "%.*s: ", STR_ARG(w->kind)), w->name);
        line = outs_cat(&m->x, outs_cat(&m->x, line, STR(" ")), outs_cat(&m->x, w->path,
                        outs_fmt(&m->x, " (%.*s, %s)", STR_ARG(w->state), word_used(w->used).title)));
        text(m, line, "way back in");
    }
    js_end(&m->j);
}

static void write_door(struct misp *m, size_t i)
{
    const struct back_door *b = &m->x.r->back_door[i];
    int64_t                 first = b->use.first_us != TIME_NONE ? b->use.first_us : b->created_us;
    struct str              dir, name = outs_base(b->path, &dir);

    if (name.n == 0 && b->url.n == 0)
        return;
    js_object(&m->j);
    key_str(m, "uuid", outs_uuid(&m->x, outs_fmt(&m->x, "object|%zu", i + 1)));
    key_c(m, "name", "file");
    key_c(m, "meta-category", "file");
    key_c(m, "template_uuid", "688c46fb-5edb-40a3-8273-1af7923e2215");
    key_c(m, "template_version", "24");
    key_seconds(m, "timestamp", m->x.when_us);
    key_c(m, "distribution", "5");
    key_str(m, "comment", outs_fmt(&m->x, "back door, %s, %s", word_thing(b->state).title, word_used(b->use.state).title));
    js_key(&m->j, "Attribute");
    js_array(&m->j);
    attribute(m, (struct attribute){ "filename", "Payload delivery", "filename", name, STR(""), false, first, b->use.last_us });
    attribute(m, (struct attribute){ "text", "Other", "fullpath", b->path, STR(""), false, TIME_NONE, TIME_NONE });
    attribute(m, (struct attribute){ "text", "Other", "state", STR("Malicious"), STR(""), false, TIME_NONE, TIME_NONE });
    if (outs_sha256(b->sha256)) {
        struct str hex = str_lower(&m->x.a, b->sha256);
        m->x.bad |= !hex.p;
        attribute(m, (struct attribute){ "sha256", "Payload delivery", "sha256", hex, STR(""), true, first, b->use.last_us });
    }
    js_end(&m->j);
    js_end(&m->j);
}

bool report_misp_write(struct out *o, const struct report *r, struct arena scratch, struct err *e)
{
    struct misp m = { .n = 0 };

    if (!outs_open(&m.x, r, scratch, e))
        return false;
    js_open(&m.j, o, false);
    js_object(&m.j);
    js_key(&m.j, "Event");
    js_object(&m.j);
    write_event(&m);
    write_attributes(&m);
    js_key(&m.j, "Object");
    js_array(&m.j);
    for (size_t i = 0; i < r->back_door_n && !m.x.bad; i++)
        write_door(&m, i);
    js_end(&m.j);
    js_end(&m.j);
    js_end(&m.j);
    return outs_done(&m.x, o, e);
}
