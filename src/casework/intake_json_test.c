/* STIX bundles and MISP events. */
#include "casework/intake_cases.h"

#define B(objects) "{\"type\": \"bundle\", \"id\": \"bundle--1\", \"objects\": [" objects "]}\n"
#define CERT   "{\"type\": \"identity\", \"id\": \"identity--c\", \"name\": \"CERT Example\", \"identity_class\": \"organization\"}"
#define BAKERY "{\"type\": \"identity\", \"id\": \"identity--b\", \"created_by_ref\": \"identity--c\", \"modified\": \"2021-03-06T15:30:00.000Z\", \"name\": \"Bakery\", \"identity_class\": \"organization\", \"sectors\": [\"retail\"]}"
#define TOWN   "{\"type\": \"identity\", \"id\": \"identity--t\", \"name\": \"Town\"}"
#define SHELL  "{\"type\": \"malware\", \"id\": \"malware--s\", \"name\": \"ASPX web shell\", \"malware_types\": [\"webshell\"]}"
#define FLAW   "{\"type\": \"vulnerability\", \"id\": \"vulnerability--v\", \"name\": \"CVE-2021-26855\"}"
#define IP     "{\"type\": \"ipv4-addr\", \"id\": \"ipv4-addr--1\", \"value\": \"192.0.2.7\"}"
#define NAME   "{\"type\": \"domain-name\", \"id\": \"domain-name--1\", \"value\": \"mail.bakery.example\"}"
#define DATA   "{\"type\": \"observed-data\", \"id\": \"observed-data--1\", \"object_refs\": [\"ipv4-addr--1\", \"domain-name--1\"]}"
#define SEEN(id, of, more) "{\"type\": \"sighting\", \"id\": \"sighting--" id "\", \"created_by_ref\": \"identity--c\", \"sighting_of_ref\": \"" of "\", \"first_seen\": \"2021-03-06T14:02:11.000Z\", \"last_seen\": \"2021-03-12T06:40:02.000Z\"" more "}"
#define AT_BAKERY ", \"where_sighted_refs\": [\"identity--b\"]"

static void bundles(void **state)
{
    static const struct intake_case c[] = {
        { "a web shell was sighted at a victim, with the data that shows where", NULL, NULL,
          B(CERT "," BAKERY "," SHELL "," IP "," NAME "," DATA "," SEEN("1", "malware--s", AT_BAKERY ", \"observed_data_refs\": [\"observed-data--1\"], \"object_marking_refs\": [\"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003\"]")),
          { "\"source\": \"CERT Example\", \"tlp\": \"AMBER+STRICT\", \"server\": {\"ip\": \"192.0.2.7\", \"names\": [\"mail.bakery.example\"]}, \"fact\": \"finding\", \"grade\": \"C\", \"observed_at\": \"2021-03-12T06:40:02Z\", \"since\": \"2021-03-06T14:02:11Z\"",
            "\"kind\": \"constituency\", \"value\": \"stix-CERT Example:identity--b\", \"confidence\": 70, \"name\": \"Bakery\", \"sector\": \"retail\"", "stix 2=1(0)+1+0" }, { NULL } },
        { "the order of objects is nothing", NULL, NULL, B(SEEN("1", "malware--s", AT_BAKERY ", \"observed_data_refs\": [\"observed-data--1\"]") "," DATA "," NAME "," IP "," SHELL "," BAKERY "," CERT), { "\"fact\": \"finding\"", "\"value\": \"stix-CERT Example:identity--b\"" }, { NULL } },
        { "a vulnerability of this campaign", NULL, NULL, B(BAKERY "," FLAW "," IP "," NAME "," DATA "," SEEN("1", "vulnerability--v", AT_BAKERY ", \"observed_data_refs\": [\"observed-data--1\"]")), { "\"exposure\": \"vulnerable\"", "\"reason\": \"CVE-2021-26855\"" }, { "since" } },
        { "and of another", NULL, NULL, B(BAKERY ",{\"type\": \"vulnerability\", \"id\": \"vulnerability--x\", \"name\": \"CVE-2014-0160\"}," IP "," NAME "," DATA "," SEEN("1", "vulnerability--x", AT_BAKERY ", \"observed_data_refs\": [\"observed-data--1\"]")),
          { "stix 2=0(0)+2+0" }, { "fact" } },
        { "without observed data: what a relationship ties to the victim", NULL, NULL, B(BAKERY "," SHELL "," IP ",{\"type\": \"relationship\", \"id\": \"relationship--1\", \"relationship_type\": \"related-to\", \"source_ref\": \"ipv4-addr--1\", \"target_ref\": \"identity--b\"}," SEEN("1", "malware--s", AT_BAKERY)),
          { "\"ip\": \"192.0.2.7\"", "\"fact\": \"finding\"", "stix 1=1" }, { NULL } },
        { "without either nobody can say which server", NULL, NULL, B(BAKERY "," SHELL "," SEEN("1", "malware--s", AT_BAKERY)), { "1: no address or name of the victim", "stix 1=0(0)+0+1" }, { NULL } },
        { "two victims over one observation: facts, and no link", NULL, NULL, B(BAKERY "," TOWN "," SHELL "," IP "," NAME "," DATA "," SEEN("1", "malware--s", ", \"where_sighted_refs\": [\"identity--b\", \"identity--t\"], \"observed_data_refs\": [\"observed-data--1\"]")),
          { "\"fact\": \"finding\"" }, { "\"what\": \"link\"" } },
        { "an identity with an address, and nothing sighted: whose it is, no more", NULL, NULL, B(BAKERY "," IP ",{\"type\": \"relationship\", \"id\": \"relationship--1\", \"source_ref\": \"identity--b\", \"target_ref\": \"ipv4-addr--1\"}"), { "\"what\": \"link\"", "stix 1=1" }, { "fact" } },
        { "an indicator that was sighted is a suspicion; indicators themselves are told", NULL, NULL, B(BAKERY ",{\"type\": \"indicator\", \"id\": \"indicator--1\"}," IP "," NAME "," DATA "," SEEN("1", "indicator--1", AT_BAKERY ", \"observed_data_refs\": [\"observed-data--1\"]")),
          { "\"grade\": \"D\"", "note: 1 indicators are not casework's" }, { NULL } },
        { "low confidence", NULL, NULL, B(BAKERY "," SHELL "," IP "," NAME "," DATA "," SEEN("1", "malware--s", AT_BAKERY ", \"confidence\": 30, \"observed_data_refs\": [\"observed-data--1\"]")), { "\"grade\": \"D\"", "\"confidence\": 30" }, { NULL } },
        { "what was taken back", NULL, NULL, B(BAKERY "," SHELL "," IP "," NAME "," DATA "," SEEN("1", "malware--s", AT_BAKERY ", \"revoked\": true, \"observed_data_refs\": [\"observed-data--1\"]")), { "stix 1=0(0)+1+0" }, { "fact" } },
        { "a port and a certificate", NULL, NULL,
          B(BAKERY "," SHELL "," IP ",{\"type\": \"network-traffic\", \"id\": \"network-traffic--1\", \"dst_ref\": \"ipv4-addr--1\", \"dst_port\": 8443},"
            "{\"type\": \"x509-certificate\", \"id\": \"x509-certificate--1\", \"hashes\": {\"SHA-256\": \"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}},"
            "{\"type\": \"observed-data\", \"id\": \"observed-data--1\", \"object_refs\": [\"network-traffic--1\", \"x509-certificate--1\"]}," SEEN("1", "malware--s", AT_BAKERY ", \"observed_data_refs\": [\"observed-data--1\"]")),
          { "{\"ip\": \"192.0.2.7\", \"port\": 8443, \"tls\": \"00112233" }, { NULL } },
        { "traffic that points to itself", NULL, NULL, B(BAKERY "," SHELL ",{\"type\": \"network-traffic\", \"id\": \"network-traffic--1\", \"dst_ref\": \"network-traffic--1\"},{\"type\": \"observed-data\", \"id\": \"observed-data--1\", \"object_refs\": [\"network-traffic--1\"]},"
          SEEN("1", "malware--s", AT_BAKERY ", \"observed_data_refs\": [\"observed-data--1\"]")), { "1: no address or name of the victim" }, { NULL } },
        { "sighted before there was anything; sighted of something that is not here", NULL, NULL, B(BAKERY "," SHELL ",{\"type\": \"sighting\", \"id\": \"sighting--1\", \"sighting_of_ref\": \"malware--s\", \"last_seen\": \"1980-01-01T00:00:00Z\"}," SEEN("2", "malware--gone", AT_BAKERY)),
          { "1: its time lies before", "1: what was sighted is not in the bundle" }, { NULL } },
        { "STIX 2.0: objects in the observed data", NULL, NULL, B(BAKERY "," SHELL ",{\"type\": \"observed-data\", \"id\": \"observed-data--1\", \"objects\": {\"0\": {\"type\": \"ipv4-addr\", \"value\": \"192.0.2.9\"}}}," SEEN("1", "malware--s", AT_BAKERY ", \"observed_data_refs\": [\"observed-data--1\"]")),
          { "\"ip\": \"192.0.2.9\"" }, { NULL } },
        { "a bundle that is cut", "stix", NULL, "{\"type\": \"bundle\", \"id\": \"bundle--1\", \"objects\": [" BAKERY ",", { "the file breaks off within it", "stix 1=0(0)+0+1" }, { NULL } },
        { "a bundle of nothing", NULL, NULL, B(""), { "stix 0=0" }, { NULL } },
        { "a bundle whose objects are none", NULL, NULL, "{\"type\": \"bundle\", \"id\": \"bundle--1\", \"objects\": {\"a\": [1, \"x\", null, {}]}}\n", { "stix 0=0" }, { NULL } },
    };

    (void)state;
    INTAKE_CASES(c);
}

#define E(more) "{\"Event\": {\"uuid\": \"u\", \"info\": \"Victims\", \"date\": \"2021-03-06\", \"threat_level_id\": \"1\", \"Orgc\": {\"name\": \"CERT Example\"}, " more "}}\n"

static void events(void **state)
{
    static const struct intake_case c[] = {
        { "machines of one firm, with the claim of the event's tag", NULL, NULL,
          E("\"Tag\": [{\"name\": \"tlp:amber\"}, {\"name\": \"rsit:intrusions=\\\"system-compromise\\\"\"}], \"Attribute\": [{\"type\": \"target-org\", \"value\": \"Bakery\"}, {\"type\": \"target-machine\", \"value\": \"mail.bakery.example (192.0.2.7)\"}]"),
          { "\"source\": \"CERT Example\", \"tlp\": \"AMBER\", \"server\": {\"ip\": \"192.0.2.7\", \"names\": [\"mail.bakery.example\"]}, \"fact\": \"finding\"", "\"observed_at\": \"2021-03-06T00:00:00Z\"", "\"value\": \"misp-CERT Example:Bakery\", \"confidence\": 70",
            "misp 1=1" }, { NULL } },
        { "several firms beside several machines: nobody can say whose", NULL, NULL, E("\"Attribute\": [{\"type\": \"target-org\", \"value\": \"A\"}, {\"type\": \"target-org\", \"value\": \"B\"}, {\"type\": \"target-machine\", \"value\": \"192.0.2.7\", \"Tag\": [{\"name\": \"rsit:vulnerable=\\\"vulnerable-system\\\"\"}]}]"),
          { "\"exposure\": \"vulnerable\"" }, { "link" } },
        { "the victim as an object", NULL, NULL, E("\"Object\": [{\"name\": \"victim\", \"uuid\": \"v\", \"Attribute\": [{\"type\": \"target-org\", \"object_relation\": \"name\", \"value\": \"Town\"}, {\"type\": \"ip-dst\", \"object_relation\": \"ip-address\", \"value\": \"192.0.2.9\"}, "
          "{\"type\": \"text\", \"object_relation\": \"sectors\", \"value\": \"government local\"}]}]"), { "\"ip\": \"192.0.2.9\"", "\"name\": \"Town\", \"sector\": \"government-local\"" }, { "fact" } },
        { "attackers are no victims", NULL, NULL, E("\"Attribute\": [{\"type\": \"ip-src\", \"value\": \"203.0.113.66\"}, {\"type\": \"sha256\", \"value\": \"e3b0\"}], \"Object\": [{\"name\": \"file\", \"Attribute\": []}]"), { "note: attributes that are no targeting data are left", "misp 0=0" }, { "203.0.113" } },
        { "a computer name alone", NULL, NULL, E("\"Attribute\": [{\"type\": \"target-machine\", \"value\": \"EX01\"}]"), { "1: a computer name alone does not tell" }, { NULL } },
        { "an event about something else", NULL, NULL, E("\"Attribute\": [{\"type\": \"vulnerability\", \"value\": \"CVE-2014-0160\"}, {\"type\": \"target-machine\", \"value\": \"192.0.2.7\"}]"), { "misp 1=0(0)+1+0" }, { "192.0.2.7" } },
        { "what a search of an instance answers", NULL, NULL, "{\"response\": [" E("\"Attribute\": [{\"type\": \"target-machine\", \"value\": \"192.0.2.7\", \"last_seen\": \"2021-03-07T00:00:00+00:00\"}], \"Tag\": [{\"name\": \"rsit:vulnerable=\\\"vulnerable-system\\\"\"}]") "," E("\"Attribute\": [{\"type\": \"target-machine\", \"value\": \"192.0.2.8\"}]") "]}\n",
          { "\"observed_at\": \"2021-03-07T00:00:00Z\"", "misp 2=1(0)+1+0" }, { NULL } },
        { "a machine that is none", NULL, NULL, E("\"Attribute\": [{\"type\": \"target-machine\", \"value\": \"the one in the cellar!\"}]"), { "1: its machine is neither" }, { NULL } },
        { "a date to come", NULL, NULL, "{\"Event\": {\"info\": \"x\", \"date\": \"2040-01-01\", \"Attribute\": [{\"type\": \"target-machine\", \"value\": \"192.0.2.7\"}]}}\n", { "1: its time lies in the future" }, { NULL } },
        { "no event", "misp", NULL, "{\"Event\": []}\n", { "1: no event in it" }, { NULL } },
    };

    (void)state;
    INTAKE_CASES(c);
}

/* A thousand victims, each tied to the same thousand addresses, sighted again and again: what is read of it is bounded, and told. */
static void references(void **state)
{
    enum { N = 1000, ROOM = 1 << 20 };
    char              *in = malloc(ROOM);
    size_t             n = 0;
    struct intake_case c = { "references without end", "stix", NULL, in, { "1: the bundle has more references than are followed" }, { NULL } };

    (void)state;
#define ADD(...) n += (size_t)snprintf(in + n, ROOM - n, __VA_ARGS__)
    ADD("{\"type\": \"bundle\", \"id\": \"bundle--1\", \"objects\": [{\"type\": \"malware\", \"id\": \"malware--s\", \"name\": \"shell\"}, {\"type\": \"observed-data\", \"id\": \"o\", \"object_refs\": [");
    for (int i = 0; i < N; i++)
        ADD("%s\"a%d\"", i ? "," : "", i);
    ADD("]}");
    for (int i = 0; i < N; i++)
        ADD(", {\"type\": \"identity\", \"id\": \"identity--%d\"}, {\"type\": \"relationship\", \"id\": \"r%d\", \"source_ref\": \"identity--%d\", \"target_ref\": \"o\"}", i, i, i);
    for (int k = 0; k < 3; k++) {
        ADD(", {\"type\": \"sighting\", \"id\": \"s%d\", \"sighting_of_ref\": \"malware--s\", \"where_sighted_refs\": [", k);
        for (int i = 0; i < N; i++)
            ADD("%s\"identity--%d\"", i ? "," : "", i);
        ADD("]}");
    }
    ADD("]}\n");
    CHECK(n < ROOM);
    intake_cases(&c, 1);
    free(in);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(bundles), cmocka_unit_test(events), cmocka_unit_test(references) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
