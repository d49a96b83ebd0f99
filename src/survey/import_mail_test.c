#include "survey/import_cases.h"

static const struct import_case cases[] = {
    { "mail: the hop within the domain, over three lines", "x.eml", "", OBS_SOURCES,
      "Return-Path: <a@b>\nReceived: from EX02.corp.example (10.0.0.2) by EX01.corp.example\n (10.0.0.1) with Microsoft SMTP Server (version=TLS1_2, cipher=X) id\n 15.1.2176.9; Tue, 16 Mar 2021 10:00:00 +0100 (CET)\n"
      "Received: by mx.other.example with Microsoft SMTP Server id 15.1.1.1; Tue, 16 Mar 2021 10:00:00 +0000\nReceived: by AM0.corp.example with Microsoft SMTP Server id 15.20.1.1; Tue, 16 Mar 2021 10:00:00 +0000\nMessage-ID: <x>\n\n"
      "Received: by EX09.corp.example with Microsoft SMTP Server id 15.1.1.1; Tue, 16 Mar 2021 10:00:00 +0000\n",
      "2 -:0 2021-03-16T09:00 15.1.2176.9/mail_hop E ex01.corp.example node=EX01 ad=corp.example\n" },
    { "lines of hops alone", "x.txt", "", OBS_SOURCES, "Received: by EX01.corp.example with Microsoft SMTP Server id 15.1.2176.9; 16 Mar 2021 10:00 -0500\nReceived: by notcorp.example with Microsoft SMTP Server id 15.1.2176.9; 16 Mar 2021 10:00 -0500\n"
      "from x by EX02.corp.example with Microsoft SMTP Server id 15.1.2176.2; someday\n",
      "1 -:0 2021-03-16T15:00 15.1.2176.9/mail_hop E ex01.corp.example node=EX01 ad=corp.example\n3! its time cannot be read\n" },
};

IMPORT_CASES_MAIN(cases)
