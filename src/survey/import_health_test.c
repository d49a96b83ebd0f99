#include "survey/import_cases.h"

static const struct import_case cases[] = {
    { "HealthChecker's text, two reports", "x.txt", "", OBS_SOURCES,
      "Exchange Health Checker version 3.1.1\nName: EX01\nGeneration Time: 03/16/2021 10:22:30\nBuild Number: 15.01.2176.002\n\tSecurity Vulnerability: CVE-2021-26855\nExchange Health Checker version 3.1.1\nName: EX02.corp.example\nBuild Number: 15.2.792.10\n",
      "1 -:0 2021-03-16T10:22 15.1.2176.2/self_report E ex01 node=EX01 unpatched(CVE-2021-26855)\n6 -:0  15.2.792.10/self_report E ex02.corp.example node=EX02 ad=corp.example\n" },
    { "Export-Clixml, two servers; the name once more is no new one", "x.xml", "", OBS_SOURCES,
      "<Objs Version=\"1.1.0.1\" xmlns=\"http://schemas.microsoft.com/powershell/2004/04\"><Obj RefId=\"0\"><MS><S N=\"ServerName\">EX01</S><DT N=\"GenerationTime\">2021-03-16T10:22:30.1234567+01:00</DT>"
      "<Obj N=\"BuildInformation\"><MS><S N=\"ServerName\">EX01</S><S N=\"BuildNumber\">15.1.2176.9</S></MS></Obj></MS></Obj>\n<Obj><MS><S N=\"ServerName\">EX02</S><S N=\"FQDN\">ex02.corp.example</S><S N=\"BuildNumber\">15.2.792.10</S></MS></Obj></Objs>",
      "1 -:0 2021-03-16T09:22 15.1.2176.9/self_report E ex01 node=EX01\n2 -:0  15.2.792.10/self_report E ex02 ex02.corp.example node=EX02 ad=corp.example\n" },
    { "a report without a build", "x.txt", "", OBS_SOURCES, "Exchange Health Checker version 3.1.1\nName: EX01\nMitigations Applied: PING1\n", "1 -:0  / E H ex01 node=EX01 mitigated()\n" },
    { "a time that cannot be", "x.txt", "", OBS_SOURCES, "Exchange Health Checker version 3.1.1\nName: EX01\nGeneration Time: 13/16/2021 10:22:30\nBuild Number: 15.1.1.1\n", "3! its time cannot be read\n" },
};

IMPORT_CASES_MAIN(cases)
