/* letter_fixture: invented facts for letters and call sheets; only tests include it. */
#ifndef NOTIFY_LETTER_FIXTURE_H
#define NOTIFY_LETTER_FIXTURE_H

#include "base/num.h"
#include "notify/compose.h"

enum { LETTER_SERVERS = 600 };
struct letter_case { struct notice n; struct told t; struct told_server server[LETTER_SERVERS]; struct sender from; };

static inline struct sender letter_sender(void)
{
    return (struct sender){ .name = STR("National CERT Example"), .address = STR("notify@cert.example"), .domain = STR("cert.example"), .bounce_domain = STR("bounce.cert.example"),
                            .reply_domain = STR("reply.cert.example"), .phone_page = STR("https://www.cert.example/contact"), .site = STR("https://www.cert.example/"),
                            .privacy_page = STR("https://www.cert.example/privacy"), .fingerprint = STR("0123456789ABCDEF0123456789ABCDEF01234567"),
                            .postal = STR("1 Lighthouse Street\n1010 Sampletown\nExampleland"), .prefix = STR("CERT-EX"), .country_language = STR("en") };
}

/* A letter about so many servers. */
static inline void letter_fill(struct letter_case *c, const char *language, enum notice_finding finding, size_t servers, struct arena *a)
{
    *c = (struct letter_case){ .from = letter_sender() };
    c->n = (struct notice){ .id = 17, .case_ = 123, .stage = STAGE_FIRST, .channel = CONTACT_POST, .audience = AUDIENCE_MANAGEMENT, .finding = finding, .language = str_c(language),
                            .contact = STR("Example Bakery Cooperative\nManagement\n1 Sample Road\n4020 Othertown\nExampleland"), .date_us = INT64_C(1615039331000000),
                            .message_id = "n.17.0@cert.example", .token = "abcdefghijklmnopqrstuvwxyz" };
    for (size_t i = 0; i < servers; i++)
        c->server[i] = (struct told_server){ .host = str_fmt(a, "mail%zu.bakery.example", i), .ip = str_fmt(a, "192.0.2.%zu", 1 + i % 250), .port = 443, .product = STR("Exchange Server 2016"),
                                             .build = STR("15.1.2106.2"), .finding = str_c(notice_finding_name(finding)), .detector = STR("own probe, version 3"), .cve = STR("CVE-2021-26855"),
                                             .path = finding == FINDING_VULNERABLE ? STR_EMPTY : STR("C:\\inetpub\\wwwroot\\aspnet_client\\sample.aspx"),
                                             .sha256 = finding == FINDING_VULNERABLE ? STR_EMPTY : STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
                                             .seen_us = INT64_C(1615039331000000) + (int64_t)i * TIME_MINUTE, .confidence = 95, .tlp = STR("TLP:AMBER") };
    c->t = (struct told){ .case_name = STR("2021-000123"), .nonce = STR("k7qdw2mzxa5rtb3nfu6cyhvlpe"), .organisation = STR("Example Bakery Cooperative"), .campaign = STR("proxylogon"),
                          .campaign_title = STR("ProxyLogon: Exchange servers, January to April 2021"), .since_us = INT64_C(1615039331000000), .server_n = servers, .contact_source = STR("business register"),
                          .contact_source_us = INT64_C(1614556800000000), .legal = STR("Operators of essential services have to report this within 24 hours (Example Security Act, section 17)."),
                          .tlp = STR("TLP:AMBER") };
}
/* Not in letter_fill: the case may be copied in between. */
static inline const struct told *letter_told(struct letter_case *c)
{
    c->t.notice = &c->n;
    c->t.server = c->server;
    return &c->t;
}

#endif
