#include "survey/import_cases.h"

#define SHODAN(when, rest) "{\"ip_str\":\"192.0.2.1\",\"port\":443,\"timestamp\":\"" when "\",\"http\":{\"status\":200},\"data\":\"HTTP/1.1 200 OK\\r\\n" rest "\\r\\n\\r\\n\"}\n"

static const struct import_case cases[] = {
    { "Shodan", "x.json", "", OBS_SOURCES, SHODAN("2021-11-24T08:00:01.123456", "X-OWA-Version: 15.1.2242.12\\r\\nX-FEServer: EX01"), "1 192.0.2.1:443 2021-11-24T08:00 15.1.2242.12/header E node=EX01\n" },
    { "... an empty version", "x.json", "", OBS_SOURCES, SHODAN("2021-11-24T08:00:01", "x-owa-version:"), "1 192.0.2.1:443 2021-11-24T08:00 / E H\n" },
    { "... another server is counted, not taken", "x.json", "", OBS_SOURCES, SHODAN("2021-11-24T08:00:01", "Server: nginx"), "" },
    { "a broken line between whole ones", "x.json", "", OBS_SOURCES, SHODAN("2021-11-24T08:00:01", "X-OWA-Version: 15.1.1.1") "{\"ip_str\":\n\n" SHODAN("2021-11-25T08:00:01", "X-OWA-Version: 15.1.1.2"),
      "1 192.0.2.1:443 2021-11-24T08:00 15.1.1.1/header E\n2! not JSON: a value is missing or unknown\n4 192.0.2.1:443 2021-11-25T08:00 15.1.1.2/header E\n" },
    { "an answer of an interface, laid out over lines", "x.json", "", OBS_SOURCES, "{\n \"total\": 1,\n \"matches\": [\n" SHODAN("2021-11-24T08:00:01", "X-OWA-Version: 15.1.1.1") "]}\n", "1 192.0.2.1:443 2021-11-24T08:00 15.1.1.1/header E\n" },
    { "Censys, the newer", "x.json", "", OBS_SOURCES,
      "{\"host\":{\"ip\":\"2001:db8::1\",\"services\":[{\"port\":443,\"scan_time\":\"2025-01-05T00:00:00Z\",\"endpoints\":[{\"path\":\"/owa/auth/logon.aspx\",\"http\":{\"status_code\":200,\"headers\":{\"X-OWA-Version\":{\"headers\":[\"15.2.1748.39\"]}}}}]}]}}\n",
      "1 2001:db8::1:443 2025-01-05T00:00 15.2.1748.39/header E\n" },
    { "Censys, the older: one service with a page's path, one of mail", "x.json", "", OBS_SOURCES,
      "{\"ip\":\"192.0.2.1\",\"last_updated_at\":\"2025-01-06T00:00:00Z\",\"services\":[{\"port\":443,\"http\":{\"response\":{\"status_code\":200,\"headers\":{\"Server\":[\"Microsoft-IIS/10.0\"]},\"body\":\"/owa/auth/15.1.2176/x\"}}},"
      "{\"port\":25,\"banner\":\"220 EX.corp.example Microsoft ESMTP MAIL Service ready\"},{\"port\":22,\"banner\":\"SSH\"}]}\n",
      "1 192.0.2.1:443 2025-01-06T00:00 15.1.2176/page_path E\n1 192.0.2.1:25 2025-01-06T00:00 / E H ex.corp.example\n" },
    { "zgrab2: what the redirect before it said", "x.json", "", OBS_SOURCES,
      "{\"ip\":\"192.0.2.1\",\"data\":{\"http\":{\"status\":\"success\",\"port\":443,\"timestamp\":\"2025-01-05T01:02:03+01:00\",\"result\":{\"redirect_response_chain\":[{\"status_code\":302,\"headers\":{\"unknown\":[{\"key\":\"x_owa_version\",\"value\":[\"15.2.1544.36\"]}]}}],"
      "\"response\":{\"status_code\":200,\"headers\":{},\"request\":{\"url\":{\"host\":\"mail.example.org:443\",\"path\":\"/owa/auth/logon.aspx\"}}}}}}}\n",
      "1 192.0.2.1:443 2025-01-05T00:02 15.2.1544.36/header E mail.example.org\n" },
    { "... refused, timed out, mail", "x.json", "", OBS_SOURCES,
      "{\"ip\":\"192.0.2.1\",\"data\":{\"http\":{\"status\":\"connection-refused\",\"timestamp\":\"2025-01-05T00:00:00Z\"}}}\n{\"ip\":\"192.0.2.2\",\"data\":{\"http\":{\"status\":\"io-timeout\",\"timestamp\":\"2025-01-05T00:00:00Z\"},"
      "\"smtp\":{\"status\":\"success\",\"protocol\":\"smtp\",\"timestamp\":\"2025-01-05T00:00:00Z\",\"result\":{\"banner\":\"220 m.example Microsoft ESMTP MAIL Service ready\"}}}}\n",
      "1 192.0.2.1:0 2025-01-05T00:00 / refused\n2 192.0.2.2:0 2025-01-05T00:00 / timed_out\n2 192.0.2.2:0 2025-01-05T00:00 / E H m.example\n" },
    { "masscan, killed", "x.json", "", OBS_SOURCES,
      "[\n{ \"ip\": \"192.0.2.10\", \"timestamp\": \"1615300000\", \"ports\": [ {\"port\": 443, \"status\": \"open\"} ] },\n{ \"ip\": \"192.0.2.10\", \"timestamp\": \"1615300002\", \"ports\": [ {\"port\": 443, \"service\": {\"name\": \"title\", \"banner\": \"Outlook\"}} ] }\n,\n{ \"ip\": ",
      "3 192.0.2.10:443 2021-03-09T14:26 / E H\n5! the file breaks off within it\n" },
    { "httpx", "x.json", "", OBS_SOURCES,
      "{\"timestamp\":\"2024-02-20T10:00:00Z\",\"url\":\"https://mail.example.org/owa/\",\"input\":\"mail.example.org\",\"host\":\"192.0.2.10\",\"port\":\"443\",\"path\":\"/owa/\",\"webserver\":\"Microsoft-IIS/8.5\",\"status_code\":200,\"header\":{\"x_owa_version\":\"15.2.1118.40\"}}\n",
      "1 192.0.2.10:443 2024-02-20T10:00 15.2.1118.40/header E X mail.example.org\n" },
    { "BinaryEdge", "x.json", "", OBS_SOURCES,
      "{\"origin\":{\"type\":\"exchange-owa\",\"ts\":1615300000000},\"target\":{\"ip\":\"192.0.2.10\",\"port\":443},\"result\":{\"data\":{\"version\":{\"build_version\":\"15.1.2176.2\"},\"server_names\":[\"EX01\"],\"vulnerabilities\":[\"CVE-2021-26855\"]}}}\n",
      "1 192.0.2.10:443 2021-03-09T14:26 15.1.2176.2/reported E node=EX01 unpatched(CVE-2021-26855)\n" },
};

IMPORT_CASES_MAIN(cases)
