#include "test.h"

#include "base/num.h"
#include "casework/group.h"

/* One link of a table: asset, kind, value; confidence 90 unless told. */
struct row { uint64_t asset; enum org_key kind; const char *value; uint8_t confidence; bool revoked; const char *name, *sector, *size, *country; uint32_t source; };
#define END { 0, ORG_KEYS, NULL, 0, false, NULL, NULL, NULL, NULL, 0 }

static struct test_arena memory;
static struct grouping  *g;
static struct groups     r;
static struct err        e;

static void begin(void)
{
    memory = test_arena(8 << 20);
    CHECK(grouping_open(&g, &memory.a, NULL, &e));
}

static void link_row(const struct row *t)
{
    struct group_link l = { .asset = t->asset, .kind = t->kind, .value = str_c(t->value), .confidence = t->confidence ? t->confidence : 90, .revoked = t->revoked,
                            .source = t->source, .name = str_c(t->name), .sector = str_c(t->sector), .size = str_c(t->size) };
    if (t->country)
        memcpy(l.country, t->country, 2);
    CHECK(grouping_link(g, &l, &e));
}

static void add(uint64_t asset, enum org_key kind, const char *value)
{
    struct row t = { .asset = asset, .kind = kind, .value = value };
    link_row(&t);
}

static void addf(uint64_t asset, enum org_key kind, const char *fmt, unsigned n)
{
    char text[64];

    snprintf(text, sizeof text, fmt, n);
    add(asset, kind, text);
}

static void make(void) { CHECK(groups_make(g, &r, &e)); }
static void end(void) { test_arena_free(&memory); }
static bool joined(uint64_t x, uint64_t y) { return groups_find(&r, x)->group == groups_find(&r, y)->group; }
static const struct group *group_of(uint64_t x) { return &r.group[groups_find(&r, x)->group]; }
static enum group_state state_of(const char *value)
{
    for (uint32_t i = 0; i < r.key_n; i++)
        if (str_eq(r.key[i].value, str_c(value)))
            return r.key[i].state;
    fail_msg("no key %s", value);
    return GROUP_KEY_LONE;
}
static uint32_t asks(enum group_ask what)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < r.review_n; i++)
        n += r.review[i].what == what;
    return n;
}

/* Two assets, some links, and whether they are one organisation's. */
static void two_assets(void **state)
{
    static const struct { struct row row[8]; bool one; const char *why; } t[] = {
        { { { .asset = 1, .kind = ORG_REGISTER, .value = "vat:DE1" }, { .asset = 2, .kind = ORG_REGISTER, .value = "VAT:de 1" }, END }, true, "one register number" },
        { { { .asset = 1, .kind = ORG_CONSTITUENCY, .value = "list:a" }, { .asset = 2, .kind = ORG_CONSTITUENCY, .value = "list:a" }, END }, true, "one entry of a list" },
        { { { .asset = 1, .kind = ORG_CERT_ORG, .value = "Example Bakery" }, { .asset = 2, .kind = ORG_CERT_ORG, .value = "example  bakery" }, END }, true, "one name in vouched certificates" },
        { { { .asset = 1, .kind = ORG_CERT_ORG, .value = "City Works", .country = "DE" }, { .asset = 2, .kind = ORG_CERT_ORG, .value = "City Works", .country = "AT" }, END }, false,
          "equal names in two countries are two firms" },
        { { { .asset = 1, .kind = ORG_CERT_DOMAIN, .value = "bakery.example" }, { .asset = 2, .kind = ORG_CERT_DOMAIN, .value = "bakery.example" }, END }, true, "one domain in certificates: 80" },
        { { { .asset = 1, .kind = ORG_CERT_DOMAIN, .value = "bakery.example" }, { .asset = 2, .kind = ORG_MX, .value = "Bakery.example." }, END }, true,
          "one domain, told in two ways: the lower weight is 75" },
        { { { .asset = 1, .kind = ORG_EXCHANGE_NAME, .value = "bakery.example" }, { .asset = 2, .kind = ORG_EXCHANGE_NAME, .value = "bakery.example" }, END }, true, "names of the servers: 75" },
        { { { .asset = 1, .kind = ORG_CERT_DOMAIN, .value = "bakery.example" }, { .asset = 2, .kind = ORG_PTR, .value = "bakery.example" }, END }, false, "a reverse name: 30" },
        { { { .asset = 1, .kind = ORG_NETWORK, .value = "NET-1" }, { .asset = 2, .kind = ORG_NETWORK, .value = "NET-1" }, END }, false, "a network alone: 60" },
        { { { .asset = 1, .kind = ORG_NETWORK, .value = "NET-1" }, { .asset = 2, .kind = ORG_NETWORK, .value = "NET-1" }, { .asset = 1, .kind = ORG_PTR, .value = "bakery.example" },
            { .asset = 2, .kind = ORG_PTR, .value = "bakery.example" }, END }, true, "a network and a reverse name: 60 + 30" },
        { { { .asset = 1, .kind = ORG_NETWORK, .value = "NET-1" }, { .asset = 2, .kind = ORG_NETWORK, .value = "NET-1" }, { .asset = 1, .kind = ORG_CERT_DOMAIN, .value = "bakery.example" },
            { .asset = 2, .kind = ORG_PTR, .value = "bakery.example" }, END }, true, "a network, and a domain that one has by its reverse name" },
        { { { .asset = 1, .kind = ORG_NETWORK, .value = "NET-1" }, { .asset = 2, .kind = ORG_NETWORK, .value = "NET-1" }, { .asset = 1, .kind = ORG_NETWORK, .value = "NET-2" },
            { .asset = 2, .kind = ORG_NETWORK, .value = "NET-2" }, END }, false, "two networks repeat one source: 120, and not independent" },
        { { { .asset = 1, .kind = ORG_HOLDER, .value = "Example Telecom" }, { .asset = 2, .kind = ORG_HOLDER, .value = "Example Telecom" }, { .asset = 1, .kind = ORG_PTR, .value = "isp.example" },
            { .asset = 2, .kind = ORG_PTR, .value = "isp.example" }, END }, false, "the access provider is the way to the victim: 5 + 30" },
        { { { .asset = 1, .kind = ORG_INTERNAL, .value = "corp.local" }, { .asset = 2, .kind = ORG_INTERNAL, .value = "corp.local" }, END }, false, "many firms are called corp.local inside" },
        { { { .asset = 1, .kind = ORG_MX, .value = "bakery.example", .confidence = 49 }, { .asset = 2, .kind = ORG_MX, .value = "bakery.example" }, END }, false, "a link that is more doubt than trust" },
        { { { .asset = 1, .kind = ORG_MX, .value = "bakery.example", .confidence = 49 }, { .asset = 1, .kind = ORG_EXCHANGE_NAME, .value = "bakery.example", .confidence = 50 },
            { .asset = 2, .kind = ORG_MX, .value = "bakery.example" }, END }, true, "of two links that say the same the usable one counts" },
        { { { .asset = 1, .kind = ORG_MX, .value = "bakery.example" }, { .asset = 2, .kind = ORG_MX, .value = "bakery.example", .revoked = true }, END }, false, "a revoked link joins nothing" },
        { { { .asset = 1, .kind = ORG_REGISTER, .value = "vat:DE1" }, { .asset = 2, .kind = ORG_REGISTER, .value = "vat:DE2" }, { .asset = 1, .kind = ORG_CERT_DOMAIN, .value = "bakery.example" },
            { .asset = 2, .kind = ORG_CERT_DOMAIN, .value = "bakery.example" }, END }, false, "two register numbers are two organisations, whatever they share" },
        { { { .asset = 1, .kind = ORG_REGISTER, .value = "vat:DE1" }, { .asset = 2, .kind = ORG_REGISTER, .value = "lei:529900" }, { .asset = 1, .kind = ORG_CERT_DOMAIN, .value = "bakery.example" },
            { .asset = 2, .kind = ORG_CERT_DOMAIN, .value = "bakery.example" }, END }, true, "numbers of two registers do not contradict each other" },
        { { { .asset = 1, .kind = ORG_CONSTITUENCY, .value = "list:a" }, { .asset = 2, .kind = ORG_CONSTITUENCY, .value = "list:b" }, { .asset = 1, .kind = ORG_CERT_ORG, .value = "Example Bakery" },
            { .asset = 2, .kind = ORG_CERT_ORG, .value = "Example Bakery" }, END }, false, "two entries of one list are two organisations" },
        { { { .asset = 1, .kind = ORG_MX, .value = "bakery.example" }, { .asset = 2, .kind = ORG_MX, .value = "florist.example" }, END }, false, "nothing in common" },
        { { { .asset = 1, .kind = ORG_CERT_ORG, .value = "Default Company Ltd" }, { .asset = 2, .kind = ORG_CERT_ORG, .value = "Default Company Ltd" }, END }, false, "a placeholder is nobody's name" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        begin();
        for (const struct row *x = t[i].row; x->kind != ORG_KEYS; x++)
            link_row(x);
        make();
        CHECK_WHY(joined(1, 2) == t[i].one, t[i].why);
        CHECK_WHY(r.group_n == (t[i].one ? 1 : 2), t[i].why);
        end();
    }
}

static void a_provider_joins_nothing(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 1; i <= 21; i++) {
        add(i, ORG_CERT_DOMAIN, "msp.example");
        addf(i, ORG_EXCHANGE_NAME, "customer%u.example", i);
    }
    add(100, ORG_CERT_DOMAIN, "msp.example");
    add(102, ORG_EXCHANGE_NAME, "msp.example");
    add(101, ORG_CERT_DOMAIN, "customer1.example");
    make();
    CHECK(state_of("msp.example") == GROUP_KEY_PROVIDER);
    CHECK(!joined(1, 2) && !joined(1, 100) && joined(1, 101) && joined(100, 102));      /* servers that have no other name are the provider's own */
    CHECK_STR(group_of(1)->name, STR("customer1.example"));
    CHECK(r.provider_n == 1 && r.provider[0].how == GROUP_OPERATES && r.provider[0].n == 21 && r.provider[0].own == groups_find(&r, 100)->group);
    /* The operator's own server is not among what it operates for others; the customer's second server does not show its name. */
    for (uint32_t i = 0; i < r.provider[0].n; i++)
        CHECK(r.operated[r.provider[0].first + i].asset <= 21);
    CHECK_STR(group_of(100)->name, STR("msp.example"));
    end();

    /* Its second domain, on all the same servers, says the same as the first: neither relates the customers to each other. */
    begin();
    for (unsigned i = 1; i <= 21; i++) {
        add(i, ORG_CERT_DOMAIN, "msp.example");
        add(i, ORG_CERT_DOMAIN, "msp-cloud.example");
        addf(i, ORG_EXCHANGE_NAME, "customer%u.example", i);
    }
    make();
    CHECK(state_of("msp.example") == GROUP_KEY_PROVIDER && state_of("msp-cloud.example") == GROUP_KEY_PROVIDER && r.group_n == 21);
    end();

    begin();
    for (unsigned i = 1; i <= 5; i++) {
        add(i, ORG_CERT_DOMAIN, "group.example");
        addf(i, ORG_EXCHANGE_NAME, "brand%u.example", i);
    }
    make();
    CHECK(state_of("group.example") == GROUP_KEY_DOUBT && !joined(1, 2) && asks(GROUP_ASK_PROVIDER) == 1 && r.review[0].assets == 5);
    end();

    begin();
    for (unsigned i = 1; i <= 5; i++) {
        add(i, ORG_CERT_DOMAIN, "group.example");
        addf(i, ORG_EXCHANGE_NAME, "brand%u.example", i);
    }
    CHECK(grouping_rule(g, ORG_CERT_DOMAIN, STR("Group.example"), NULL, GROUP_PROVIDER, 1, &e));
    CHECK(grouping_rule(g, ORG_CERT_DOMAIN, STR("group.example"), NULL, GROUP_OWNER, 2, &e));
    CHECK(!grouping_rule(g, ORG_CERT_DOMAIN, STR("x"), NULL, GROUP_OWNER, 2, &e) && e.kind == ERR_USAGE);
    make();
    CHECK(state_of("group.example") == GROUP_KEY_JOINS && joined(1, 5) && r.group_n == 1 && !r.review_n);
    end();

    begin();
    for (unsigned i = 1; i <= 4; i++) {
        add(i, ORG_CERT_DOMAIN, "group.example");
        addf(i, ORG_EXCHANGE_NAME, "brand%u.example", i);
    }
    make();
    CHECK(joined(1, 4) && r.group_n == 1);      /* four brands of one family are ordinary */
    end();

    /* Forty brands that share servers are related: the family's name is an owner's. */
    begin();
    for (unsigned i = 1; i <= 40; i++) {
        add(i, ORG_CERT_ORG, "Example Holding");
        addf(i, ORG_EXCHANGE_NAME, "brand%u.example", i);
        addf(i, ORG_EXCHANGE_NAME, "brand%u.example", i + 1);
    }
    make();
    CHECK(state_of("example holding") == GROUP_KEY_JOINS && joined(1, 40));
    end();

    /* A register number is exempt: it says itself whose it is. */
    begin();
    for (unsigned i = 1; i <= 30; i++) {
        add(i, ORG_REGISTER, "vat:DE1");
        addf(i, ORG_EXCHANGE_NAME, "brand%u.example", i);
    }
    make();
    CHECK(joined(1, 30));
    end();

    /* A list's range that covers so many domains is stale or a provider's: a person looks at it. */
    begin();
    for (unsigned i = 1; i <= 30; i++) {
        add(i, ORG_CONSTITUENCY, "list:hosting");
        addf(i, ORG_EXCHANGE_NAME, "brand%u.example", i);
    }
    make();
    CHECK(!joined(1, 30) && asks(GROUP_ASK_WIDE_ENTRY) == 1 && r.provider_n == 0);
    end();
}

static void networks_and_reverse_names_of_providers_make_no_pair(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 1; i <= 25; i++) {
        add(i, ORG_NETWORK, "NET-HOSTER");
        add(i, ORG_PTR, "hoster.example");
        addf(i, ORG_CERT_DOMAIN, "customer%u.example", i);
        add(i, ORG_HOLDER, "Example Telecom");
    }
    add(30, ORG_CERT_DOMAIN, "hoster.example");
    add(31, ORG_CERT_DOMAIN, "hoster.example");
    make();
    CHECK(!joined(1, 2));
    CHECK(joined(30, 31));          /* its reverse zone is a provider's; its own servers are its own */
    CHECK(r.provider_n == 3);
    uint32_t how[3] = { 0 };
    for (uint32_t i = 0; i < r.provider_n; i++) {
        how[r.provider[i].how]++;
        CHECK(r.provider[i].n == 25 || r.key[r.provider[i].key].is == ORG_IS_DOMAIN);
    }
    CHECK(how[GROUP_HOSTS] == 1 && how[GROUP_CARRIES] == 2);
    end();
}

static void a_smart_host_owns_none_of_its_domains(void **state)
{
    (void)state;
    begin();
    for (unsigned i = 1; i <= 200; i++) {
        addf(1000, ORG_MX, "customer%u.example", i);
        if (i <= 50)
            addf(i, ORG_EXCHANGE_NAME, "customer%u.example", i);
    }
    add(1000, ORG_CERT_ORG, "Smart Host Ltd");
    add(1001, ORG_CERT_ORG, "Smart Host Ltd");
    make();
    CHECK(groups_find(&r, 1000)->shared && r.counts.shared == 1);
    CHECK(!joined(1, 2) && !joined(1, 1000) && joined(1000, 1001));
    CHECK_STR(group_of(1000)->name, STR("Smart Host Ltd"));
    end();

    /* Shared servers with a domain in common are one provider's; two might be two providers that a customer moved between. */
    for (unsigned nodes = 2; nodes <= 3; nodes++) {
        begin();
        for (unsigned n = 1; n <= nodes; n++) {
            for (unsigned i = 1; i <= 30; i++)
                addf(n, ORG_CERT_DOMAIN, "customer%u.example", n * 100 + i);
            add(n, ORG_CERT_DOMAIN, "hoster.example");
        }
        addf(50, ORG_MX, "customer%u.example", 101);
        make();
        CHECK(r.counts.shared == nodes && joined(1, 2) == (nodes == 3) && !joined(1, 50));
        end();
    }

    /* A firm whose thirty domains stand on several servers is no hosting. */
    begin();
    for (unsigned i = 1; i <= 30; i++) {
        addf(1, ORG_CERT_DOMAIN, "brand%u.example", i);
        addf(1 + i, ORG_EXCHANGE_NAME, "brand%u.example", i);
        addf(1 + i, ORG_EXCHANGE_NAME, "brand%u.example", i % 30 + 1);
    }
    make();
    CHECK(!groups_find(&r, 1)->shared && joined(1, 2) && r.group_n == 1);
    end();
}

static void refusals_ask_a_person(void **state)
{
    (void)state;
    /* Two numbers under one domain: nothing joins, neither the two nor the third, who might be either's. */
    begin();
    add(1, ORG_REGISTER, "vat:DE1");
    add(2, ORG_REGISTER, "vat:DE2");
    for (uint64_t i = 1; i <= 3; i++)
        add(i, ORG_CERT_DOMAIN, "bakery.example");
    make();
    CHECK(r.group_n == 3 && asks(GROUP_ASK_TWO_NUMBERS) == 1 && state_of("bakery.example") == GROUP_KEY_REFUSED);
    CHECK_STR(r.key[r.review[0].one].value, STR("vat:DE1"));
    CHECK_STR(r.key[r.review[0].other].value, STR("vat:DE2"));
    CHECK_STR(r.key[r.review[0].key].value, STR("bakery.example"));
    struct group_why w;
    CHECK(groups_why(&r, 1, 3, &memory.a, &w, &e) && !w.joined && w.step_n == 1 && r.key[w.step[0].key].state == GROUP_KEY_REFUSED);
    end();

    /* A clear majority carries one number: one row is wrong, and stays apart. */
    begin();
    for (uint64_t i = 1; i <= 8; i++)
        add(i, ORG_CERT_DOMAIN, "bakery.example");
    for (uint64_t i = 1; i <= 6; i++)
        add(i, ORG_REGISTER, i == 6 ? "vat:DE9" : "vat:DE1");
    make();
    CHECK(joined(1, 5) && joined(1, 7) && joined(1, 8) && !joined(1, 6) && asks(GROUP_ASK_TWO_NUMBERS) == 1 && r.review[0].assets == 1);
    end();

    /* The same majority among servers with names of their own: those without a number may be customers, and nothing joins. */
    begin();
    for (unsigned i = 1; i <= 8; i++) {
        add(i, ORG_CERT_DOMAIN, "msp.example");
        if (i <= 3)
            add(i, ORG_REGISTER, "vat:DE1");
        else
            addf(i, ORG_EXCHANGE_NAME, "customer%u.example", i < 6 ? 4 : i);
    }
    add(8, ORG_REGISTER, "vat:DE2");
    make();
    CHECK(joined(1, 3) && joined(4, 5) && !joined(1, 4) && !joined(1, 6) && !joined(1, 8) && asks(GROUP_ASK_TWO_NUMBERS) == 1);
    end();

    /* Weak evidence comes last, so it cannot take a server from its owner: the certificate decides, the list of the other is refused. */
    begin();
    add(1, ORG_REGISTER, "vat:DE1"); add(1, ORG_CERT_DOMAIN, "bakery.example");
    add(2, ORG_CERT_DOMAIN, "bakery.example"); add(2, ORG_MX, "florist.example");
    add(3, ORG_REGISTER, "vat:DE2"); add(3, ORG_MX, "florist.example");
    make();
    CHECK(joined(1, 2) && !joined(2, 3) && asks(GROUP_ASK_TWO_NUMBERS) == 1);
    end();

    /* An asset with two numbers of one register carries none; its other keys still join. */
    begin();
    add(1, ORG_REGISTER, "vat:DE1"); add(1, ORG_REGISTER, "vat:DE2"); add(1, ORG_MX, "bakery.example");
    add(2, ORG_REGISTER, "vat:DE1"); add(2, ORG_MX, "bakery.example");
    add(3, ORG_REGISTER, "vat:DE2");
    add(4, ORG_REGISTER, "vat:DE2");
    make();
    CHECK(joined(1, 2) && joined(3, 4) && !joined(1, 3) && asks(GROUP_ASK_TORN) == 1);
    end();

    /* Pairs are refused like single keys. */
    begin();
    for (uint64_t i = 1; i <= 2; i++) {
        add(i, ORG_NETWORK, "NET-1");
        add(i, ORG_PTR, "bakery.example");
    }
    add(1, ORG_REGISTER, "vat:DE1"); add(2, ORG_REGISTER, "vat:DE2");
    make();
    CHECK(!joined(1, 2) && asks(GROUP_ASK_TWO_NUMBERS) == 1);
    end();
}

static void one_asset_does_not_join_two_large_groups(void **state)
{
    (void)state;
    /* Server 100 of the bakery still has a certificate of the florist. With a few servers each that may be one house, with five and more a person is asked. */
    for (uint64_t n = 4; n <= 5; n++) {
        begin();
        for (uint64_t i = 1; i <= n; i++) {
            add(i, ORG_EXCHANGE_NAME, "bakery.example");
            add(50 + i, ORG_CERT_DOMAIN, "florist.example");
        }
        add(100, ORG_EXCHANGE_NAME, "bakery.example");
        add(100, ORG_CERT_DOMAIN, "florist.example");
        make();
        CHECK(joined(1, 51) == (n == 4) && asks(GROUP_ASK_BRIDGE) == (n == 5));
        if (n == 5)
            CHECK(joined(100, 51) && !joined(100, 1) && r.review[0].asset == 100);      /* the certificate is the stronger key */
        end();
    }
    /* Two servers that say so are no accident. */
    begin();
    for (uint64_t i = 1; i <= 9; i++) {
        add(i, ORG_EXCHANGE_NAME, "bakery.example");
        add(50 + i, ORG_CERT_DOMAIN, "florist.example");
    }
    for (uint64_t i = 100; i <= 101; i++) {
        add(i, ORG_EXCHANGE_NAME, "bakery.example");
        add(i, ORG_CERT_DOMAIN, "florist.example");
    }
    make();
    CHECK(joined(1, 51) && !r.review_n);
    end();
}

static void names_and_owners_data(void **state)
{
    static const struct row all[] = {
        { .asset = 1, .kind = ORG_REGISTER, .value = "vat:DE1", .name = "Bakery Cooperative", .sector = "retail", .size = "50-249", .country = "DE", .source = 7 },
        { .asset = 1, .kind = ORG_CERT_ORG, .value = "Bakery Coop", .country = "AT" },
        { .asset = 1, .kind = ORG_CONSTITUENCY, .value = "list:a", .name = "The bakery", .sector = "government-local", .country = "CH", .source = 8 },
        { .asset = 1, .kind = ORG_CERT_DOMAIN, .value = "bakery.example" },
        { .asset = 1, .kind = ORG_PTR, .value = "b.example" },
        { .asset = 1, .kind = ORG_HOLDER, .value = "Example Telecom", .name = "Example Telecom", .sector = "telecommunications", .size = "1000", .country = "US", .source = 9 },
        { .asset = 1, .kind = ORG_NETWORK, .value = "NET-1", .name = "Hosting", .sector = "technology", .country = "FR", .source = 9 },
    };
    static const struct { int without; enum group_naming from; const char *name, *sector, *country; uint32_t source; const char *why; } t[] = {
        { 0, GROUP_NAME_REGISTER, "Bakery Cooperative", "retail", "DE", 7, "the register's name comes first" },
        { 1, GROUP_NAME_CERT, "Bakery Coop", "government-local", "CH", 8, "then the certificate's; the sector is the list's" },
        { 2, GROUP_NAME_LIST, "The bakery", "government-local", "CH", 8, "then the list's" },
        { 3, GROUP_NAME_DOMAIN, "bakery.example", "", "", 0, "then the domain; no sector and no country of the network's holder" },
        { 4, GROUP_NAME_DOMAIN, "b.example", "", "", 0, "a reverse name is a name as well" },
        { 5, GROUP_NAME_NONE, "", "", "", 0, "the access provider's name is never the victim's" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(t); i++) {
        begin();
        for (size_t k = (size_t)t[i].without; k < COUNT_OF(all); k++)
            link_row(&all[k]);
        CHECK(grouping_asset(g, 1, "ZZ", &e) && grouping_asset(g, 1, "AA", &e) && grouping_asset(g, 1, "ZZ", &e));
        make();
        CHECK_WHY(r.group[0].name_from == t[i].from && str_eq(r.group[0].name, str_c(t[i].name)), t[i].why);
        CHECK_WHY(str_eq(r.group[0].sector, str_c(t[i].sector)) && r.group[0].sector_source == t[i].source, t[i].why);
        CHECK_WHY(!strcmp(r.group[0].country, t[i].country), t[i].why);
        /* Where the addresses are is told apart. */
        CHECK(r.group[0].address_countries == 2 && !strcmp(r.group[0].address_country[0], "AA") && !strcmp(r.group[0].address_country[1], "ZZ"));
        end();
    }

    begin();
    static const char *const many[] = { "JJ", "AA", "II", "BB", "HH", "CC", "GG", "DD", "FF", "EE" };
    for (size_t i = 0; i < COUNT_OF(many); i++)
        CHECK(grouping_asset(g, 1, many[i], &e));
    make();
    CHECK(r.group[0].address_countries == GROUP_COUNTRIES_MAX && !strcmp(r.group[0].address_country[7], "HH") && r.group_n == 1);
    end();
}

static void why_shows_the_chain(void **state)
{
    struct group_why w;

    (void)state;
    begin();
    /* 1 - bakery.example - 2, 3 - Bakery Coop - 4, and 4 - florist.example (MX) - 5. */
    for (uint64_t i = 1; i <= 3; i++)
        add(i, ORG_CERT_DOMAIN, "bakery.example");
    for (uint64_t i = 3; i <= 4; i++)
        link_row(&(struct row){ .asset = i, .kind = ORG_CERT_ORG, .value = "Bakery Coop", .source = (uint32_t)(40 + i) });
    add(4, ORG_MX, "florist.example");
    link_row(&(struct row){ .asset = 5, .kind = ORG_MX, .value = "florist.example", .confidence = 60 });
    add(6, ORG_NETWORK, "NET-1");
    add(5, ORG_NETWORK, "NET-1");
    make();
    CHECK(groups_why(&r, 2, 5, &memory.a, &w, &e) && w.joined && w.step_n == 3);
    CHECK(w.step[0].from == 2 && w.step[0].to == 3);            /* by way of server 1, which the chain need not name */
    CHECK_STR(r.key[w.step[0].key].value, STR("bakery.example"));
    CHECK_STR(r.key[w.step[1].key].value, STR("bakery coop"));
    CHECK(w.step[1].source == 43 && w.step[1].source_to == 44 && w.step[1].weight == 80 && w.step[1].confidence == 72);
    CHECK(w.step[2].from == 4 && w.step[2].to == 5 && w.step[2].weight == 75 && w.step[2].confidence == 45);
    CHECK(group_of(1)->confidence == 45 && groups_find(&r, 4)->confidence == 72 && groups_find(&r, 5)->confidence == 45);
    CHECK(groups_why(&r, 5, 6, &memory.a, &w, &e) && !w.joined && w.step_n == 1 && r.key[w.step[0].key].state == GROUP_KEY_WEAK);
    CHECK(groups_why(&r, 1, 1, &memory.a, &w, &e) && w.joined && !w.step_n);
    CHECK(!groups_why(&r, 1, 99, &memory.a, &w, &e) && e.kind == ERR_NONE);
    CHECK(groups_keys(&r, 5, &memory.a, &w, &e) && w.step_n == 2 && w.step[0].weight == 75);
    CHECK(!groups_find(&r, 99));
    end();

    begin();
    for (uint64_t i = 1; i <= 2; i++) {
        add(i, ORG_NETWORK, "NET-1");
        add(i, ORG_PTR, "bakery.example");
    }
    make();
    CHECK(groups_why(&r, 1, 2, &memory.a, &w, &e) && w.joined && w.step_n == 1 && w.step[0].also != GROUP_NONE && w.step[0].weight == 90);
    end();
}

static void empty_and_limits(void **state)
{
    (void)state;
    begin();
    make();
    CHECK(r.group_n == 0 && r.member_n == 0 && !groups_find(&r, 1));
    CHECK(!groups_make(g, &r, &e) && e.kind == ERR_USAGE);
    end();
    begin();
    add(1, ORG_MX, "nodot");
    add(2, ORG_MX, "");
    make();
    CHECK(r.counts.unusable == 2 && r.member_n == 2 && r.group_n == 2);      /* a server whose links say nothing is still a server */
    end();
}

/* ---- properties, on small campaigns made at random ---- */

struct rnd { uint64_t s; };
static uint32_t rnd(struct rnd *x, uint32_t n)
{
    x->s = x->s * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((x->s >> 33) % n);
}

enum { SMALL_LINKS = 120 };
static struct group_link random_link(struct rnd *x, char text[64])
{
    static const char *const fmt[ORG_KEYS] = { "vat:DE%u", "list:%u", "Firm %u", "d%u.example", "d%u.example", "d%u.example", "NET-%u", "d%u.example", "Carrier %u", "i%u.local" };
    static const uint32_t spread[ORG_KEYS] = { 6, 8, 12, 20, 20, 30, 8, 12, 2, 3 };
    enum org_key k = (enum org_key)rnd(x, ORG_KEYS);

    snprintf(text, 64, fmt[k], rnd(x, spread[k]));
    struct group_link l = { .asset = rnd(x, 30), .kind = k, .value = str_c(text), .confidence = (uint8_t)(30 + rnd(x, 71)), .revoked = rnd(x, 20) == 0, .source = rnd(x, 5) };
    if (rnd(x, 2)) {
        l.name   = rnd(x, 2) ? STR("One") : STR("Another");
        l.sector = rnd(x, 2) ? STR("retail") : STR("energy");
        memcpy(l.country, rnd(x, 2) ? "DE" : "AT", 2);
    }
    return l;
}

/* Everything that a result says, as bytes. */
static void dump(const struct groups *x, char **ret, size_t *ret_n)
{
    FILE *f = open_memstream(ret, ret_n);

    for (uint32_t i = 0; i < x->group_n; i++) {
        const struct group *w = &x->group[i];
        fprintf(f, "G %llu %u %u %.*s %d %.*s %u %.*s %u %s %u %u\n", (unsigned long long)w->id, w->first, w->n, STR_ARG(w->name), (int)w->name_from, STR_ARG(w->sector), w->sector_source,
                STR_ARG(w->size), w->size_source, w->country, w->address_countries, w->confidence);
    }
    for (uint32_t i = 0; i < x->member_n; i++)
        fprintf(f, "M %llu %u %u %d %u %u\n", (unsigned long long)x->member[i].asset, x->member[i].group, x->member[i].confidence, x->member[i].shared, x->member[i].key, x->member[i].source);
    for (uint32_t i = 0; i < x->key_n; i++)
        fprintf(f, "K %d %.*s %d %u %u\n", (int)x->key[i].is, STR_ARG(x->key[i].value), (int)x->key[i].state, x->key[i].assets, x->key[i].domains);
    for (uint32_t i = 0; i < x->provider_n; i++)
        fprintf(f, "P %u %d %u %u %u\n", x->provider[i].key, (int)x->provider[i].how, x->provider[i].own, x->provider[i].first, x->provider[i].n);
    for (uint32_t i = 0; i < x->operated_n; i++)
        fprintf(f, "O %llu %u\n", (unsigned long long)x->operated[i].asset, x->operated[i].group);
    for (uint32_t i = 0; i < x->review_n; i++)
        fprintf(f, "R %d %u %u %u %llu %u\n", (int)x->review[i].what, x->review[i].key, x->review[i].one, x->review[i].other, (unsigned long long)x->review[i].asset, x->review[i].assets);
    fclose(f);
}

static void random_campaign(uint64_t seed, const uint32_t *order, bool without_revoked, bool twice, char **ret, size_t *ret_n)
{
    struct rnd               x = { seed };
    static struct group_link l[SMALL_LINKS];
    static char              text[SMALL_LINKS][64];
    static const struct group_rules tight = { 50, 75, 90, 4, 2, 3, 75, 3, 3 };

    for (int i = 0; i < SMALL_LINKS; i++)
        l[i] = random_link(&x, text[i]);
    memory = test_arena(4 << 20);
    CHECK(grouping_open(&g, &memory.a, &tight, &e));
    for (int i = 0; i < SMALL_LINKS; i++) {
        const struct group_link *p = &l[order ? order[i] : (uint32_t)i];
        if (p->revoked && without_revoked)
            CHECK(grouping_asset(g, p->asset, NULL, &e));
        else
            CHECK(grouping_link(g, p, &e) && (!twice || grouping_link(g, p, &e)));
    }
    make();
    if (ret)
        dump(&r, ret, ret_n);
}

static void order_and_repetition_change_nothing(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        char    *want, *got;
        size_t   want_n, got_n;
        uint32_t order[SMALL_LINKS];
        struct rnd x = { seed * 77 };

        random_campaign(seed, NULL, false, false, &want, &want_n);
        end();
        for (int round = 0; round < 6; round++) {
            for (uint32_t i = 0; i < SMALL_LINKS; i++)
                order[i] = i;
            for (uint32_t i = SMALL_LINKS - 1; i > 0; i--) {
                uint32_t k = rnd(&x, i + 1), keep = order[i];
                order[i] = order[k];
                order[k] = keep;
            }
            /* In the last rounds without what was revoked, and with everything said twice: undone is as if never done, twice is once. */
            random_campaign(seed, order, round == 4, round == 5, &got, &got_n);
            end();
            if (want_n != got_n || memcmp(want, got, want_n))
                fail_msg("seed %u, round %d:\n%s\n--\n%s", (unsigned)seed, round, want, got);
            free(got);
        }
        free(want);
    }
}

static void what_always_holds(void **state)
{
    (void)state;
    for (uint64_t seed = 100; seed < 220; seed++) {
        random_campaign(seed, NULL, false, false, NULL, NULL);
        uint32_t total = 0;
        for (uint32_t i = 0; i < r.group_n; i++) {
            total += r.group[i].n;
            CHECK(r.group[i].n && r.member[r.group[i].first].asset == r.group[i].id);
            CHECK(i == 0 || r.group[i].id > r.group[i - 1].id);
        }
        CHECK(total == r.member_n);
        for (uint32_t i = 0; i < r.member_n; i++)
            for (uint32_t k = i + 1; k < r.member_n; k++) {
                struct arena     scratch = memory.a;
                struct group_why w;
                uint64_t         at = r.member[i].asset;
                CHECK(groups_why(&r, at, r.member[k].asset, &scratch, &w, &e));
                CHECK(w.joined == (r.member[i].group == r.member[k].group));
                if (!w.joined)
                    continue;
                /* The chain is whole, and each of its joins is strong enough by a key that joins. */
                CHECK(w.step_n > 0);
                for (uint32_t s = 0; s < w.step_n; s++) {
                    CHECK(w.step[s].from == at);
                    at = w.step[s].to;
                    CHECK(w.step[s].weight >= (w.step[s].also == GROUP_NONE ? 75 : 90));
                    CHECK(r.key[w.step[s].key].state == GROUP_KEY_JOINS || r.key[w.step[s].key].is == ORG_IS_DOMAIN);
                    CHECK(w.step[s].also == GROUP_NONE || r.key[w.step[s].also].is != r.key[w.step[s].key].is);
                }
                CHECK(at == r.member[k].asset);
            }
        /* No group holds two numbers of one register, unless an asset brought both, and then that was asked. */
        for (uint32_t i = 0; i < r.group_n; i++) {
            struct str seen = STR_EMPTY;
            for (uint32_t m = 0; m < r.group[i].n; m++) {
                struct group_why w;
                struct arena     scratch = memory.a;
                uint32_t         numbers = 0;
                CHECK(groups_keys(&r, r.member[r.group[i].first + m].asset, &scratch, &w, &e));
                for (uint32_t s = 0; s < w.step_n; s++)
                    numbers += r.key[w.step[s].key].is == ORG_IS_REGISTER;
                for (uint32_t s = 0; s < w.step_n; s++)
                    if (numbers == 1 && r.key[w.step[s].key].is == ORG_IS_REGISTER && w.step[s].confidence >= 50) {
                        CHECK(!seen.n || str_eq(seen, r.key[w.step[s].key].value));
                        seen = r.key[w.step[s].key].value;
                    }
            }
        }
        end();
    }
}

static bool whole(struct arena *a, struct err *err)
{
    struct grouping *x;
    struct groups    out;
    struct group_why w;

    if (!grouping_open(&x, a, NULL, err))
        return false;
    for (uint64_t i = 0; i < 12; i++) {
        struct group_link l = { .asset = i, .kind = i % 2 ? ORG_NETWORK : ORG_REGISTER, .value = i % 2 ? STR("net-1") : i % 4 ? STR("vat:DE1") : STR("vat:DE2"), .confidence = 90,
                                .name = STR("A name"), .sector = STR("retail") };
        struct group_link d = { .asset = i, .kind = i % 3 ? ORG_PTR : ORG_CERT_DOMAIN, .value = STR("BAKERY.example"), .confidence = 80 };
        if (!grouping_asset(x, i, "ZZ", err) || !grouping_link(x, &l, err) || !grouping_link(x, &d, err))
            return false;
    }
    return groups_make(x, &out, err) && (groups_why(&out, 1, 5, a, &w, err) || err->kind == ERR_NONE) && (groups_why(&out, 0, 2, a, &w, err) || err->kind == ERR_NONE);
}

static void room_that_runs_out(void **state)
{
    (void)state;
    fault_sweep(whole, 1 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_assets),
        cmocka_unit_test(a_provider_joins_nothing),
        cmocka_unit_test(networks_and_reverse_names_of_providers_make_no_pair),
        cmocka_unit_test(a_smart_host_owns_none_of_its_domains),
        cmocka_unit_test(refusals_ask_a_person),
        cmocka_unit_test(one_asset_does_not_join_two_large_groups),
        cmocka_unit_test(names_and_owners_data),
        cmocka_unit_test(why_shows_the_chain),
        cmocka_unit_test(empty_and_limits),
        cmocka_unit_test(order_and_repetition_change_nothing),
        cmocka_unit_test(what_always_holds),
        cmocka_unit_test(room_that_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
