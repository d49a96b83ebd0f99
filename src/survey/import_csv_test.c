#include "survey/import_cases.h"

#define SHADOW "\"timestamp\",\"ip\",\"port\",\"hostname\",\"tag\",\"asn\",\"geo\",\"region\",\"city\",\"naics\",\"sic\",\"sector\",\"version\",\"servername\",\"url\"\n"
#define ROW(time, ip) "\"" time "\",\"" ip "\",443,\"mail.example.org\",\"exchange\",64496,\"ZZ\",\"R\",\"T\",0,,\"S\",\"15.1.2044\",\"EX01\",\n"

static const struct import_case cases[] = {
    { "Shadowserver: a claim beside three numbers", "2021-03-15-scan_exchange-x.csv", "", OBS_SOURCES,
      SHADOW "\"2021-03-14 02:11:30\",\"192.0.2.10\",443,\"mail.example.org\",\"exchange;cve-2021-26855\",64496,\"ZZ\",\"REGION\",\"TOWN\",611310,,\"Education Services\",\"15.1.2044\",\"EX01\",\n",
      "2 192.0.2.10:443 2021-03-14T02:11 15.1.2044/reported E mail.example.org node=EX01 unpatched(CVE-2021-26855)\n" },
    { "... by its columns alone", "x.csv", "", OBS_SOURCES, SHADOW ROW("2021-03-14 02:11:30", "192.0.2.10"), "2 192.0.2.10:443 2021-03-14T02:11 15.1.2044/reported E mail.example.org node=EX01\n" },
    { "... written with semicolons by a spreadsheet", "x.csv", "", OBS_SOURCES, "timestamp;ip;tag;asn;geo;version;servername;url\r\n2021-03-14 02:11:30;192.0.2.10;exchange;64496;ZZ;15.1.2044;EX01;\r\n",
      "2 192.0.2.10:0 2021-03-14T02:11 15.1.2044/reported E node=EX01\n" },
    { "a byte order mark", "x.csv", "", OBS_SOURCES, "\xEF\xBB\xBF" SHADOW ROW("2021-03-14 02:11:30", "192.0.2.10"), "2 192.0.2.10:443 2021-03-14T02:11 15.1.2044/reported E mail.example.org node=EX01\n" },
    { "lying times: the future, 1601, nonsense", "x.csv", "", OBS_SOURCES, SHADOW ROW("2999-01-01 00:00:00", "192.0.2.1") ROW("1601-01-01 00:00:00", "192.0.2.2") ROW("soon", "192.0.2.3") ROW("2021-03-14 02:11:30", "192.0.2.4"),
      "2! its time lies in the future\n3! its time lies before there was anything to see\n4! its time cannot be read\n5 192.0.2.4:443 2021-03-14T02:11 15.1.2044/reported E mail.example.org node=EX01\n" },
    { "no address", "x.csv", "", OBS_SOURCES, SHADOW ROW("2021-03-14 02:11:30", "192.0.2.300"), "2! its address cannot be read\n" },
    { "cells too few, too many; empty ones at the end are no harm", "x.csv", "", OBS_SOURCES, "ip,build\n192.0.2.1\n192.0.2.2,15.1.1.1,x\n192.0.2.3,15.1.2176.9,,\n",
      "2! it has not as many cells as the header\n3! it has not as many cells as the header\n4 192.0.2.3:0  15.1.2176.9/reported E\n" },
    { "an open quote costs its line, not the file", "x.csv", "", OBS_SOURCES, "ip,build,host\n192.0.2.1,15.1.2176.9,\"open\n192.0.2.2,15.1.2176.9,b.example\n192.0.2.3,15.1.2176.2,c.example\n",
      "2! a quote in it is out of place\n3 192.0.2.2:0  15.1.2176.9/reported E b.example\n4 192.0.2.3:0  15.1.2176.2/reported E c.example\n" },
    { "a cell over two lines", "x.csv", "", OBS_SOURCES, "ip,build,comment\n192.0.2.1,15.1.2176.9,\"two\nlines\"\n192.0.2.2,15.1.2176.2,\n", "2 192.0.2.1:0  15.1.2176.9/reported E\n4 192.0.2.2:0  15.1.2176.2/reported E\n" },
    { "files one behind the other: the header once more is no row", "x.csv", "", OBS_SOURCES, "ip,build\n192.0.2.1,15.1.2176.9\nip,build\n192.0.2.2,15.1.2176.9\n", "2 192.0.2.1:0  15.1.2176.9/reported E\n4 192.0.2.2:0  15.1.2176.9/reported E\n" },
    { "columns by map", "x.csv", "ip=a,build=v,time=t,name=n", OBS_SOURCES, "a,v,t,n,version\n192.0.2.1,15.01.2176.009,2021-03-16T10:00:00+01:00,Mail.Example.ORG,99\n", "2 192.0.2.1:0 2021-03-16T09:00 15.1.2176.9/reported E mail.example.org\n" },
    { "Get-ExchangeServer's words", "x.csv", "", OBS_HEALTHCHECKER, "Name,AdminDisplayVersion\nEX01,Version 15.1 (Build 2176.2)\n", "2 -:0  15.1.2176.2/self_report E ex01\n" },
    { "not decimals", "x.csv", "", OBS_SOURCES, "ip,build\n192.0.2.1,15.1.1913.10\n", "2 192.0.2.1:0  15.1.1913.10/reported E\n" },
    { "Exchange Online is told", "x.csv", "", OBS_SOURCES, "ip,build\n192.0.2.1,15.20.4000.1\n", "2 192.0.2.1:0  15.20.4000.1/reported E O\n" },
    { "an operator's statement", "x.csv", "", OBS_SOURCES, "host,patched,mitigated,cve\na.example,yes,no,ProxyLogon\nb.example,nein,EOMT,\nc.example,,,\n",
      "2 -:0  / E a.example patched(ProxyLogon)\n3 -:0  / E b.example unpatched() mitigated()\n4 -:0  / E H c.example\n" },
    { "a special report: compromised, if about Exchange", "2021-03-16-special-x.csv", "", OBS_SOURCES,
      "timestamp,ip,port,asn,geo,hostname,tag,status,detail\n2021-03-16 00:00:00,192.0.2.10,,64512,ZZ,a.example,exchange;webshell,likely compromised,\n2021-03-16 00:00:00,192.0.2.11,,64512,ZZ,b.example,cyclops-blink,likely compromised,\n",
      "2 192.0.2.10:0 2021-03-16T00:00 / E H a.example compromised()\n" },
    { "web shells beside holes in one report", "2021-03-16-scan_exchange-x.csv", "", OBS_SOURCES,
      SHADOW "\"2021-03-14 02:11:37\",\"192.0.2.7\",443,,\"exchange;webshell\",0,\"ZZ\",,,0,,,\"15.0.1395\",,\"/aspnet_client/x.aspx\"\n\"2021-03-14 02:11:37\",\"192.0.2.8\",443,,\"exchange;possible-cve-2024-21410\",0,\"ZZ\",,,0,,,,,\n",
      "2 192.0.2.7:443 2021-03-14T02:11 15.0.1395/reported E compromised()\n3 192.0.2.8:443 2021-03-14T02:11 / E H\n" },
};

IMPORT_CASES_MAIN(cases)
