/*
 * case export as MISP events.
 *
 * Victims    two events at most, of distribution 0 (own organisation): servers with a back door, and exposed servers; of each an object "victim". A server that is both
 *            stands in both. They are kept until the end: an event is one thing.
 * Intruders  an event of each group, of distribution 1 (this community), 0 where the label allows no community. to_ids: hashes and addresses.
 * Source     MISP core format; misp-objects, victim version 10; notification sheet, 11.5.
 */
#include "cli/case_share.h"

#include "base/num.h"
#include "report/outs_fit.h"

#include <stdio.h>

static void key_str(struct share *s, const char *key, struct str v) { js_key(&s->j, key); js_str(&s->j, v); }
static void key_c(struct share *s, const char *key, const char *v)  { js_key(&s->j, key); js_c(&s->j, v); }

/* "2021-03-06T14:02:11.000000+00:00" */
static void key_seen(struct share *s, const char *key, int64_t us)
{
    char when[TIME_TEXT] = "", text[TIME_TEXT + 16];

    time_text(us, when);
    snprintf(text, sizeof text, "%.19s.000000+00:00", when);
    key_c(s, key, text);
}

static void stamp(struct share *s)
{
    char text[32];

    snprintf(text, sizeof text, "%lld", (long long)(s->x->made_us / TIME_SECOND));
    key_c(s, "timestamp", text);
}

struct value { const char *type, *category, *relation; struct str value, comment; bool to_ids; int64_t first_us, last_us; };

/* of: what its id is made of, with its place. */
static void attribute(struct share *s, struct str of, struct value a)
{
    struct str value = share_text(s, a.value);

    if (!value.n || s->bad)
        return;
    js_object(&s->j);
    key_str(s, "uuid", share_id(s, NULL, NULL, str_cat(&s->a, str_cat(&s->a, of, str_fmt(&s->a, "|%s|%s|", a.type, a.relation ? a.relation : "")), value)));
    if (a.relation)
        key_c(s, "object_relation", a.relation);
    key_c(s, "type", a.type);
    key_c(s, "category", a.category);
    key_str(s, "value", value);
    js_key(&s->j, "to_ids");
    js_bool(&s->j, a.to_ids);
    key_str(s, "comment", a.comment);
    key_c(s, "distribution", "5");
    stamp(s);
    if (a.first_us != TIME_NONE) {
        key_seen(s, "first_seen", a.first_us);
        key_seen(s, "last_seen", a.last_us != TIME_NONE && a.last_us > a.first_us ? a.last_us : a.first_us);
    }
    js_end(&s->j);
}

static void tag(struct share *s, const char *name)
{
    js_object(&s->j);
    key_c(s, "name", name);
    js_end(&s->j);
}

static void event(struct share *s, struct str id, struct str info, const char *distribution, const char *claim)
{
    char day[TIME_TEXT] = "";
    struct str mark = str_lower(&s->a, s->x->tlp);

    time_text(s->x->made_us, day);
    day[10] = '\0';
    js_object(&s->j);
    js_key(&s->j, "Event");
    js_object(&s->j);
    key_str(s, "uuid", id);
    key_str(s, "info", share_text(s, info));
    key_c(s, "date", day);
    stamp(s);
    key_c(s, "publish_timestamp", "0");
    js_key(&s->j, "published");
    js_bool(&s->j, false);
    key_c(s, "analysis", "1");
    key_c(s, "threat_level_id", "1");
    key_c(s, "distribution", distribution);
    key_c(s, "sharing_group_id", "0");
    js_key(&s->j, "Orgc");
    js_object(&s->j);
    key_c(s, "id", "0");
    key_str(s, "name", share_text(s, s->x->feed));
    key_str(s, "uuid", share_id(s, NULL, NULL, STR("author")));
    js_end(&s->j);
    js_key(&s->j, "Tag");
    js_array(&s->j);
    js_object(&s->j);
    key_str(s, "name", mark);
    js_end(&s->j);
    tag(s, "PAP:AMBER");
    if (claim)
        tag(s, claim);
    js_end(&s->j);
}

void misp_share_open(struct share *s)
{
    js_object(&s->j);
    js_key(&s->j, "response");
    js_array(&s->j);
}

/* --- victims --- */

void misp_share_victim(struct share *s, const struct export_server *v)
{
    const bool at[2] = { v->backdoored, share_exposed(v) };

    for (int i = 0; i < 2; i++) {
        if (!at[i])
            continue;
        struct share_kept *k = NEW(&s->a, struct share_kept, 1);
        if (!k) {
            s->bad = true;
            return;
        }
        k->s = *v;
        struct str *text[] = { &k->s.name, &k->s.product, &k->s.build, &k->s.organisation, &k->s.sector, &k->s.country, &k->s.cert_country };
        for (size_t t = 0; t < COUNT_OF(text); t++) {
            *text[t] = str_dup(&s->a, *text[t]);
            s->bad |= !text[t]->p && text[t]->n;
        }
        *(s->last[i] ? &s->last[i]->next : &s->first[i]) = k;
        s->last[i] = k;
    }
}

static void victim(struct share *s, const struct export_server *v, bool door)
{
    struct share_who w;
    int64_t          seen = share_seen(v, door);
    struct str       of = str_fmt(&s->a, "victim|%lld|%d", (long long)v->asset, door);

    if (!share_who(v, &w) || s->bad)
        return;
    js_object(&s->j);
    key_str(s, "uuid", share_id(s, NULL, NULL, of));
    key_c(s, "name", "victim");
    key_c(s, "meta-category", "misc");
    key_c(s, "description", "Victim object describes the target of an attack or abuse.");
    key_c(s, "template_uuid", "a8806e40-39ad-435f-be02-ac2a13d6fc7d");
    key_c(s, "template_version", "10");
    stamp(s);
    key_c(s, "distribution", "5");
    key_c(s, "comment", door ? "back door on an Exchange server" : v->exposure == EXPOSURE_MITIGATED ? "vulnerable Exchange server, mitigated" : "vulnerable Exchange server");
    if (seen != TIME_NONE) {
        key_seen(s, "first_seen", seen);
        key_seen(s, "last_seen", seen);
    }
    js_key(&s->j, "Attribute");
    js_array(&s->j);
    const struct value value[] = {
        { "ip-dst", "Network activity", "ip-address", w.ip, STR_EMPTY, false, TIME_NONE, TIME_NONE },
        { "target-machine", "Targeting data", "node", w.name, STR_EMPTY, false, TIME_NONE, TIME_NONE },
        { "target-org", "Targeting data", "name", v->organisation, STR_EMPTY, false, TIME_NONE, TIME_NONE },
        { "target-location", "Targeting data", "regions", v->country, STR_EMPTY, false, TIME_NONE, TIME_NONE },
        { "text", "Other", "sectors", v->sector, STR_EMPTY, false, TIME_NONE, TIME_NONE },
        { "text", "Other", "reference", str_c(v->case_name), STR_EMPTY, false, TIME_NONE, TIME_NONE },
    };
    for (size_t i = 0; i < COUNT_OF(value); i++)
        attribute(s, of, value[i]);
    js_end(&s->j);
    js_end(&s->j);
}

void misp_share_end(struct share *s)
{
    static const struct { const char *what, *claim; } kind[] = {
        { "servers with a back door", "rsit:intrusions=\"system-compromise\"" }, { "exposed servers", "rsit:vulnerable=\"vulnerable-system\"" },
    };
    struct str title = s->x->campaign->title.n ? s->x->campaign->title : s->x->campaign->slug;

    for (int i = 0; i < 2; i++) {
        if (!s->first[i])
            continue;
        struct str of = str_fmt(&s->a, "event|%.*s|%d|%lld|%.*s", STR_ARG(s->x->campaign->slug), i, (long long)s->x->made_us, STR_ARG(s->x->to));
        event(s, share_id(s, NULL, NULL, of), str_fmt(&s->a, "%.*s: %s", STR_ARG(title), kind[i].what), "0", kind[i].claim);
        js_key(&s->j, "Attribute");
        js_array(&s->j);
        if (s->x->cve.n)
            attribute(s, of, (struct value){ "vulnerability", "External analysis", NULL, s->x->cve, STR_EMPTY, false, TIME_NONE, TIME_NONE });
        js_end(&s->j);
        js_key(&s->j, "Object");
        js_array(&s->j);
        for (const struct share_kept *k = s->first[i]; k && !s->bad; k = k->next) {
            struct arena keep = s->a;
            victim(s, &k->s, i == 0);
            s->a = keep;
        }
        js_end(&s->j);
        js_end(&s->j);
        js_end(&s->j);
    }
    js_end(&s->j);
    js_end(&s->j);
}

/* --- intruders --- */

static const struct { const char *type, *category; bool to_ids; } forms[INTRUDER_FEATURES] = {
    [INTRUDER_PAGE]     = { "sha256", "Artifacts dropped", true },
    [INTRUDER_COMPILED] = { "sha256", "Artifacts dropped", true },
    [INTRUDER_TOOL]     = { "sha256", "Artifacts dropped", true },
    [INTRUDER_KEY]      = { "text", "Other", false },
    [INTRUDER_FLOW]     = { "text", "Other", false },
    [INTRUDER_CLIENT]   = { "ip-src", "Network activity", true },
    [INTRUDER_PATH]     = { "text", "Other", false },
    [INTRUDER_AGENT]    = { "user-agent", "Network activity", false },
};

void misp_share_group(struct share *s, int64_t group, const struct intruder_card *k)
{
    struct str  title = s->x->campaign->title.n ? s->x->campaign->title : s->x->campaign->slug, of = str_fmt(&s->a, "group|%lld", (long long)group);
    bool        close = str_eq(s->x->tlp, STR("TLP:RED")) || str_eq(s->x->tlp, STR("TLP:AMBER+STRICT"));

    event(s, share_id(s, NULL, NULL, of), str_fmt(&s->a, "%.*s: intruder group %lld", STR_ARG(title), (long long)group), close ? "0" : "1", NULL);
    js_key(&s->j, "Attribute");
    js_array(&s->j);
    for (uint32_t i = 0; i < k->mark_n && !s->bad; i++) {
        const struct intruder_mark *m = &k->mark[i];
        if (!forms[m->kind].type)
            continue;
        bool hash = forms[m->kind].to_ids && m->kind != INTRUDER_CLIENT, fit = hash ? outs_sha256(m->value) : m->kind != INTRUDER_CLIENT || share_address(m->value);
        attribute(s, of, (struct value){ fit ? forms[m->kind].type : "text", fit ? forms[m->kind].category : "Other", NULL, m->value, str_c(intruder_kinds[m->kind].about), fit && forms[m->kind].to_ids,
                                         k->first_us, k->last_us });
    }
    js_end(&s->j);
    js_end(&s->j);
    js_end(&s->j);
}
