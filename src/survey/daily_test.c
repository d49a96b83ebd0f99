/*
 * Every rule of daily.h as a case: what was observed, and what is said of each server on each day. Each case is imported in several orders, which
 * must give the same.
 */
#include "daily_fixture.h"

static const struct rule { const char *why; struct step step[STEPS_MAX]; int last_day; const char *want, *group; } rules[] = {
    /* one server */
    { "a build with four numbers decides, and holds until something newer is known",
      { { 3, .ip = 1, .build = UNPATCHED }, { 6, .ip = 1, .build = PATCHED } }, 9, "[1] 3-5:unpatched 6-9:patched", NULL },
    { "before the fix was there everybody was unpatched, and three numbers suffice to say so",
      { { 1, .ip = 1, .build = "15.1.2176" } }, 9, "[1] 1-9:unpatched", NULL },
    { "the same three numbers seen after the fix say nothing",
      { { 1, .ip = 1, .build = "15.1.2176" }, { 20, .ip = 1, .build = "15.1.2176" } }, 20, "[1] 1-19:unpatched 20-20:cannot_tell", NULL },
    { "four numbers win over three newer ones of the same line",
      { { 3, .ip = 1, .build = PATCHED }, { 5, .ip = 1, .build = "15.1.2176" } }, 9, "[1] 3-9:patched", NULL },
    { "... but not where the newer ones are of a later line: an update of the line forgets the security update",
      { { 3, .ip = 1, .build = "15.1.2106.13" }, { 5, .ip = 1, .build = "15.1.2176" } }, 9, "[1] 3-4:patched 5-9:cannot_tell", NULL },
    { "a later line that holds the fix is patched with three numbers",
      { { 3, .ip = 1, .build = UNPATCHED }, { 25, .ip = 1, .build = "15.1.2242" } }, 30, "[1] 3-24:unpatched 25-30:patched", NULL },
    { "two numbers of the same product say nothing new",
      { { 3, .ip = 1, .build = PATCHED }, { 5, .ip = 1, .build = "15.1" } }, 9, "[1] 3-9:patched", NULL },
    { "two numbers of another product: it is another installation",
      { { 3, .ip = 1, .build = PATCHED }, { 5, .ip = 1, .build = "15.2" } }, 9, "[1] 3-4:patched 5-9:cannot_tell", NULL },
    { "older knowledge that comes late changes no later day",
      { { 8, .ip = 1, .build = PATCHED }, { 3, .ip = 1, .build = UNPATCHED } }, 9, "[1] 3-7:unpatched 8-9:patched", NULL },

    /* precedence within a day */
    { "the probe's four numbers win over a scan file's of the same day, whatever the hour",
      { { 3, 100, OBS_SHODAN, .ip = 1, .build = PATCHED }, { 3, 1, OBS_PROBE, .ip = 1, .build = UNPATCHED } }, 4, "[1] 3-4:unpatched", NULL },
    { "a mail hop's four numbers win over a scan file's",
      { { 3, 100, OBS_SHODAN, .ip = 1, .build = PATCHED }, { 3, 1, OBS_RECEIVED, .ip = 1, .build = UNPATCHED } }, 4, "[1] 3-4:unpatched", NULL },
    { "four numbers of a scan file win over a reporter's claim",
      { { 3, 100, OBS_SHADOWSERVER, .ip = 1, .build = "15.1.2176", .claim = CLAIM_UNPATCHED, .about = "CVE-2021-26855" },
        { 3, 1, OBS_SHODAN, .ip = 1, .build = PATCHED } }, 4, "[1] 3-4:patched", NULL },
    { "a reporter's claim wins over three numbers",
      { { 20, 100, OBS_SHODAN, .ip = 1, .build = "15.1.2176" },
        { 20, 1, OBS_SHADOWSERVER, .ip = 1, .build = "15.1.2176", .claim = CLAIM_UNPATCHED, .about = "CVE-2021-26855" } }, 21,
      "[1] 20-21:unpatched+by_claim", NULL },
    { "of two equal sources of a day the later one counts: patched at noon",
      { { 3, 1, .ip = 1, .build = UNPATCHED }, { 3, 700, .ip = 1, .build = PATCHED } }, 4, "[1] 3-4:patched", NULL },

    /* claims */
    { "a claim of another group says nothing of this one",
      { { 20, .ip = 1, .build = "15.1.2176", .claim = CLAIM_UNPATCHED, .about = "CVE-2021-34473" } }, 21, "[1] 20-21:cannot_tell", NULL },
    { "a claim falls with the line it was made of",
      { { 20, .ip = 1, .build = "15.1.2176", .claim = CLAIM_UNPATCHED, .about = "ProxyLogon" }, { 25, .ip = 1, .build = "15.1.2106" } }, 26,
      "[1] 20-24:unpatched+by_claim 25-26:cannot_tell+mixed", NULL },
    { "a newer claim takes the place of an older one",
      { { 20, .ip = 1, .build = "15.1.2176", .claim = CLAIM_UNPATCHED, .about = "ProxyLogon" },
        { 25, .source = OBS_STATEMENT, .ip = 1, .claim = CLAIM_PATCHED, .about = "ProxyLogon" } }, 26, "[1] 20-24:unpatched+by_claim 25-26:patched+by_claim", NULL },
    { "a mitigation is only ever claimed, and changes no verdict",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .source = OBS_STATEMENT, .ip = 1, .claim = CLAIM_MITIGATED, .about = "ProxyLogon" } }, 6,
      "[1] 3-4:unpatched 5-6:unpatched+mitigated", NULL },
    { "the patch closes the door and removes nobody: compromised stays, on an axis of its own",
      { { 3, .ip = 1, .build = UNPATCHED, .claim = CLAIM_COMPROMISED, .about = "ProxyLogon" }, { 5, .ip = 1, .build = PATCHED } }, 6,
      "[1] 3-4:unpatched+compromised 5-6:patched+compromised", NULL },
    { "a web shell of which nobody says how it came counts for every group",
      { { 3, .ip = 1, .build = UNPATCHED, .claim = CLAIM_COMPROMISED, .about = "" } }, 4, "[1] 3-4:unpatched+compromised", "ProxyShell" },

    /* what hides */
    { "a proxy before the server from the beginning: it cannot be told",
      { { 3, .ip = 1, .flags = OBS_EXCHANGE | OBS_VERSION_HIDDEN } }, 4, "[1] 3-4:cannot_tell+hidden", NULL },
    { "the build was seen, then hidden: knowledge holds for 14 days without the build, and no longer",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .flags = OBS_EXCHANGE | OBS_VERSION_HIDDEN } }, 20,
      "[1] 3-17:unpatched 18-20:cannot_tell+hidden", NULL },
    { "three numbers of the same line are the build seen again: the 14 days begin anew",
      { { 3, .ip = 1, .build = UNPATCHED }, { 10, .ip = 1, .build = "15.1.2176" }, { 12, .ip = 1, .flags = OBS_EXCHANGE | OBS_VERSION_HIDDEN } }, 26,
      "[1] 3-24:unpatched 25-26:cannot_tell+hidden", NULL },
    { "one source sees the build and another does not: that is not hiding it",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .source = OBS_SHODAN, .ip = 1, .flags = OBS_EXCHANGE | OBS_VERSION_HIDDEN },
        { 10, .ip = 1, .build = UNPATCHED }, { 15, .source = OBS_SHODAN, .ip = 1, .flags = OBS_EXCHANGE | OBS_VERSION_HIDDEN } }, 24, "[1] 3-24:unpatched", NULL },
    { "something else answers now: another site lives there",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .flags = OBS_NOT_EXCHANGE } }, 6, "[1] 3-4:unpatched 5-6:not_exchange", NULL },
    { "... unless somebody saw Exchange on the same day: another path",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .flags = OBS_NOT_EXCHANGE }, { 5, 9, OBS_SHODAN, .ip = 1, .flags = OBS_EXCHANGE } }, 6,
      "[1] 3-6:unpatched", NULL },
    { "a port that is open and says nothing is no Exchange server: it counts nowhere",
      { { 3, .source = OBS_MASSCAN, .ip = 1 } }, 4, "[1] 3-4:cannot_tell+stranger", NULL },
    { "a pair of numbers that never was is told",
      { { 3, .ip = 1, .build = PATCHED, .flags = OBS_ODD } }, 4, "[1] 3-4:patched+odd", NULL },

    /* gone, moved */
    { "three days of refusals, one after the other: gone",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .reach = OBS_REFUSED }, { 6, .ip = 1, .reach = OBS_TIMED_OUT }, { 8, .ip = 1, .reach = OBS_REFUSED } }, 9,
      "[1] 3-7:unpatched 8-9:unpatched/gone", NULL },
    { "an answer in between begins anew",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .reach = OBS_REFUSED }, { 6, .ip = 1, .reach = OBS_TIMED_OUT }, { 7, .ip = 1, .build = UNPATCHED },
        { 8, .ip = 1, .reach = OBS_REFUSED } }, 9, "[1] 3-9:unpatched", NULL },
    { "two refusals on one day are one run",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, 1, .ip = 1, .reach = OBS_REFUSED }, { 5, 2, .ip = 1, .reach = OBS_TIMED_OUT }, { 5, 3, .ip = 1, .reach = OBS_TLS_FAILED } },
      9, "[1] 3-9:unpatched", NULL },
    { "who comes back is seen again, with what he says then",
      { { 3, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .reach = OBS_REFUSED }, { 6, .ip = 1, .reach = OBS_REFUSED }, { 7, .ip = 1, .reach = OBS_REFUSED },
        { 9, .ip = 1, .build = PATCHED } }, 9, "[1] 3-6:unpatched 7-8:unpatched/gone 9-9:patched", NULL },
    { "in no source for more than 30 days while the survey went on: gone. The others are the survey's runs",
      { { 3, .ip = 1, .build = UNPATCHED }, { 10, .ip = 2, .build = PATCHED }, { 20, .ip = 2, .build = PATCHED }, { 30, .ip = 2, .build = PATCHED },
        { 40, .ip = 2, .build = PATCHED } }, 40, "[1] 3-33:unpatched 34-40:unpatched/gone\n[2] 10-40:patched", NULL },
    { "the survey paused: nobody is gone because nobody looked",
      { { 3, .ip = 1, .build = UNPATCHED }, { 90, .ip = 2, .build = PATCHED }, { 91, .ip = 1, .build = UNPATCHED } }, 91,
      "[1] 3-91:unpatched\n[2] 90-91:patched", NULL },
    { "never an answer: neither patched nor open, unreachable",
      { { 3, .ip = 1, .reach = OBS_TIMED_OUT }, { 4, .ip = 1, .reach = OBS_TIMED_OUT } }, 5, "[1] 3-5:unreached", NULL },
    { "its name is served by Exchange Online now, and it does not answer any more: moved, not patched",
      { { 3, .ip = 1, .name = "mail.example.org", .build = UNPATCHED }, { 9, .ip = 99, .name = "mail.example.org", .flags = OBS_ONLINE } }, 10,
      "[1] 3-8:unpatched 9-10:not_self_hosted/moved", NULL },
    { "a hybrid: one name is in the cloud and the server still answers",
      { { 3, .ip = 1, .name = "mail.example.org", .build = UNPATCHED }, { 5, .ip = 99, .name = "mail.example.org", .flags = OBS_ONLINE },
        { 7, .ip = 1, .name = "mail.example.org", .build = UNPATCHED } }, 8, "[1] 3-8:unpatched", NULL },

    /* nodes behind one name */
    { "a name is as weak as its weakest node",
      { { 3, .ip = 1, .node = "EX01", .build = PATCHED }, { 4, .ip = 1, .node = "EX02", .build = UNPATCHED }, { 6, .ip = 1, .node = "ex02", .build = PATCHED } }, 7,
      "[1] 3-3:patched 4-5:unpatched+mixed 6-7:patched", NULL },
    { "one node behind two addresses is one node: what is new of it holds for both",
      { { 3, .ip = 1, .node = "EX01", .domain = "ad.example.org", .build = UNPATCHED }, { 3, .ip = 2, .node = "EX01", .domain = "ad.example.org", .build = UNPATCHED },
        { 5, .ip = 2, .node = "EX01", .domain = "ad.example.org", .build = PATCHED } }, 6, "[1,2] 3-4:unpatched 5-6:patched", NULL },
    { "two organisations may both call their node EX01",
      { { 3, .ip = 1, .node = "EX01", .build = UNPATCHED }, { 3, .ip = 2, .node = "EX01", .build = PATCHED } }, 4, "[1] 3-4:unpatched\n[2] 3-4:patched", NULL },
    { "one AD domain is an organisation, not a server",
      { { 3, .ip = 1, .node = "EX01", .domain = "ad.example.org", .build = UNPATCHED }, { 3, .ip = 2, .node = "EX02", .domain = "ad.example.org", .build = PATCHED } }, 4,
      "[1] 3-4:unpatched\n[2] 3-4:patched", NULL },
    { "what a scan file saw without the node's name is the one node's",
      { { 3, .ip = 1, .node = "EX01", .build = UNPATCHED }, { 5, .source = OBS_SHODAN, .ip = 1, .build = PATCHED } }, 6, "[1] 3-4:unpatched 5-6:patched", NULL },
    { "... also where the name came later",
      { { 3, .source = OBS_SHODAN, .ip = 1, .build = PATCHED }, { 5, .ip = 1, .node = "EX01", .build = "15.1.2176" } }, 6, "[1] 3-6:patched", NULL },
    { "where there are two nodes it is an unknown one, until both were seen again",
      { { 3, 1, .ip = 1, .node = "EX01", .build = PATCHED }, { 3, 2, .ip = 1, .node = "EX02", .build = PATCHED }, { 5, .source = OBS_SHODAN, .ip = 1, .build = UNPATCHED },
        { 7, .ip = 1, .node = "EX01", .build = PATCHED }, { 8, .ip = 1, .node = "EX02", .build = PATCHED } }, 9,
      "[1] 3-4:patched 5-7:unpatched+mixed 8-9:patched", NULL },
    { "a node that was taken away drags the server down no longer than 30 days",
      { { 3, .ip = 1, .node = "EX01", .build = UNPATCHED }, { 4, .ip = 1, .node = "EX02", .build = PATCHED }, { 20, .ip = 1, .node = "EX02", .build = PATCHED },
        { 33, .ip = 1, .node = "EX02", .build = PATCHED }, { 40, .ip = 1, .node = "EX02", .build = PATCHED } }, 40,
      "[1] 3-3:unpatched 4-33:unpatched+mixed 34-40:patched", NULL },
    { "a build that goes down is another node behind the name: the lower one counts until it was not seen for a week",
      { { 3, .ip = 1, .build = PATCHED }, { 4, .ip = 1, .build = UNPATCHED }, { 5, .ip = 1, .build = PATCHED }, { 8, .ip = 1, .build = PATCHED },
        { 12, .ip = 1, .build = PATCHED } }, 13, "[1] 3-3:patched 4-11:unpatched+mixed 12-13:patched", NULL },
    { "... and the week begins anew each time the lower one is seen",
      { { 3, .ip = 1, .build = PATCHED }, { 4, .ip = 1, .build = UNPATCHED }, { 8, .ip = 1, .build = UNPATCHED }, { 13, .ip = 1, .build = PATCHED } }, 17,
      "[1] 3-3:patched 4-15:unpatched+mixed 16-17:patched", NULL },
    { "an older backup was restored and stays: not mixed for ever",
      { { 3, .ip = 1, .build = PATCHED }, { 4, .ip = 1, .build = UNPATCHED } }, 14, "[1] 3-3:patched 4-11:unpatched+mixed 12-14:unpatched", NULL },
    { "one answer with two builds is two nodes, or a proxy's memory",
      { { 3, .ip = 1, .build = UNPATCHED, .flags = OBS_TWO_BUILDS } }, 11, "[1] 3-10:unpatched+mixed 11-11:unpatched", NULL },

    /* who is one server */
    { "one certificate on two addresses: one server, which moved to another address",
      { { 3, .ip = 1, .cert = 7, .build = UNPATCHED }, { 5, .ip = 2, .cert = 7, .build = PATCHED }, { 5, .ip = 1, .reach = OBS_REFUSED },
        { 6, .ip = 1, .reach = OBS_REFUSED }, { 7, .ip = 1, .reach = OBS_REFUSED } }, 9, "[1,2] 3-4:unpatched 5-6:unpatched+mixed 7-9:patched", NULL },
    { "one name on two addresses: one server",
      { { 3, .ip = 1, .name = "mail.example.org", .build = UNPATCHED }, { 3, .ip = 2, .name = "mail.example.org", .build = PATCHED } }, 4, "[1,2] 3-4:unpatched+mixed", NULL },
    { "many names on one address: one server",
      { { 3, .ip = 1, .name = "mail.example.org", .build = UNPATCHED }, { 5, .ip = 1, .name = "autodiscover.example.org", .build = PATCHED } }, 6,
      "[1] 3-4:unpatched 5-6:patched", NULL },
    { "names that mean something only inside join nobody",
      { { 3, .ip = 1, .name = "ex01", .name2 = "mail.corp.local", .build = UNPATCHED }, { 3, .ip = 2, .name = "ex01", .name2 = "mail.corp.local", .build = PATCHED } }, 4,
      "[1] 3-4:unpatched\n[2] 3-4:patched", NULL },
    { "a wildcard certificate lies on many an address of its owner: it does not join",
      { { 3, .ip = 1, .cert = 7, .cert_name = "*.example.org", .build = UNPATCHED }, { 3, .ip = 2, .cert = 7, .cert_name = "*.example.org", .build = PATCHED } }, 4,
      "[1] 3-4:unpatched\n[2] 3-4:patched", NULL },
    { "... but beside the same node's name it does",
      { { 3, .ip = 1, .node = "EX01", .cert = 7, .name = "*.example.org", .build = UNPATCHED }, { 5, .ip = 2, .node = "EX01", .cert = 7, .name = "*.example.org", .build = PATCHED } },
      6, "[1,2] 3-4:unpatched 5-6:patched", NULL },
    { "two ports of one address with one certificate are one server",
      { { 3, .ip = 1, .cert = 7, .build = UNPATCHED }, { 5, .ip = 1, .port = 8443, .cert = 7, .flags = OBS_EXCHANGE } }, 6, "[1] 3-6:unpatched", NULL },
    { "two ports with nothing in common are two: a translated address may have two servers behind it",
      { { 3, .ip = 1, .build = UNPATCHED }, { 3, .ip = 1, .port = 8443, .build = PATCHED } }, 4, "[1] 3-4:patched\n[1] 3-4:unpatched", NULL },
    { "a report without a port speaks of the web's",
      { { 3, .ip = 1, .build = UNPATCHED }, { 4, .ip = 1, .port = 0, .claim = CLAIM_COMPROMISED, .about = "ProxyLogon" } }, 4,
      "[1] 3-3:unpatched 4-4:unpatched+compromised", NULL },
    { "a mail hop has a name and no address: it speaks for the server of that name",
      { { 3, .ip = 1, .name = "mail.example.org", .build = UNPATCHED }, { 5, .source = OBS_RECEIVED, .name = "mail.example.org", .build = PATCHED } }, 6,
      "[1] 3-4:unpatched 5-6:patched", NULL },
    { "a mail hop alone is a server as well",
      { { 3, .source = OBS_RECEIVED, .name = "mail.example.org", .build = PATCHED } }, 4, "[mail.example.org] 3-4:patched", NULL },
    { "Exchange Online with 15.20 is nobody's own server, by whatever way it came in",
      { { 3, .ip = 1, .build = "15.20.3955.27" } }, 4, "[1] 3-4:not_self_hosted", NULL },

    /* time */
    { "an observation without a time is taken for the day on which it was recorded: known at the latest then",
      { { 1, .ip = 1, .build = PATCHED, .no_time = true } }, RECORDED - DAY_0, "[1] 1314-1314:patched", NULL },
    { "a time in the future is a lie, and so is one before Exchange: neither makes a day of the survey",
      { { 3, .ip = 1, .build = PATCHED }, { 5000, .ip = 1, .build = UNPATCHED }, { -10000, .ip = 2, .build = UNPATCHED } }, 0, "[1] 3-3:patched", NULL },
};

/* What a case says in any order of arrival. */
static void all_rules(size_t shuffles, size_t each)
{
    for (size_t i = 0; i < COUNT_OF(rules); i += each) {
        const struct rule *r = &rules[i];
        size_t n = steps_in(r->step), order[STEPS_MAX];
        unsigned seed = (unsigned)i + 1;

        for (size_t k = 0; k < n; k++)
            order[k] = k;
        for (size_t round = 0; round <= shuffles; round++) {
            struct store *s = imported(r->step, order, n);
            struct outcome got = days_of(s, r->group, r->last_day, NULL, NULL);

            store_close(s);
            if (strcmp(got.text, r->want))
                fail_msg("%s (round %zu):\n  got  %s\n  want %s", r->why, round, got.text, r->want);
            if (round == 0)
                for (size_t k = 0; k < n; k++)
                    order[k] = n - 1 - k;
            else
                seed = shuffle(order, n, seed);
        }
    }
}

static void each_rule(void **state)
{
    (void)state;
    w.where = ":memory:";
    all_rules(1, 1);
}

static void rules_on_postgresql(void **state)
{
    (void)state;
    if (!w.has_pg)
        skip();
    w.where = w.pg.where;
    all_rules(0, 9);
    w.where = ":memory:";
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(each_rule), cmocka_unit_test(rules_on_postgresql) };
    return cmocka_run_group_tests(t, setup, teardown);
}
