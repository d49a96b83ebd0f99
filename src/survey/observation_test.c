#include "test.h"

#include "emit/out_mem.h"
#include "survey/observation_out.h"

static void cleared(void **state)
{
    struct observation o;

    (void)state;
    memset(&o, 0xA5, sizeof o);
    observation_clear(&o);
    CHECK(o.observed_us == TIME_NONE && !o.has_ip && !o.port && !o.flags && !o.parts && !o.name_n && !o.claim_n && !o.node.n && !o.has_cert && !o.has_body && !o.asn && !o.country[0] && !o.sector.n &&
          !o.naics && o.source == OBS_PROBE && o.means == OBS_NO_BUILD && o.reach == OBS_REACH_UNKNOWN && !o.line && !o.status && !o.detector.n && !o.source_name.n && !o.as_name.n && !o.server_header.n);
}

static void words(void **state)
{
    (void)state;
    for (int i = 0; i < OBS_SOURCES; i++)
        for (int k = 0; k < i; k++)
            CHECK(strcmp(obs_source_name((enum obs_source)i), obs_source_name((enum obs_source)k)) != 0);
    CHECK_STR(str_c(obs_source_name(OBS_STATEMENT)), STR("statement"));
    CHECK_STR(str_c(obs_means_name(OBS_ACTIVESYNC)), STR("activesync"));
    CHECK_STR(str_c(obs_reach_name(OBS_NO_NAME)), STR("no_name"));
    CHECK_STR(str_c(claim_kind_name(CLAIM_COMPROMISED)), STR("compromised"));
    CHECK_STR(str_c(obs_means_name((enum obs_means)99)), STR("unknown"));
}

static struct str json(struct arena *a, const struct observation *o)
{
    struct out     *out = NEW(a, struct out, 1);
    struct out_mem  m = { .a = a };
    struct js       j;
    struct err      e = { 0 };

    out_open(out, out_mem_put, &m);
    js_open(&j, out, true);
    observation_json(&j, o);
    CHECK(out_done(out, &e));
    return out_mem_str(&m);
}

static void as_json(void **state)
{
    struct test_arena  t = test_arena(1 << 20);
    struct observation o;

    (void)state;
    observation_clear(&o);
    CHECK_STR(json(&t.a, &o), STR("{\"source\": \"probe\", \"reach\": \"unknown\", \"flags\": []}"));
    o.source  = OBS_CSV;
    o.flags   = OBS_EXCHANGE | OBS_MORE;
    o.parts   = 4;
    o.means   = OBS_HEADER;
    o.build[0] = 15, o.build[1] = 1, o.build[2] = 2176, o.build[3] = 9;
    o.name[o.name_n++] = STR("mail.example.org");
    o.node    = STR("EX\x1b[31m01");
    o.claim[o.claim_n++] = (struct obs_claim){ CLAIM_MITIGATED, STR("ProxyLogon"), STR_EMPTY };
    memcpy(o.country, "AT", 3);
    o.has_cert = true;
    struct str s = json(&t.a, &o);
    CHECK(str_has(s, STR("\"build\": \"15.1.2176.9\", \"precision\": 4, \"means\": \"header\", \"names\": [\"mail.example.org\"]")));
    CHECK(str_has(s, STR("\"flags\": [\"exchange\", \"more\"]")) && str_has(s, STR("\"claims\": [{\"kind\": \"mitigated\", \"about\": \"ProxyLogon\"}]")));
    CHECK(str_has(s, STR("\\u001b[31m")) && str_has(s, STR("\"country\": \"AT\"")) && str_has(s, STR("\"cert_sha256\": \"0000")));
    test_arena_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cleared), cmocka_unit_test(words), cmocka_unit_test(as_json) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
