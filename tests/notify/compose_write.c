/*
 * Notices as files, for others to judge: notify_compose_write DIR [unsigned]. One message for each audience, class of finding and language, minimal ones, and one of hostile names; signed by a
 * throw-away key, whose public half is key.asc. tests/notify/compose_check.py reads them.
 */
#include "test.h"

#include "gpg_keys.h"
#include "notify/compose_facts.h"
#include "os/openpgp.h"

static struct { struct pack p; struct signer key; const char *dir; struct arena a; int n; } w;

static void put(const struct facts *f, const char *what)
{
    struct arena a = w.a;
    struct err   e = { 0 };
    struct str   s;
    char         path[400];

    if (!compose_mail(&f->told, &f->from, &w.p, &w.key, &a, &s, &e)) {
        fprintf(stderr, "%s: %s %s\n", what, e.what, e.where);
        exit(1);
    }
    snprintf(path, sizeof path, "%s/%03d-%s.eml", w.dir, w.n++, what);
    FILE *o = fopen(path, "wb");
    if (!o || fwrite(s.p, 1, s.n, o) != s.n || fclose(o) != 0) {
        perror(path);
        exit(1);
    }
}

int main(int argc, char **argv)
{
    static const char *const language[] = { "de", "en", "fr" };
    struct test_arena  room = test_arena(64 << 20), pack = test_arena(64 << 20);
    struct err         e = { 0 };
    struct facts       f;
    struct keys        k;
    char               what[80], cmd[600];

    if (argc != 2)
        return 2;
    w.dir = argv[1];
    w.a = room.a;
    k = keys_make();
    w.key = (struct signer){ .home = str_c(k.home), .key = STR("one@responders.example") };
    if (!pack_load_embedded(&w.p, &pack.a, STR("proxylogon"), &e) || !openpgp_signer_open(&w.key.open, w.key.home, w.key.key, &e)) {
        fprintf(stderr, "%s\n", e.what);
        return 1;
    }
    for (int audience = 0; audience < AUDIENCES; audience++)
        for (int finding = 0; finding < NOTICE_FINDINGS; finding++) {
            int l = (audience + finding) % 3;
            facts_make(&f, str_c(language[l]), (enum notice_audience)audience, (enum notice_finding)finding, finding == FINDING_CLEAN ? STAGE_CLOSING : finding ? STAGE_FIRST : STAGE_REMIND1);
            f.told.in_reply_to = f.notice.stage == STAGE_FIRST ? STR_EMPTY : STR("n.3.1@cert.example");
            snprintf(what, sizeof what, "%s-%s-%s", language[l], notice_audience_name(f.notice.audience), notice_finding_name(f.notice.finding));
            put(&f, what);
        }
    for (int l = 0; l < 2; l++) {
        facts_make(&f, str_c(language[l]), AUDIENCE_TECHNICAL, FINDING_BACKDOORED, STAGE_FIRST);
        f.notice.minimal = true;
        snprintf(what, sizeof what, "%s-minimal", language[l]);
        put(&f, what);
    }
    facts_make(&f, STR("de"), AUDIENCE_PROVIDER, FINDING_BACKDOORED, STAGE_FIRST);
    f.told.organisation = f.server[0].organisation = STR("=HYPERLINK(\"https://evil.example\")\r\nBcc: evil@x.example\r\n\r\n{{nonce}}\x1b[2J");
    f.server[0].build = STR("+15.1\tx");
    f.server[0].detector = STR("-cmd|' /C calc'!A0");
    f.server[0].host = STR("mail.b\xd0\xb0kery.example");
    f.from.name = STR("National CERT \xc3\x96sterreich, \"Desk\"\r\nX-Evil: 1");
    put(&f, "hostile");
    snprintf(cmd, sizeof cmd, "cp '%s' '%s/key.asc'", k.one, w.dir);
    int bad = system(cmd);
    openpgp_signer_close(w.key.open);
    keys_drop(&k);
    test_arena_free(&room);
    test_arena_free(&pack);
    return bad != 0;
}
