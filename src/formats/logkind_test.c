#include "test.h"
#include "base/num.h"
#include "formats/logkind.h"

#define HTTPPROXY "DateTime,RequestId,Protocol,UrlStem,AnchorMailbox,ProxyAction,TargetServer,BackEndCookie"
#define ECP "TimeStamp,ServerName,EventId,EventData"

static const struct { const char *head, *kind, *type; } table[] = {
    { "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n", "w3c", "iis" },
    { "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query\n", "w3c", "iis" },
    { "#Fields: time cs-method cs-uri-stem\n", "w3c", "iis" },
    { "#Software: Microsoft HTTP API 2.0\n#Fields: date time c-ip\n", "w3c", "httperr" },
    { "#Fields: date time c-ip s-reason s-queuename\n", "w3c", "httperr" },
    { "#Software: Microsoft Windows Firewall\n#Fields: date time action\n", "w3c", "w3c-other" },
    { "\xEF\xBB\xBF" HTTPPROXY "\r\n#Software: Microsoft Exchange Server\r\n", "exchange-csv", "httpproxy" },
    { "#Software: Microsoft Exchange Server\n#Log-type: HttpProxy Logs\n", "exchange-csv", "httpproxy" },
    { HTTPPROXY "\n", "exchange-csv", "httpproxy" },
    { "#Software: Microsoft Exchange\n#Log-type: ECP Server Log\n#Fields: " ECP "\n", "ecp", "ecp-server" },
    { "#Log-type: ECP Activity Logs\n#Fields: " ECP "\n2021-03-03T06:59:20Z,E,ECP.Request,S:A=1\n", "ecp", "ecp-activity" },
    { "#Fields: " ECP "\n2021-03-03T06:59:20Z,E,ECP.Request,S:A=1\n", "ecp", "ecp-server" },
    { ECP "\n2021-03-03T06:59:20Z,E,Request,S:A=1\n", "ecp", "ecp-activity" },
    { ECP "\n", "ecp", "ecp-server" },
    { "#Log-type: OABGenerator Log\n#Fields: DateTime,x\n", "oab-generator", "oab-generator" },
    { "2021-03-01T04:11:09Z,E,Download failed and temporary file 'C:\\a' needs to be removed\n", "oab-generator", "oab-generator" },
    { "DateTime,RequestId,ClientIpAddress,SoapAction,HttpStatus\n", "exchange-csv", "ews" },
    { "#Software: Microsoft Exchange Server\n#Log-type: Autodiscover Logs\n", "exchange-csv", "autodiscover" },
    { "DateTime,StartTime,ProcessName,Cmdlet,Parameters,ExecutionResult\n", "exchange-csv", "cmdlet" },
    { "#Software: Microsoft Exchange Server\n#Log-type: Message Tracking Log\n#Fields: date-time,client-ip\n", "exchange-csv", "exchange-other" },
    { "DateTime,x,y\n", "exchange-csv", "exchange-other" },
    { "2021-03-03 06:59:20 GET /\n", NULL, NULL },
    { "DateTime", NULL, NULL },
    { "#Fields:\n", NULL, NULL },
    { "MZ\x90", NULL, NULL },
    { "", NULL, NULL },
};

static void tells_kinds_apart(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        struct str head = test_heap(table[i].head, strlen(table[i].head)), type = STR("untouched");
        const struct log_kind *k = log_sniff(head, &type);

        if (!k)
            CHECK_WHY(!table[i].kind && str_eq(type, STR("untouched")), table[i].head);
        else if (!table[i].kind || strcmp(k->name, table[i].kind) != 0 || !str_eq(type, str_c(table[i].type)))
            fail_msg("%s: got %s %.*s", table[i].head, k->name, STR_ARG(type));
        test_free(head);
    }
}

static void every_kind_is_whole(void **state)
{
    (void)state;
    size_t n = 0;

    for (; log_kinds[n]; n++) {
        const struct log_kind *k = log_kinds[n];
        CHECK(k->name && k->header && k->parse && k->time && k->header_literal && k->header_literal[0]);
    }
    CHECK(n == 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(tells_kinds_apart), cmocka_unit_test(every_kind_is_whole) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
