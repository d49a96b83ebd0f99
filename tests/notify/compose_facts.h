/* compose_facts: a notice's facts, made up: for tests of compose.h and for its speed. One organisation, two servers; everything may be changed before it is composed. */
#ifndef COMPOSE_FACTS_H
#define COMPOSE_FACTS_H

#include "base/time.h"
#include "notify/told.h"

#define FACTS_US INT64_C(1615039331000000)         /* 2021-03-06T14:02:11Z */

struct facts { struct told_server server[2]; struct notice notice; struct told told; struct sender from; };

static inline void facts_make(struct facts *f, struct str language, enum notice_audience audience, enum notice_finding finding, enum notice_stage stage)
{
    *f = (struct facts){
        .server = { { .asset = 1, .host = STR("mail.bakery.example"), .ip = STR("192.0.2.7"), .port = 443, .build = STR("15.1.2106.2"), .asn = 64500, .country = "ZZ", .seen_us = FACTS_US,
                      .confidence = 95, .tlp = STR("TLP:AMBER"), .finding = str_c(notice_finding_name(finding)), .detector = STR("hunt") },
                    { .asset = 2, .host = STR("owa.bakery.example"), .ip = STR("2001:db8::20"), .port = 8443, .build = STR("15.0.847.32"), .asn = 64500, .country = "ZZ", .seen_us = FACTS_US + TIME_DAY,
                      .confidence = 75, .tlp = STR("TLP:AMBER"), .finding = STR("vulnerable"), .detector = STR("survey/probe"), .cve = STR("CVE-2021-26855") } },
        .notice = { .id = 17, .audience = audience, .finding = finding, .stage = stage, .channel = CONTACT_EMAIL, .language = language, .contact = STR("it@bakery.example"), .date_us = FACTS_US + 2 * TIME_DAY,
                    .message_id = "n.17.1@cert.example", .token = "abcdefghijklmnopqrstuvwxyz" },
        .told = { .case_name = STR("2021-000123"), .nonce = STR("abcdefghijklmnopqrstuvwxyz"), .organisation = STR("Example Bakery Cooperative"), .campaign = STR("proxylogon"),
                  .campaign_title = STR("ProxyLogon: Exchange servers, January to April 2021"), .since_us = FACTS_US, .server_n = 2, .contact_source = STR("register of firms"),
                  .contact_source_us = FACTS_US, .tlp = STR("TLP:AMBER") },
        .from = { .name = STR("National CERT Example"), .address = STR("notify@cert.example"), .domain = STR("cert.example"), .bounce_domain = STR("bounce.cert.example"),
                  .reply_domain = STR("reply.cert.example"), .phone_page = STR("https://www.cert.example/contact"), .site = STR("https://www.cert.example/"),
                  .privacy_page = STR("https://www.cert.example/privacy"), .fingerprint = STR("0123456789ABCDEF0123456789ABCDEF01234567"), .prefix = STR("CERT-EX") },
    };
    if (finding != FINDING_VULNERABLE && finding != FINDING_CLEAN && audience != AUDIENCE_PROVIDER) {
        f->server[0].path = STR("C:\\inetpub\\wwwroot\\aspnet_client\\sample.aspx");
        f->server[0].sha256 = STR("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
    if (finding == FINDING_VULNERABLE)
        f->server[0].cve = STR("CVE-2021-26855");
    if (finding == FINDING_CLEAN)
        f->told.server_n = 1;
    f->told.notice = &f->notice;
    f->told.server = f->server;
}

#endif
