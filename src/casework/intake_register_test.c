/* Registers and constituency lists. */
#include "casework/intake_cases.h"

static void registers(void **state)
{
    static const struct intake_case c[] = {
        { "one firm: an entry for each domain and network, and its contacts", NULL, NULL,
          "list,number,name,sector,size,country,domain,cidr,email,phone,street,zip,city\nhrb,12345,Bakery,retail,35,de,www.bakery.example b\xC3\xA4" "cker.example,192.0.2.0/28,info@bakery.example,+49 30 555-0100,1 Road,123,Town\n",
          { "\"list\": \"hrb\", \"number\": \"12345\", \"registered\": true, \"name\": \"Bakery\", \"sector\": \"retail\", \"size\": \"small\", \"domain\": \"bakery.example\", \"country\": \"DE\"",
            "\"domain\": \"xn--bcker-gra.example\"", "\"first\": \"192.0.2.0\", \"last\": \"192.0.2.15\"", "\"channel\": \"email\", \"address\": \"info@bakery.example\", \"about\": \"entry\", \"about_value\": \"hrb:12345\", \"rung\": 7",
            "\"address\": \"+49305550100\"", "\"address\": \"Bakery\\n1 Road\\n123 Town\\nde\"", "register 1=1(0)+0+0" }, { NULL } },
        { "headers in any order, with signs and capitals, and another separator", NULL, NULL, "Name;VAT-ID;Domain(s);Country\nBakery;de 123.456.789;bakery.example;DE\n",
          { "\"list\": \"vat\", \"number\": \"DE123456789\"", "\"domain\": \"bakery.example\"", "register 1=1(0)" }, { NULL } },
        { "a VAT number, a LEI and a register number are three entries of one firm", NULL, NULL, "number,vat,lei,name,domain\n77,DE123456789,5493001KJTIIGC8Y1R12,Bakery,bakery.example\n",
          { "\"list\": \"register\", \"number\": \"77\"", "\"list\": \"vat\"", "\"list\": \"lei\", \"number\": \"5493001KJTIIGC8Y1R12\"", "register 1=1(0)" }, { NULL } },
        { "a typo in a LEI is seen by its check digits", NULL, NULL, "lei,name,domain\n5493001KJTIIGC8Y1R13,Bakery,bakery.example\n", { "2: its LEI is none", "register 1=0(0)+0+1" }, { "entry" } },
        { "a VAT number without a country is none", NULL, NULL, "vat,name,domain\n123456789,Bakery,bakery.example\n", { "2: its VAT number is none" }, { NULL } },
        { "no number at all", NULL, NULL, "number,name,domain\n,Bakery,bakery.example\n", { "2: no number, entry or name", "register 1=0(0)+0+1" }, { NULL } },
        { "a part that cannot be used costs that part only, and is told once for all its numbers", NULL, NULL, "number,vat,name,domain,cidr\n7,DE1234567,Bakery,bakery.example,192.0.2.0/99\n",
          { "2: a network of it cannot be read\n{", "register 1=1(1)+0+0" }, { NULL } },
        { "sectors and sizes of no list are left out, once told", NULL, NULL, "number,name,domain,sector,size\n7,A,a.example,bread,huge\n8,B,b.example,Financial services,micro\n",
          { "note: sectors that are not of the closed list are left out, such as in line 2: bread", "note: sizes that are none of", "\"sector\": \"financial-services\", \"size\": \"micro\"", "register 2=2" }, { "\"sector\": \"bread\"", NULL } },
        { "it ends before it begins", NULL, NULL, "number,name,domain,valid_from,valid_until\n7,A,a.example,2021-01-01,2020-01-01\n", { "2: it is valid until before it is valid" }, { NULL } },
        { "valid until a time to come is no error", NULL, NULL, "number,name,domain,valid_from,valid_until\n7,A,a.example,2019-01-01,2040-01-01\n", { "\"since\": \"2019-01-01T00:00:00Z\", \"until\": \"2040-01-01T00:00:00Z\"" }, { NULL } },
        { "a country in words", NULL, NULL, "number,name,domain,country\n7,A,a.example,Germany\n", { "2: its country is no two letters" }, { NULL } },
        { "a list's name cannot bring a scheme of its own", NULL, NULL, "list,number,name,domain\nvat:DE1,7,A,a.example\n", { "\"list\": \"vat-de1\", \"number\": \"7\"" }, { NULL } },
        { "a public suffix is nobody's domain", NULL, NULL, "number,name,domain\n7,A,co.uk\n", { "2: a domain of it is none" }, { "\"domain\"" } },
        { "columns that are none of ours are told", NULL, NULL, "number,name,domain,shoe size\n7,A,a.example,44\n", { "note: 1 column that a register does not have, left out: shoe size" }, { NULL } },
        { "columns of one's own, mapped", "register", "number=hrb,name=firm,domain=zone", "firm,hrb,zone\nBakery,7,bakery.example\n", { "\"number\": \"7\"", "\"name\": \"Bakery\"", "\"domain\": \"bakery.example\"" }, { NULL } },
        { "mapped, the content tells as well", NULL, "number=hrb", "hrb,name,domain\n7,Bakery,bakery.example\n", { "register 1=1" }, { NULL } },
        { "--kind says so, and the columns do not", "register", NULL, "a,b\n1,2\n", { "error: its first line has not the columns of a register; columns:" }, { NULL } },
        { "as JSON, one object a line, lists as lists", NULL, NULL, "{\"number\": 7, \"name\": \"Bakery\", \"domains\": [\"a.example\", \"b.example\"], \"country\": \"DE\"}\n{\"number\": 8, \"name\": \"B\", \"domain\": \"c.example\"}\n",
          { "\"number\": \"7\"", "\"domain\": \"a.example\"", "\"domain\": \"b.example\"", "\"number\": \"8\"", "register 2=2" }, { NULL } },
        { "as a JSON array over lines", NULL, NULL, "[\n {\"vat\": \"DE123456789\",\n  \"name\": \"Bakery\", \"domain\": \"a.example\"},\n {\"vat\": \"x\"}\n]\n", { "\"list\": \"vat\"", "4: its VAT number is none", "register 2=1(0)+0+1" }, { NULL } },
        { "formulas, markup and escapes are text", NULL, NULL, "number,name,domain\n7,\"=cmd|' /C calc'!A0 <b>\x1b[31m'; DROP TABLE case_entry; --\",a.example\n", { "=cmd|' /C calc'!A0 <b>\\u001b[31m'; DROP TABLE case_entry; --" }, { "\x1b" } },
        { "a telephone number with words in it, a portal without https, a key id in place of a fingerprint", NULL, NULL, "number,name,domain,phone,portal,pgp,email\n7,A,a.example,call me,http://a.example/,DEADBEEF,x@a.example\n",
          { "2: its telephone number is none", "2: its portal is no https address", "2: its PGP fingerprint is none", "\"address\": \"x@a.example\"", "register 1=1(1)" }, { "\"pgp\"" } },
        { "one address is a network of one", NULL, NULL, "number,name,cidr\n7,A,192.0.2.1\n", { "\"first\": \"192.0.2.1\", \"last\": \"192.0.2.1\"" }, { NULL } },
    };

    (void)state;
    INTAKE_CASES(c);
}

static void constituencies(void **state)
{
    static const struct intake_case c[] = {
        { "networks in both forms, AS numbers, domains", NULL, NULL, "entry,organisation,networks,asn,domains,email,language\n17,Town,\"192.0.2.0/24 198.51.100.0-198.51.100.7\",AS64500;64501,town.example,cert@town.example,de-AT\n",
          { "\"list\": \"constituency\", \"number\": \"17\", \"registered\": false", "\"last\": \"192.0.2.255\"", "\"first\": \"198.51.100.0\", \"last\": \"198.51.100.7\"", "\"asn\": 64500", "\"asn\": 64501", "\"rung\": 1, \"language\": \"de\"",
            "constituency 1=1(0)" }, { NULL } },
        { "without an entry of its own the name is it", NULL, NULL, "organisation,domain\nTown of Sample,town.example\n", { "\"number\": \"Town of Sample\"", "constituency 1=1" }, { NULL } },
        { "first and last address in columns of their own", NULL, NULL, "entry,first_ip,last_ip\nTown,192.0.2.0,192.0.2.9\n", { "\"first\": \"192.0.2.0\", \"last\": \"192.0.2.9\"" }, { NULL } },
        { "a range of two families, or backwards", NULL, NULL, "entry,cidr\nTown,192.0.2.9-192.0.2.0 192.0.2.0-2001:db8::1\n", { "2: a network of it cannot be read\n2: a network of it cannot be read\n", "constituency 1=0(0)+0+1" }, { NULL } },
        { "IPv6", NULL, NULL, "entry,cidr\nTown,2001:db8::/32\n", { "\"first\": \"2001:db8::\", \"last\": \"2001:db8:ffff:ffff:ffff:ffff:ffff:ffff\"" }, { NULL } },
        { "a list of networks alone is nobody's list", NULL, NULL, "cidr,cc\n192.0.2.0/24,DE\n", { "none 0=0", "error: nothing that casework knows" }, { NULL } },
        { "a directory of holders is nobody's list, unless somebody says so", NULL, NULL, "network,asn,organization\n192.0.2.0/24,64500,Carrier\n", { "none 0=0" }, { NULL } },
        { "somebody says so", "constituency", NULL, "network,asn,organization\n192.0.2.0/24,64500,Town\n", { "constituency 1=1" }, { NULL } },
        { "a scan with names and AS numbers is none either", NULL, NULL, "ip,build,time,name,country,asn,tag,domain\n192.0.2.1,15.1.2106.2,2021-03-16T00:00:00Z,mail.a.example,AT,64500,exchange,a.example\n", { "none 0=0" }, { NULL } },
        { "an address as entry, with a colon", NULL, NULL, "list,entry,cidr\nnational,a:b,192.0.2.0/24\n", { "\"list\": \"national\", \"number\": \"a:b\"" }, { NULL } },
    };

    (void)state;
    INTAKE_CASES(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(registers), cmocka_unit_test(constituencies) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
