/* The smaller tables: mail exchangers, links, tips, statements, opt-outs, national teams. */
#include "casework/intake_cases.h"

static void exchangers(void **state)
{
    static const struct intake_case c[] = {
        { "as a table of a zone walk has it", NULL, NULL, "domain,mx,ip,time\nwww.bakery.example,10 Mail.Bakery.example.,192.0.2.7,2021-03-03T04:00:00Z\n",
          { "\"domain\": \"bakery.example\", \"host\": \"mail.bakery.example\", \"ip\": \"192.0.2.7\", \"observed_at\": \"2021-03-03T04:00:00Z\"", "mx 1=1" }, { NULL } },
        { "a null MX is a domain without mail", NULL, NULL, "domain,mx\nnone.example,0 .\n", { "\"domain\": \"none.example\", \"host\": \".\"}", "mx 1=1" }, { NULL } },
        { "a null MX below the domain says nothing of it", NULL, NULL, "domain,mx\nwww.none.example,0 .\n", { "mx 1=0(0)+1+0" }, { NULL } },
        { "a null MX beside another is none", NULL, NULL, "domain,mx\na.example,\"0 ., 10 mx.a.example\"\n", { "mx.a.example", "mx 1=1" }, { "\".\"" } },
        { "the key that the host shows", NULL, NULL, "domain,mx,tls\na.example,mx.a.example,00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\nb.example,mx.b.example,zz\n",
          { "\"host\": \"mx.a.example\", \"tls\": \"00112233", "3: its certificate hash is not 64 hex digits", "mx.b.example" }, { NULL } },
        { "the key of one of two", NULL, NULL, "domain,mx,tls\na.example,mx.a.example my.a.example,00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n", { "mx.a.example", "my.a.example" }, { "\"tls\"" } },
        { "several in one cell", NULL, NULL, "domain,mx,ip\na.example,\"10 one.a.example, 20 two.a.example\",\n", { "one.a.example", "two.a.example" }, { "\"ip\"" } },
        { "several addresses: nobody says which is whose", NULL, NULL, "domain,mx,ip\na.example,mx.a.example,192.0.2.1 192.0.2.2\n", { "\"host\": \"mx.a.example\"}", "\"ip\": \"192.0.2.1\"}", "\"ip\": \"192.0.2.2\"}" }, { NULL } },
        { "an address as exchanger", NULL, NULL, "domain,mx\na.example,192.0.2.1\n", { "\"domain\": \"a.example\", \"ip\": \"192.0.2.1\"" }, { NULL } },
        { "a suffix has no mail", NULL, NULL, "domain,mx\nco.uk,mx.a.example\n", { "2: a domain of it is none" }, { NULL } },
        { "an exchanger that is no name", NULL, NULL, "domain,mx\na.example,<script>\n", { "2: its mail exchanger is no host name", "mx 1=0(0)+0+1" }, { NULL } },
        { "its time lies ahead", NULL, NULL, "domain,mx,time\na.example,mx.a.example,2040-01-01\n", { "2: its time lies in the future" }, { NULL } },
    };

    (void)state;
    INTAKE_CASES(c);
}

static void links(void **state)
{
    static const struct intake_case c[] = {
        { "a domain is reduced to the registrable one", NULL, NULL, "ip,port,kind,value,confidence\n192.0.2.7,443,cert_domain,mail.bakery.example,85\n",
          { "\"server\": {\"ip\": \"192.0.2.7\", \"port\": 443}, \"kind\": \"cert_domain\", \"value\": \"bakery.example\", \"confidence\": 85" }, { NULL } },
        { "a number with its scheme, name, sector, size and country", NULL, NULL, "host,kind,value,name,sector,size,country\nmail.a.example,register,VAT: de 1234567,A Ltd,retail,3,de\n",
          { "\"names\": [\"mail.a.example\"]", "\"value\": \"vat:DE1234567\", \"country\": \"DE\", \"confidence\": 100, \"name\": \"A Ltd\", \"sector\": \"retail\", \"size\": \"micro\"" }, { NULL } },
        { "a number without one", NULL, NULL, "ip,kind,value\n192.0.2.7,register,1234567\n", { "2: its value is none of this kind" }, { NULL } },
        { "an organisation of a certificate keeps its letters; a placeholder is none", NULL, NULL, "ip,kind,value,country\n192.0.2.7,cert_org,Bakery GmbH,DE\n192.0.2.8,cert_org,Internet Widgits Pty Ltd,AU\n",
          { "\"value\": \"Bakery GmbH\", \"country\": \"DE\"", "3: its value is none of this kind" }, { NULL } },
        { "an internal name keeps its zone", NULL, NULL, "ip,kind,value\n192.0.2.7,internal,corp.local\n", { "\"kind\": \"internal\", \"value\": \"corp.local\"" }, { NULL } },
        { "a certificate's hash is a server", NULL, NULL, "tls,kind,value\nsha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff,mx,a.example\nzz,mx,a.example\n", { "\"tls\": \"00112233", "3: its certificate hash is not 64 hex digits" }, { NULL } },
        { "no server", NULL, NULL, "ip,kind,value\n,mx,a.example\n", { "2: nothing tells which server" }, { NULL } },
        { "no kind that is known, no port, no confidence", NULL, NULL, "ip,port,kind,value,confidence\n192.0.2.7,443,colour,blue,1\n192.0.2.7,99999,mx,a.example,1\n192.0.2.7,443,mx,a.example,101\n192.0.2.7,443,mx,a.example,0.85\n",
          { "2: its kind of key is none", "3: its port is no number", "4: its confidence is no number", "\"confidence\": 85", "link 4=1(0)+0+3" }, { NULL } },
    };

    (void)state;
    INTAKE_CASES(c);
}

static void tips(void **state)
{
    static const struct intake_case c[] = {
        { "sure, and of a web shell: a finding", NULL, NULL, "who,when,server,claim,confidence,tlp,releasable,detail\nVolunteer,2021-03-05,https://mail.bakery.example/owa/,web shell,90,TLP:AMBER,yes,/aspnet_client/x.aspx\n",
          { "\"source\": \"Volunteer\", \"tlp\": \"AMBER\", \"releasable\": true, \"server\": {\"port\": 443, \"names\": [\"mail.bakery.example\"]}, \"fact\": \"finding\", \"grade\": \"C\"", "\"reason\": \"/aspnet_client/x.aspx\"" }, { NULL } },
        { "not so sure: a suspicion", NULL, NULL, "who,when,ip,claim,confidence\nV,2021-03-05,192.0.2.7,compromised,50\nV,2021-03-05,192.0.2.8,compromised,\nV,2021-03-05,192.0.2.9,suspected,100\n", { "tip 3=3" }, { "\"grade\": \"C\"" } },
        { "as JSON lines", NULL, NULL, "{\"who\":\"V\",\"when\":\"2021-03-06T01:02:03Z\",\"ip\":\"192.0.2.7\",\"claim\":\"CVE-2021-26855\",\"confidence\":\"0.8\",\"tlp\":\"red\",\"releasable\":false}\n",
          { "\"tlp\": \"RED\"", "\"exposure\": \"vulnerable\"", "\"grade\": \"C\"" }, { "releasable" } },
        { "of another campaign", NULL, NULL, "who,ip,claim,campaign\nV,192.0.2.7,vulnerable,citrixbleed\nV,192.0.2.8,vulnerable,ProxyLogon\n", { "192.0.2.8", "tip 2=1(0)+1+0" }, { "192.0.2.7" } },
        { "a tip cannot say that it was hunted, nor whose it is", NULL, NULL, "who,ip,claim\nV,192.0.2.7,hunted\nV,192.0.2.7,not mine\n", { "2: a tip cannot say that\n3: a tip cannot say that" }, { NULL } },
        { "a TLP that nobody knows keeps the row out: it may be stricter than we think", NULL, NULL, "who,ip,claim,tlp\nV,192.0.2.7,vulnerable,EX:CHR\n", { "2: its TLP is none" }, { NULL } },
        { "broken UTF-8 and a NUL", NULL, NULL, "who,ip,claim,detail\n\xFF\xFE" "V,192.0.2.7,vulnerable,a\xC3(b\n", { "\"exposure\": \"vulnerable\"" }, { NULL } },
        { "two addresses for one server", NULL, NULL, "who,server,ip,claim\nV,192.0.2.7,192.0.2.8,vulnerable\n", { "2: its server is neither" }, { NULL } },
    };

    (void)state;
    INTAKE_CASES(c);
}

static void statements(void **state)
{
    static const struct intake_case c[] = {
        { "a victim's word", NULL, NULL, "server,statement,by,when\nmail.bakery.example,patched,Bakery,2021-03-09T10:00:00Z\n", { "\"source\": \"Bakery\"", "\"grade\": \"D\", \"exposure\": \"patched\"" }, { NULL } },
        { "with the number of a build: the form's grade", NULL, NULL, "server,statement,by,build\nmail.a.example,patched,A,15.1.2176.9\nmail.b.example,patched,B,new\n", { "\"grade\": \"C\", \"exposure\": \"patched\"", "3: its build cannot be read" }, { NULL } },
        { "a responder's hunt, with what his tool said", "statement", NULL, "ip,says,by,role,evidence,door_open,present,complete\n192.0.2.7,hunted,IR Ltd,responder,report 17,no,no,yes\n", { "\"fact\": \"hunt\", \"grade\": \"B\", \"door_open\": \"no\", \"complete\": true, \"present\": false" }, { NULL } },
        { "the same, and nobody vouched for the file", NULL, NULL, "ip,says,by,role,evidence,door_open,present,complete\n192.0.2.7,hunted,IR Ltd,responder,report 17,no,no,yes\n", { "\"grade\": \"C\", \"door_open\": \"no\", \"complete\": false", "note: statements with evidence" }, { NULL } },
        { "nobody vouched, and it takes a server from its owner", NULL, NULL, "ip,statement,by,reason\n192.0.2.7,not mine,A,sold\n", { "2: a disclaimer is taken with --kind statement only" }, { "fact" } },
        { "without it, or by a victim, it was not complete; what was not said to be absent counts as present", NULL, NULL, "ip,says,by,role,complete\n192.0.2.7,hunted,IR Ltd,responder,yes\n192.0.2.8,hunted,Bakery,victim,yes\n",
          { "\"grade\": \"C\", \"door_open\": \"unproven\", \"complete\": false, \"present\": true", "\"grade\": \"D\", \"door_open\": \"unproven\", \"complete\": false" }, { "\"complete\": true" } },
        { "a disclaimer has its reason", "statement", NULL, "ip,says,by,reason\n192.0.2.7,not mine,A,\n192.0.2.7,not_mine,A,sold in 2019\n", { "2: a disclaimer needs its reason", "\"fact\": \"not_mine\"", "\"reason\": \"sold in 2019\"" }, { NULL } },
        { "of a case", NULL, NULL, "case,statement,by\n2021-000123,removed,Bakery\nnonsense,removed,Bakery\n2021-000123,replied,Bakery\n", { "\"case\": \"2021-000123\", \"fact\": \"removed\"", "3: its case is no case's number", "\"fact\": \"reply\"" }, { NULL } },
        { "of nobody", NULL, NULL, "case,ip,statement,by\n,,patched,A\n", { "2: neither a server nor a case" }, { NULL } },
        { "an answer is one of a case", NULL, NULL, "ip,statement,by\n192.0.2.7,replied,A\n", { "2: such a thing is said of a case" }, { NULL } },
        { "no such role, no such word", NULL, NULL, "ip,statement,by,role\n192.0.2.7,patched,A,king\n192.0.2.7,fine,A,victim\n", { "2: its role is neither", "3: what is said is none" }, { NULL } },
    };

    (void)state;
    INTAKE_CASES(c);
}

static void lists(void **state)
{
    static const struct intake_case c[] = {
        { "addresses and domains, with scope and reason", NULL, NULL, "address,scope,reason\nabuse@A.example,all,asked to\nB.example,reminders,asked to\n", { "\"address\": \"abuse@a.example\", \"scope\": \"all\", \"why\": \"asked to\"", "\"address\": \"b.example\", \"scope\": \"reminders\"", "optout 2=2" }, { NULL } },
        { "without a reason", NULL, NULL, "email,scope,why\na@a.example,all,\n", { "2: an opt-out needs its reason" }, { NULL } },
        { "nobody", NULL, NULL, "email,scope,why\nnobody,all,x\n", { "2: neither an address nor a domain" }, { NULL } },
        { "a national team with what it wants", NULL, NULL, "country,name,email,pgp,format,max_rows,language\nde,CERT,cert@a.example,0xAAAA BBBB CCCC DDDD EEEE  FFFF 0000 1111 2222 3333,CSV,500,de\n",
          { "\"channel\": \"csirt\", \"address\": \"cert@a.example\", \"about\": \"country\", \"about_value\": \"DE\", \"rung\": 12, \"role\": \"csirt format=csv max_rows=500\", \"name\": \"CERT\", \"language\": \"de\", \"pgp\": \"AAAABBBB" }, { NULL } },
        { "a format of no list, a country of no code", NULL, NULL, "country,email,format\nDE,a@a.example,fax\nD,a@a.example,csv\n", { "2: its format is none of", "3: its country is no two letters" }, { NULL } },
        { "an address that is none", NULL, NULL, "country,email,format\nDE,a@localhost,csv\n", { "2: what stands behind the @ is no domain", "csirt 1=0(0)+0+1" }, { NULL } },
        { "scans are not ours", NULL, NULL, "\"timestamp\",\"ip\",\"port\",\"hostname\",\"tag\",\"asn\",\"geo\",\"region\",\"city\",\"naics\",\"sic\",\"sector\",\"version\",\"servername\",\"url\"\n", { "none 0" }, { NULL } },
        { "nor is an own table of builds", NULL, NULL, "ip,build,time\n192.0.2.1,15.1.2176.9,2021-03-16T00:00:00Z\n", { "none 0" }, { NULL } },
        { "nor a feedback form", NULL, NULL, "server,patched,mitigated,comment\nmail.a.example,yes,no,\n", { "none 0" }, { NULL } },
        { "an empty file", NULL, NULL, "", { "there is nothing in it" }, { NULL } },
        { "a header alone", NULL, NULL, "domain,mx\n", { "mx 0=0(0)+0+0" }, { NULL } },
        { "a map of columns that are not there is told", NULL, "domain=zone", "zone1,domain,mx\n1,a.example,mx.a.example\n", { "note: --map names a column that the file does not have: zone" }, { NULL } },
    };

    (void)state;
    INTAKE_CASES(c);
}

static void maps(void **state)
{
    struct err e = { 0 };

    (void)state;
    CHECK(intake_map_check(intake_kind_find(STR("mx")), STR("domain=zone,mx=m"), &e));
    CHECK(!intake_map_check(intake_kind_find(STR("mx")), STR("colour=zone"), &e) && strstr(e.what, "colour is no field of mx"));
    CHECK(!intake_map_check(intake_kind_find(STR("mx")), STR("domain"), &e) && strstr(e.what, "has no column"));
    CHECK(intake_map_check(NULL, STR("lei=a,claim=b"), &e) && !intake_map_check(NULL, STR("colour=b"), &e));
    for (size_t i = 0; intake_kind_at(i); i++) {
        const struct intake_kind *k = intake_kind_at(i);
        CHECK(intake_kind_find(str_c(intake_kind_name(k))) == k && intake_kind_about(k)[0]);
    }
    CHECK(!intake_kind_find(STR("nothing")));
}

static void words(void **state)
{
    static const struct { const char *in, *sector, *size; } c[] = {
        { "Financial_Services", "financial-services", "" }, { "government local", "government-local", "" }, { "9", "", "micro" }, { "10", "", "small" }, { "249", "", "medium" }, { "250", "", "large" }, { "LARGE", "", "large" }, { "-1", "", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof c / sizeof *c; i++) {
        CHECK_STR(intake_sector(str_c(c[i].in)), str_c(c[i].sector));
        CHECK_STR(intake_size(str_c(c[i].in)), str_c(c[i].size));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(exchangers), cmocka_unit_test(links), cmocka_unit_test(tips), cmocka_unit_test(statements), cmocka_unit_test(lists), cmocka_unit_test(maps), cmocka_unit_test(words) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
