/*
 * campaign_tables: what a team has beside scans: a register of firms, a constituency's list, mail exchangers, links from other sources, a feed, tips and statements.
 *
 * Who      the links of campaign.c, each in the table from which it would come. Certificates and names are in the scans; tables repeat many of them, as other sources do.
 * Wrong    rows whose validity ended and that name somebody else, rows that cannot be used, rows twice.
 */
#include "lab/campaign_files.h"

#include <string.h>

enum { WORD_D = 1, WORD_C };

static const char *size_word(const char *size)
{
    return !strcmp(size, "1000+") ? "large" : !strcmp(size, "250-999") ? "medium" : !strcmp(size, "50-249") ? "small" : "micro";
}

static void entry(struct story *s, struct rng *r, FILE *f, const char *list, const char *number, const char *name, const char *sector, const char *size, const char *country, const char *domain,
                  const char *cidr, const char *until)
{
    fprintf(f, "%s,", list);
    story_cell(f, number);
    putc(',', f);
    story_cell(f, story_text(s, r, name));
    fprintf(f, ",%s,%s,%s,%s,%s,2019-01-01,%s\n", sector, size, country, domain, cidr, until);
}

/* Links of one kind, server by server, as rows by the server's own address; a third of the firms by their domain instead. */
static void entries(struct story *s, enum camp_key kind, const char *file, const char *head)
{
    struct rng r = rng_for(s->c->plan.seed, 2000 + kind);
    FILE      *f = story_create(s, "casework/%s", file);

    fprintf(f, "%s\n", head);
    for (uint32_t i = 0; i < s->c->server_n; i++) {
        const struct story_server *v = &s->server[i];
        const struct camp_org     *o = &s->c->org[s->c->server[i].org];
        char                       ip[48];
        story_ip(i, ip);
        if (kind == CAMP_REGISTER && i == o->first && o->in_register && o->number % 3 == 0)
            entry(s, &r, f, "hrb", pool_fmt(&s->text, "%u", o->number), o->name, o->sector, size_word(o->size), o->country, o->domain, "", "");
        for (uint32_t k = 0; k < v->links; k++) {
            const struct camp_link *l = &s->c->link[s->by_server[v->link + k]];
            if (l->kind != kind || (kind == CAMP_REGISTER && o->number % 3 == 0))
                continue;
            const char *number = strchr(l->value, ':') + 1;
            entry(s, &r, f, kind == CAMP_REGISTER ? "hrb" : "national", number, l->name, l->sector, l->size ? size_word(l->size) : "", l->country, "", ip, "");
            if (rng_chance(&r, 10))            /* what was so before: another firm had that address */
                entry(s, &r, f, kind == CAMP_REGISTER ? "hrb" : "national", pool_fmt(&s->text, "%u", 900000 + i), "Former holder", "retail", "micro", l->country, "", ip, "2020-06-30");
        }
    }
    story_close(s, f);
}

static void exchangers(struct story *s)
{
    FILE *f = story_create(s, "casework/mx.csv");

    fputs("domain,mx,ip,time\n", f);
    for (uint32_t i = 0; i < s->c->link_n; i++) {
        const struct camp_link *l = &s->c->link[i];
        char                    ip[48];
        if (l->kind != CAMP_MX || l->source >= 10)
            continue;
        story_ip(l->server, ip);
        fprintf(f, "%s,%s,%s,2021-03-03T04:00:00Z\n", l->value, story_host(s, l->server, l->value), ip);
    }
    story_close(s, f);
}

static void links(struct story *s, uint32_t source)
{
    struct rng r = rng_for(s->c->plan.seed, 2100 + source);
    FILE      *f = NULL;

    for (uint32_t i = 0; i < s->c->link_n; i++) {
        const struct camp_link *l = &s->c->link[i];
        char                    ip[48];
        bool scanned = l->source < 10 && l->confidence >= 50 && (l->kind == CAMP_CERT_DOMAIN || l->kind == CAMP_CERT_ORG || l->kind == CAMP_EXCHANGE_NAME || l->kind == CAMP_INTERNAL);
        if (l->source != source || scanned || (l->source < 10 && (l->kind == CAMP_REGISTER || l->kind == CAMP_CONSTITUENCY || l->kind == CAMP_MX)))
            continue;
        if (!f) {
            f = story_create(s, "casework/links-%02u.csv", source);
            fputs("ip,port,kind,value,confidence,name,sector,size,country,time\n", f);
        }
        story_ip(l->server, ip);
        fprintf(f, "%s,443,%s,", ip, camp_key_name[l->kind]);
        story_cell(f, l->value);
        fprintf(f, ",%u,", l->confidence);
        story_cell(f, l->name ? story_text(s, &r, l->name) : "");
        fprintf(f, ",%s,%s,%s,2021-03-%02uT05:00:00Z\n", l->sector ? l->sector : "", l->size ? size_word(l->size) : "", l->country, 1 + source);
    }
    if (f)
        story_close(s, f);
}

/* IntelMQ's events, a file a day: what a national feed says of who can be seen from outside. */
static void feed(struct story *s)
{
    for (int day = 0; day < (int)s->c->plan.days; day++) {
        struct rng r = rng_for(s->c->plan.seed, 2200 + (uint64_t)day);
        char       when[32];
        story_time(STORY_START + day * TIME_DAY, when);
        FILE *f = story_create(s, "casework/idf-%.10s.jsonl", when);
        for (uint32_t i = 0; i < s->c->server_n; i++) {
            const struct story_server *v = &s->server[i];
            bool shell = v->shell_from >= 0 && day >= v->shell_from && day < v->shell_to && rng_chance(&r, 60);
            if (!shell && !rng_chance(&r, 3))
                continue;
            if (!shell && (v->patched >= 0 && day >= v->patched))
                continue;
            int64_t t = STORY_START + day * TIME_DAY + TIME_HOUR + (int64_t)rng_below(&r, 20 * 3600) * TIME_SECOND;
            char    ip[48];
            story_ip(i, ip);
            story_time(t, when);
            fprintf(f, "{\"__type\":\"Event\",\"feed.name\":\"national-exchange\",\"feed.provider\":\"National CERT\",\"feed.accuracy\":95.0,\"time.source\":\"%.19s+00:00\",\"time.observation\":\"%.19s+00:00\","
                       "\"classification.taxonomy\":\"%s\",\"classification.type\":\"%s\",\"classification.identifier\":\"%s\",\"source.ip\":\"%s\",\"source.port\":443,\"source.asn\":%u,"
                       "\"source.geolocation.cc\":\"%s\",\"protocol.transport\":\"tcp\",\"protocol.application\":\"https\",\"tlp\":\"AMBER\",\"event_description.text\":",
                    when, when, shell ? "intrusions" : "vulnerable", shell ? "system-compromise" : "vulnerable-system", shell ? "exchange-server-webshell" : "vulnerable-exchange-server", ip,
                    64512 + i * 7 % 40, s->c->server[i].country);
            story_json(f, story_text(s, &r, "seen from outside"));
            fputs("}\n", f);
            s->rows[SAYS_FEED]++;
            story_tell(s, (struct story_told){ .at_us = t, .own_us = TIME_NONE, .server = i, .word = shell ? TOLD_SHELL : TOLD_EXPOSED, .source = SAYS_FEED, .grade = WORD_C });
        }
        story_close(s, f);
    }
}

/* Researchers' tips: a sure word counts as a finding, a doubtful one is a suspicion and no more. */
static void tips(struct story *s)
{
    struct rng r = rng_for(s->c->plan.seed, 2300);
    FILE      *f = story_create(s, "casework/tips.csv");

    fputs("who,when,ip,port,claim,confidence,tlp,detail\n", f);
    for (uint32_t i = 0; i < s->c->server_n; i++) {
        const struct story_server *v = &s->server[i];
        char                       ip[48], when[32];
        if (v->shell_from < 0 || v->shell_to <= v->shell_from || !rng_chance(&r, 60))
            continue;
        bool    sure = rng_chance(&r, 600);
        int64_t t = STORY_START + (v->shell_from + (int64_t)rng_below(&r, (uint32_t)(v->shell_to - v->shell_from))) * TIME_DAY + 3 * TIME_HOUR + (int64_t)(i % 7200) * TIME_SECOND;
        story_ip(i, ip);
        story_time(t, when);
        fprintf(f, "researcher %u,%s,%s,443,web shell,%u,AMBER,", i % 5, when, ip, sure ? 90 : 40);
        story_cell(f, story_text(s, &r, "/aspnet_client/discover.aspx answers"));
        putc('\n', f);
        s->rows[SAYS_TIP]++;
        story_tell(s, (struct story_told){ .at_us = t, .own_us = TIME_NONE, .server = i, .word = sure ? TOLD_SHELL : TOLD_SUSPECTED, .source = (uint8_t)(SAYS_RESEARCHER + i % 5),
                                           .grade = sure ? WORD_C : WORD_D });
    }
    story_close(s, f);
}

static void say(struct story *s, struct rng *r, FILE *f, uint32_t i, int64_t t, const char *what)
{
    char ip[48], when[32];

    story_ip(i, ip);
    story_time(t, when);
    fprintf(f, "%s,443,%s,", ip, what);
    story_cell(f, story_text(s, r, "the administrator"));
    fprintf(f, ",%s,", when);
    story_cell(f, story_text(s, r, "by mail"));
    fputs(",victim\n", f);
    s->rows[SAYS_OPERATOR]++;
}

/* What victims say: some removed what was found, and some say that they have patched, and have not. */
static void statements(struct story *s)
{
    struct rng r = rng_for(s->c->plan.seed, 2400);
    FILE      *f = story_create(s, "casework/statements.csv");

    fputs("ip,port,statement,by,when,reason,role\n", f);
    for (uint32_t i = 0; i < s->c->server_n; i++) {
        const struct story_server *v = &s->server[i];
        if (v->hunts > 1 && !v->hunt[0].gone && v->hunt[1].day > v->hunt[0].day + 1) {
            int64_t t = STORY_START + (v->hunt[0].day + 1) * TIME_DAY + TIME_MINUTE;
            say(s, &r, f, i, t, "removed");
            story_tell(s, (struct story_told){ .at_us = t, .own_us = TIME_NONE, .server = i, .word = TOLD_GONE, .source = SAYS_OPERATOR, .grade = WORD_D });
        }
        if (rng_chance(&r, 10)) {
            int64_t t = STORY_START + (int64_t)rng_between(&r, 1, s->c->plan.days - 2) * TIME_DAY + 9 * TIME_HOUR;
            say(s, &r, f, i, t, "patched");
            story_tell(s, (struct story_told){ .at_us = t, .own_us = TIME_NONE, .server = i, .word = TOLD_PATCHED, .source = SAYS_OPERATOR, .grade = WORD_D });
        }
    }
    story_close(s, f);
}

void campaign_tables(struct story *s)
{
    uint32_t most = 0;

    entries(s, CAMP_REGISTER, "register.csv", "list,number,name,sector,size,country,domain,cidr,valid_from,valid_until");
    entries(s, CAMP_CONSTITUENCY, "constituency.csv", "list,entry,name,sector,size,country,domain,cidr,valid_from,valid_until");
    exchangers(s);
    for (uint32_t i = 0; i < s->c->link_n; i++)
        most = s->c->link[i].source > most ? s->c->link[i].source : most;
    for (uint32_t i = 0; i <= most; i++)
        links(s, i);
    feed(s);
    tips(s);
    statements(s);
}
