/*
 * campaign_notices: whom the victims of a campaign are reached by, what is wrong with it, and what each of them would answer.
 *
 * Shape    contacts/ holds what a team has at hand: a constituency's list and a register with people in them, mail exchangers, national teams, opt-outs, RDAP answers. contacts.jsonl beside the
 *          truth says of each organisation what is there, by which way its mail goes, and what comes back.
 * Mail     provider: somebody else's, outside the campaign. own: a host of its own that is none of the campaign's. victim: its exchanger is the very server that was entered. null: takes none
 *          (RFC 7505). unknown: nobody knows. operator: the address is its operator's, who has many.
 * Rates    ours, and guesses.
 * Source   notification sheet, 3 and 5.4.
 */
#include "lab/campaign_files.h"

#include <stdlib.h>
#include <string.h>

enum mail { MAIL_NONE, MAIL_PROVIDER, MAIL_OWN, MAIL_VICTIM, MAIL_NULL, MAIL_UNKNOWN, MAILS };
static const char *const mail_name[MAILS] = { "none", "provider", "own", "victim", "null", "unknown" };

enum answer { SILENCE, BOUNCE_HARD, BOUNCE_SOFT, DELIVERED, AUTO_REPLY, TICKET, HUMAN, COMPLAINT, WRONG, ANSWERS };
static const char *const answer_name[ANSWERS] = { "silence", "bounce_hard", "bounce_soft", "delivered", "auto_reply", "ticket", "human", "complaint", "wrong" };
static const uint16_t answer_rate[ANSWERS] = { 480, 70, 40, 120, 90, 50, 110, 20, 20 };

struct person { const char *list, *abuse, *phone; enum mail mail; enum answer answer, abuse_answer; bool post, opted_out, operator_; };

static enum answer answer_of(struct rng *r)
{
    uint32_t x = rng_below(r, 1000);
    int      k = SILENCE;

    while (k + 1 < ANSWERS && x >= answer_rate[k])
        x -= answer_rate[k++];
    return (enum answer)k;
}

static void people(struct story *s, struct rng *r, struct person *p)
{
    for (uint32_t i = 0; i < s->c->org_n; i++) {
        const struct camp_org *o = &s->c->org[i];
        uint32_t               x = rng_below(r, 100);

        p[i].mail = x < 40 ? MAIL_PROVIDER : x < 52 ? MAIL_OWN : x < 82 ? MAIL_VICTIM : x < 87 ? MAIL_NULL : MAIL_UNKNOWN;
        p[i].operator_ = o->operator_ != UINT32_MAX && rng_chance(r, 700);
        if (rng_chance(r, 700))
            p[i].list = pool_fmt(&s->text, "it@%s", p[i].operator_ ? s->c->org[o->operator_].domain : o->domain);
        if (rng_chance(r, 300))
            p[i].abuse = pool_fmt(&s->text, "abuse@%s", o->domain);
        if (o->in_register || rng_chance(r, 300)) {
            p[i].post = rng_chance(r, 900);
            if (rng_chance(r, 700))
                p[i].phone = pool_fmt(&s->text, "+9995550%06u", i);
        }
        p[i].opted_out = p[i].list && !p[i].operator_ && rng_chance(r, 20);
        p[i].answer = answer_of(r);
        p[i].abuse_answer = answer_of(r);
    }
}

static const char *language(const char *country) { return !strcmp(country, "DE") || !strcmp(country, "AT") || !strcmp(country, "CH") ? "de" : "en"; }

static void lists(struct story *s, const struct person *p)
{
    FILE *f = story_create(s, "contacts/constituency.csv"), *g = story_create(s, "contacts/register.csv");

    fputs("list,entry,name,country,domain,email,language,checked\n", f);
    fputs("list,number,name,country,domain,phone,street,zip,city,language,checked\n", g);
    for (uint32_t i = 0; i < s->c->org_n; i++) {
        const struct camp_org *o = &s->c->org[i];
        if (p[i].list)
            fprintf(f, "national,\"%s\",\"%s\",%s,%s,%s,%s,2021-01-15\n", o->name, o->name, o->country, o->domain, p[i].list, language(o->country));
        if (p[i].post || p[i].phone)
            fprintf(g, "hrb,%u,\"%s\",%s,%s,%s,%s,%s,%s,%s,2021-01-10\n", o->number, o->name, o->country, o->domain, p[i].phone ? p[i].phone : "", p[i].post ? pool_fmt(&s->text, "%u Sample Road", i) : "",
                    p[i].post ? "10000" : "", p[i].post ? "Sampletown" : "", language(o->country));
    }
    story_close(s, f);
    story_close(s, g);
}

/* Newer than what the tables say, and not instead of it: a row of the last weeks that names an entered server still does. */
static void exchangers(struct story *s, const struct person *p)
{
    FILE *f = story_create(s, "contacts/mx.csv");
    char  ip[48];

    fputs("domain,mx,ip,time\n", f);
    for (uint32_t i = 0; i < s->c->org_n; i++) {
        const struct camp_org *o = &s->c->org[i];
        switch (p[i].mail) {
        case MAIL_PROVIDER: fprintf(f, "%s,mx%u.bigmail%u.example,203.0.113.%u,2021-03-05T04:00:00Z\n", o->domain, i % 3, i % 7, 10 + i % 7); break;
        case MAIL_OWN:      fprintf(f, "%s,post.%s,203.0.113.%u,2021-03-05T04:00:00Z\n", o->domain, o->domain, 100 + i % 100); break;
        case MAIL_NULL:     fprintf(f, "%s,.,,2021-03-05T04:00:00Z\n", o->domain); break;
        case MAIL_VICTIM:
            story_ip(o->first, ip);
            fprintf(f, "%s,%s,%s,2021-03-05T04:00:00Z\n", o->domain, story_host(s, o->first, o->domain), ip);
            break;
        default: break;
        }
    }
    story_close(s, f);
}

static void teams(struct story *s)
{
    static const char *const country[] = { "DE", "CH", "NL", "US", "CZ" };
    FILE *f = story_create(s, "contacts/csirt.csv");

    fputs("country,name,email,format,max_rows,language,checked\n", f);
    for (int i = 0; i < 5; i++)
        fprintf(f, "%s,National team %s,csirt@%c%c-cert.example,csv,500,%s,2021-01-20\n", country[i], country[i], country[i][0] | 32, country[i][1] | 32, language(country[i]));
    story_close(s, f);
}

static void opted_out(struct story *s, const struct person *p)
{
    FILE *f = story_create(s, "contacts/optouts.csv");

    fputs("address,scope,reason\n", f);
    for (uint32_t i = 0; i < s->c->org_n; i++)
        if (p[i].opted_out)
            fprintf(f, "%s,all,asked by telephone\n", p[i].list);
    story_close(s, f);
}

static void entity(FILE *f, const char *handle, const char *role, const char *name, const char *mail, const char *inner)
{
    fprintf(f, "{\"objectClassName\":\"entity\",\"handle\":\"%s\",\"roles\":[\"%s\"],\"vcardArray\":[\"vcard\",[[\"version\",{},\"text\",\"4.0\"],[\"fn\",{},\"text\",\"%s\"],[\"kind\",{},\"text\",\"%s\"]%s%s%s]]%s%s%s}",
            handle, role, name, inner ? "org" : "group", mail ? ",[\"email\",{},\"text\",\"" : "", mail ? mail : "", mail ? "\"]" : "", inner ? ",\"entities\":[" : "", inner ? inner : "", inner ? "]" : "");
}

/* A line an answer: the network of each server whose owner has one of its own, with the desk inside the owner's entity, and the carriers' around them. */
static void registries(struct story *s, const struct person *p)
{
    FILE *f = story_create(s, "contacts/rdap.jsonl");

    for (uint32_t i = 0; i < s->c->server_n; i++) {
        const struct camp_org *o = &s->c->org[s->c->server[i].org];
        const struct person   *q = &p[s->c->server[i].org];
        char                   ip[48], inner[512];
        FILE                  *m;
        story_ip(i, ip);
        if (!q->abuse || i != o->first || strchr(ip, ':'))
            continue;
        m = fmemopen(inner, sizeof inner, "w");
        entity(m, pool_fmt(&s->text, "AB%u-ZZ", i), "abuse", "Abuse desk", q->abuse, NULL);
        fclose(m);
        fprintf(f, "{\"objectClassName\":\"ip network\",\"handle\":\"NET-%u\",\"startAddress\":\"%s\",\"endAddress\":\"%s\",\"ipVersion\":\"v4\",\"name\":\"NET%u\",\"country\":\"%s\",\"entities\":[", i, ip, ip, i, o->country);
        entity(f, pool_fmt(&s->text, "ORG-%u", i), "registrant", o->name, NULL, inner);
        fputs("]}\n", f);
    }
    for (uint32_t i = 0; i < s->c->server_n; i += 256) {
        char ip[48], inner[512];
        FILE *m = fmemopen(inner, sizeof inner, "w");
        entity(m, pool_fmt(&s->text, "CA%u-ZZ", i), "abuse", "Abuse desk", pool_fmt(&s->text, "abuse@carrier%u.example", i / 256 % 40), NULL);
        fclose(m);
        story_ip(i, ip);
        char *dot = strrchr(ip, '.');
        if (!dot)
            continue;
        fprintf(f, "{\"objectClassName\":\"ip network\",\"handle\":\"CAR-%u\",\"startAddress\":\"%.*s.0\",\"endAddress\":\"%.*s.255\",\"ipVersion\":\"v4\",\"name\":\"CARRIER%u\",\"entities\":[", i, (int)(dot - ip), ip, (int)(dot - ip), ip, i);
        entity(f, pool_fmt(&s->text, "CORG-%u", i), "registrant", "Carrier", NULL, inner);
        fputs("]}\n", f);
    }
    story_close(s, f);
}

/* Every server that somebody calls an exchanger of a domain: two lists, sorted by domain. */
struct pair { const char *domain; uint32_t server; };
static int by_domain(const void *a, const void *b)
{
    const struct pair *x = a, *y = b;
    int c = strcmp(x->domain, y->domain);
    return c ? c : (x->server > y->server) - (x->server < y->server);
}

enum { NEVER = 1000 };

static void truth(struct story *s, const struct person *p)
{
    FILE        *f = story_create(s, "contacts.jsonl");
    struct pair *mx = calloc((size_t)s->c->link_n + 1, sizeof *mx);
    int         *tied = malloc(s->c->org_n * sizeof *tied);            /* the day from which somebody says surely enough whose a server of it is */
    uint32_t     n = 0;

    if (!mx || !tied)
        lab_die("out of memory");
    for (uint32_t i = 0; i < s->c->org_n; i++)
        tied[i] = NEVER;
    for (uint32_t i = 0; i < s->c->link_n; i++) {
        const struct camp_link *l = &s->c->link[i];
        uint32_t                org = s->c->server[l->server].org;
        int                     day = l->source < 10 ? 0 : (int)l->source;
        /* In the register by its domain (campaign_tables.c), or seen in a scan that may come late: that proves no day. */
        if (l->source < 10 && ((l->kind == CAMP_REGISTER && s->c->org[org].number % 3 == 0) || l->kind == CAMP_CERT_DOMAIN || l->kind == CAMP_EXCHANGE_NAME))
            continue;
        if (l->confidence >= 50 && (l->kind <= CAMP_CONSTITUENCY || l->kind == CAMP_CERT_DOMAIN || l->kind == CAMP_EXCHANGE_NAME || l->kind == CAMP_MX) &&
            (l->kind <= CAMP_CONSTITUENCY || !strcmp(l->value, s->c->org[org].domain)))
            tied[org] = day < tied[org] ? day : tied[org];
    }
    for (uint32_t i = 0; i < s->c->link_n; i++)
        if (s->c->link[i].kind == CAMP_MX)
            mx[n++] = (struct pair){ s->c->link[i].value, s->c->link[i].server };
    qsort(mx, n, sizeof *mx, by_domain);
    for (uint32_t i = 0; i < s->c->org_n; i++) {
        const struct camp_org *o = &s->c->org[i];
        const struct person   *q = &p[i];
        uint32_t               lo = 0, hi = n;
        fprintf(f, "{\"org\":%u,\"domain\":\"%s\",\"country\":\"%s\",\"language\":\"%s\",\"mail\":\"%s\",\"tied\":%d,\"operator\":%lld,", i, o->domain, o->country, language(o->country), mail_name[q->mail], tied[i],
                q->operator_ ? (long long)o->operator_ : -1ll);
        fputs("\"list\":", f);
        q->list ? story_json(f, q->list) : (void)fputs("null", f);
        fputs(",\"abuse\":", f);
        q->abuse && s->c->org[i].servers && o->first % 40 != 17 ? story_json(f, q->abuse) : (void)fputs("null", f);
        fprintf(f, ",\"phone\":%s%s%s,\"post\":%s,\"opted_out\":%s,\"answer\":\"%s\",\"abuse_answer\":\"%s\",\"mx\":[", q->phone ? "\"" : "", q->phone ? q->phone : "null", q->phone ? "\"" : "",
                q->post ? "true" : "false", q->opted_out ? "true" : "false", answer_name[q->answer], answer_name[q->abuse_answer]);
        while (lo < hi) {
            uint32_t mid = lo + (hi - lo) / 2;
            if (strcmp(mx[mid].domain, o->domain) < 0)
                lo = mid + 1;
            else
                hi = mid;
        }
        uint32_t last = UINT32_MAX, told = 0;
        if (q->mail == MAIL_VICTIM)
            told += (uint32_t)(fprintf(f, "%u", o->first) > 0);
        for (; lo < n && !strcmp(mx[lo].domain, o->domain); lo++)
            if (mx[lo].server != last && !(q->mail == MAIL_VICTIM && mx[lo].server == o->first)) {
                fprintf(f, "%s%u", told++ ? "," : "", mx[lo].server);
                last = mx[lo].server;
            }
        fputs("]}\n", f);
    }
    story_close(s, f);
    free(mx);
    free(tied);
}

void campaign_notices(struct story *s)
{
    struct rng     r = rng_for(s->c->plan.seed, 2500);
    struct person *p = calloc(s->c->org_n, sizeof *p);

    if (!p)
        lab_die("out of memory");
    people(s, &r, p);
    lists(s, p);
    exchangers(s, p);
    teams(s);
    opted_out(s, p);
    registries(s, p);
    truth(s, p);
    free(p);
}
