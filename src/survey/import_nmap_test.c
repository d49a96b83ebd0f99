#include "survey/import_cases.h"

static const struct import_case cases[] = {
    { "nmap: a build, a claim, names; a script that says nothing claims nothing", "x.xml", "", OBS_SOURCES,
      "<?xml version=\"1.0\"?>\n<nmaprun version=\"7.93\">\n<host endtime=\"1637330280\"><address addr=\"192.0.2.10\" addrtype=\"ipv4\"/><hostnames><hostname name=\"mail.example.org\" type=\"PTR\"/></hostnames><ports>"
      "<port portid=\"443\"><state state=\"open\"/><script id=\"ms-exchange-version\"><table key=\"15.1.2375.17\"><elem key=\"build\">15.1.2375.17</elem></table></script><script id=\"http-ntlm-info\"><elem key=\"NetBIOS_Computer_Name\">EX01</elem><elem key=\"DNS_Domain_Name\">Corp.Example</elem></script></port>"
      "<port portid=\"444\"><state state=\"open\"/><script id=\"http-vuln-exchange\" output=\"&#xa;  (15.1.2176) Exchange, potentially vulnerable\"/></port>"
      "<port portid=\"445\"><state state=\"open\"/><script id=\"http-vuln-cve2021-26855\"><table key=\"CVE-2021-26855\"><elem key=\"state\">VULNERABLE</elem></table></script></port>"
      "<port portid=\"446\"><state state=\"open\"/><script id=\"http-vuln-cve2021-26855\" output=\"\"/></port></ports></host></nmaprun>\n",
      "3 192.0.2.10:443 2021-11-19T13:58 15.1.2375.17/reported E mail.example.org node=EX01 ad=corp.example\n3 192.0.2.10:444 2021-11-19T13:58 15.1.2176/reported E mail.example.org\n"
      "3 192.0.2.10:445 2021-11-19T13:58 / E H mail.example.org unpatched(CVE-2021-26855)\n" },
    { "a run that was killed: whole ports count", "x.xml", "", OBS_SOURCES,
      "<nmaprun version=\"7.93\"><host endtime=\"1637330280\"><address addr=\"00:11\" addrtype=\"mac\"/><address addr=\"2001:db8::1\" addrtype=\"ipv6\"/><ports><port portid=\"443\"><state state=\"open\"/><script id=\"http-title\" output=\"Outlook&#xa;x\"/></port>"
      "<port portid=\"444\"><script id=\"http-title\" output=\"Outlook\"/>",
      "1 2001:db8::1:443 2021-11-19T13:58 / E H\n1! the XML is damaged\n" },
    { "headers, and what a closed door says", "x.xml", "", OBS_SOURCES,
      "<nmaprun><host starttime=\"1637330280\"><address addr=\"192.0.2.1\" addrtype=\"ipv4\"/><ports><port portid=\"443\"><state state=\"open\"/><script id=\"http-headers\" output=\"&#xa;  Server: Microsoft-IIS/10.0&#xa;  X-OWA-Version: 15.2.1118.40&#xa;\"/></port>"
      "<port portid=\"80\"><state state=\"closed\"/></port><port portid=\"22\"><state state=\"closed\"/></port></ports></host></nmaprun>",
      "1 192.0.2.1:443 2021-11-19T13:58 15.2.1118.40/header E\n1 192.0.2.1:80 2021-11-19T13:58 / refused\n" },
};

IMPORT_CASES_MAIN(cases)
