/* IntelMQ's events: field names as IntelMQ 3 writes them. */
#include "casework/intake_cases.h"

#define EVENT "{\"__type\": \"Event\", \"feed.name\": \"campaign-proxylogon\", \"feed.provider\": \"CERT Example\", \"feed.accuracy\": 95.0, \"time.source\": \"2021-03-06T14:02:11+00:00\", " \
              "\"time.observation\": \"2021-03-06T15:30:00+00:00\", "
#define SHELL "\"classification.taxonomy\": \"intrusions\", \"classification.type\": \"system-compromise\", \"classification.identifier\": \"exchange-server-webshell\", "
#define VULN  "\"classification.taxonomy\": \"vulnerable\", \"classification.type\": \"vulnerable-system\", \"classification.identifier\": \"vulnerable-exchange-server\", "

static void events(void **state)
{
    static const struct intake_case c[] = {
        { "the sheet's own example", NULL, NULL,
          EVENT SHELL "\"source.ip\": \"192.0.2.7\", \"source.port\": 443, \"source.fqdn\": \"mail.bakery.example\", \"source.asn\": 64500, \"source.network\": \"192.0.2.0/28\", \"source.registry\": \"RIPE\", "
          "\"source.geolocation.cc\": \"ZZ\", \"source.url\": \"https://mail.bakery.example/aspnet_client/sample.aspx\", \"source.abuse_contact\": \"abuse@bakery.example\", \"malware.name\": \"webshell\", "
          "\"malware.hash.sha256\": \"e3b0\", \"protocol.transport\": \"tcp\", \"tlp\": \"AMBER\", \"extra.tlp2\": \"AMBER+STRICT\", \"extra.case_id\": \"2021-000123\", \"extra.version\": \"15.1.2106\"}\n",
          { "\"source\": \"campaign-proxylogon\", \"of\": \"CERT Example\", \"tlp\": \"AMBER+STRICT\", \"server\": {\"ip\": \"192.0.2.7\", \"port\": 443, \"names\": [\"mail.bakery.example\"]}, \"fact\": \"finding\", \"grade\": \"C\", "
            "\"observed_at\": \"2021-03-06T14:02:11Z\"", "\"what\": \"place\"", "\"country\": \"ZZ\", \"asn\": 64500", "\"address\": \"abuse@bakery.example\", \"about\": \"network\", \"about_value\": \"192.0.2.0-192.0.2.15\", \"rung\": 5",
            "idf 1=1(0)+0+0" }, { "e3b0", "sector" } },
        { "several abuse contacts in one string: the server's own domain is rung 5, another the provider's", NULL, NULL,
          EVENT VULN "\"source.ip\": \"192.0.2.7\", \"source.fqdn\": \"mail.bakery.example\", \"source.abuse_contact\": \"abuse@bakery.example,noc@isp.example;broken\"}\n",
          { "\"address\": \"abuse@bakery.example\", \"about\": \"network\", \"about_value\": \"192.0.2.7-192.0.2.7\", \"rung\": 5", "\"address\": \"noc@isp.example\", \"about\": \"network\", \"about_value\": \"192.0.2.7-192.0.2.7\", \"rung\": 10",
            "1: no @ in it", "idf 1=1(1)" }, { NULL } },
        { "a feed of low accuracy gives a suspicion", NULL, NULL, "{\"feed.accuracy\": 40.0, \"time.source\": \"2021-03-06T14:02:11+00:00\", " SHELL "\"source.ip\": \"192.0.2.7\"}\n", { "\"grade\": \"D\"" }, { NULL } },
        { "one in a hundred, not the whole", NULL, NULL, "{\"feed.accuracy\": 1.0, \"time.source\": \"2021-03-06T14:02:11+00:00\", " SHELL "\"source.ip\": \"192.0.2.7\"}\n", { "\"grade\": \"D\"" }, { NULL } },
        { "an accuracy that is none", NULL, NULL, "{\"feed.accuracy\": \"very\", " SHELL "\"source.ip\": \"192.0.2.7\"}\n", { "1: its feed.accuracy is no number" }, { NULL } },
        { "nested objects, as the file output writes them when told to", NULL, NULL,
          "{\"classification\": {\"type\": \"vulnerable-system\", \"identifier\": \"vulnerable-exchange-server\"}, \"source\": {\"ip\": \"192.0.2.1\", \"geolocation\": {\"cc\": \"AT\"}}, \"feed\": {\"name\": \"x\"}, "
          "\"time\": {\"source\": \"2021-03-06T14:02:11+00:00\"}}\n",
          { "\"source\": \"x\"", "\"exposure\": \"vulnerable\"", "\"country\": \"AT\"" }, { NULL } },
        { "an array of events, laid out over lines", NULL, NULL, "[" EVENT VULN "\"source.ip\": \"192.0.2.1\"},\n" EVENT VULN "\n\"source.ip\": \"192.0.2.2\"}]\n", { "192.0.2.1", "192.0.2.2", "idf 2=2" }, { NULL } },
        { "other people's business: another identifier", NULL, NULL, EVENT "\"classification.type\": \"vulnerable-system\", \"classification.identifier\": \"open-dns\", \"source.ip\": \"192.0.2.7\"}\n", { "idf 1=0(0)+1+0" }, { "fact" } },
        { "another type", NULL, NULL, EVENT "\"classification.type\": \"phishing\", \"source.ip\": \"192.0.2.7\"}\n", { "idf 1=0(0)+1+0" }, { "fact" } },
        { "another campaign by name", NULL, NULL, EVENT VULN "\"source.ip\": \"192.0.2.7\", \"extra.campaign\": \"ProxyShell\"}\n", { "idf 1=0(0)+1+0" }, { "fact" } },
        { "this campaign by its group", NULL, NULL, EVENT "\"classification.type\": \"vulnerable-system\", \"source.ip\": \"192.0.2.7\", \"extra.campaign\": \"ProxyLogon\"}\n", { "idf 1=1" }, { NULL } },
        { "our own export says patched servers as events, too: the verdict counts", NULL, NULL,
          EVENT VULN "\"source.ip\": \"192.0.2.7\", \"extra.verdict\": \"patched\"}\n" EVENT VULN "\"source.ip\": \"192.0.2.8\", \"extra.verdict\": \"cannot_tell\"}\n" EVENT VULN "\"source.ip\": \"192.0.2.9\", \"extra.verdict\": \"unpatched\", \"extra.verdict_by\": \"claim\"}\n",
          { "\"grade\": \"C\", \"exposure\": \"patched\"", "\"grade\": \"D\", \"exposure\": \"vulnerable\"", "idf 3=2(0)+1+0" }, { "192.0.2.8" } },
        { "a raw report of IntelMQ is no event", NULL, NULL, "{\"__type\": \"Report\", \"feed.name\": \"x\", \"classification.type\": \"vulnerable-system\", \"raw\": \"\"}\n", { "1: a raw report of IntelMQ, no event" }, { NULL } },
        { "time.source is missing: time.observation, told once", NULL, NULL, "{\"time.observation\": \"2021-03-06T15:30:00+00:00\", " VULN "\"source.ip\": \"192.0.2.7\"}\n{\"time.observation\": \"2021-03-06T15:30:00+00:00\", " VULN "\"source.ip\": \"192.0.2.8\"}\n",
          { "\"observed_at\": \"2021-03-06T15:30:00Z\"", "note: events without time.source: time.observation was taken, first in line 1" }, { "line 2\n" } },
        { "a time to come, a time before there was anything, no time that can be read", NULL, NULL,
          "{\"time.source\": \"2031-03-06T14:02:11+00:00\", " VULN "\"source.ip\": \"192.0.2.7\"}\n{\"time.source\": \"1990-03-06T14:02:11+00:00\", " VULN "\"source.ip\": \"192.0.2.7\"}\n{\"time.source\": \"soon\", " VULN "\"source.ip\": \"192.0.2.7\"}\n",
          { "1: its time lies in the future", "2: its time lies before there was anything to see", "3: its time cannot be read", "idf 3=0(0)+0+3" }, { "fact" } },
        { "an address that is none", NULL, NULL, EVENT VULN "\"source.ip\": \"192.0.2.777\"}\n", { "1: its address cannot be read" }, { NULL } },
        { "a name where an address should be is dropped by bots: then nothing tells the server", NULL, NULL, EVENT VULN "\"source.account\": \"x\"}\n", { "1: nothing tells which server is meant" }, { NULL } },
        { "a name that is none beside an address that is: the name is told and left", NULL, NULL, EVENT VULN "\"source.ip\": \"192.0.2.7\", \"source.fqdn\": \"<b>x</b>\"}\n", { "1: its name is no host name", "idf 1=1(1)" }, { "names" } },
        { "only a URL", NULL, NULL, EVENT SHELL "\"source.url\": \"https://mail.bakery.example:8443/x.aspx\"}\n", { "\"server\": {\"port\": 8443, \"names\": [\"mail.bakery.example\"]}" }, { NULL } },
        { "a reverse name that the provider made up is no owner's; another is", NULL, NULL,
          EVENT VULN "\"source.ip\": \"192.0.2.7\", \"source.reverse_dns\": \"host-192-0-2-7.isp.example\"}\n" EVENT VULN "\"source.ip\": \"192.0.2.8\", \"source.reverse_dns\": \"gw.bakery.example\"}\n",
          { "\"kind\": \"ptr\", \"value\": \"bakery.example\"" }, { "isp.example" } },
        { "what a CERT's mail path decided", NULL, NULL, EVENT VULN "\"source.ip\": \"192.0.2.7\", \"extra.certbund.source_directives\": [{\"medium\": \"email\", \"recipient_address\": \"abuse@isp.example\", \"template_name\": \"t\"}, {\"medium\": \"xmpp\", \"recipient_address\": \"x\"}]}\n",
          { "\"address\": \"abuse@isp.example\"", "\"role\": \"certbund directive\"" }, { "1: no @" } },
        { "a TLP of no list", NULL, NULL, EVENT VULN "\"source.ip\": \"192.0.2.7\", \"tlp\": \"PURPLE\"}\n", { "1: its TLP is none" }, { NULL } },
        { "TLP:WHITE is CLEAR", NULL, NULL, EVENT VULN "\"source.ip\": \"192.0.2.7\", \"tlp\": \"WHITE\"}\n", { "\"tlp\": \"CLEAR\"" }, { NULL } },
        { "a port of 0 is none", NULL, NULL, EVENT VULN "\"source.ip\": \"192.0.2.7\", \"source.port\": 0}\n", { "{\"ip\": \"192.0.2.7\"}" }, { NULL } },
        { "a broken line among whole ones", NULL, NULL, EVENT VULN "\"source.ip\": \"192.0.2.7\"}\n{\"time.source\": \n" EVENT VULN "\"source.ip\": \"192.0.2.8\"}\n", { "192.0.2.7", "192.0.2.8", "idf 3=2(0)+0+1" }, { NULL } },
        { "not IntelMQ at all", NULL, NULL, "{\"a\": 1}\n", { "none 0", "nothing that casework knows" }, { NULL } },
    };

    (void)state;
    INTAKE_CASES(c);
}

static void deep(void **state)
{
    static char          in[300000];
    struct intake_case   c = { "JSON that is deeper than anything", "idf", NULL, in, { "idf 1=0(0)+0+1" }, { NULL } };

    (void)state;
    memset(in, '[', sizeof in - 1);
    memcpy(in, "{\"classification.type\":", 23);
    intake_cases(&c, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(events), cmocka_unit_test(deep) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
