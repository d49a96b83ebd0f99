/* Delivery reports in the shapes of those mail servers that victims have: in our own words, with invented names, written from RFC 3464, 3463, 6522, 6533 and 3798's neighbours. */
#include "notify/inbox_fixture.h"

/* Headers of who reports, then the parts. T: where it goes to: our token's address. */
#define OURS "b+%T@bounce.cert.example"
#define HEAD(from, subject, more) "Return-Path: <>\r\nDelivered-To: " OURS "\r\nFrom: " from "\r\nTo: " OURS "\r\nSubject: " subject "\r\nDate: Sat, 06 Mar 2021 14:05:00 +0000\r\n" more "MIME-Version: 1.0\r\n"
#define REPORT(boundary) "Content-Type: multipart/report; report-type=delivery-status; boundary=\"" boundary "\"\r\n\r\n"
#define RETURNED "Return-Path: <" OURS ">\r\nFrom: CERT <notify@cert.example>\r\nTo: it@bakery.example\r\nSubject: x\r\nMessage-ID: <%M>\r\n\r\n"

static const struct { const char *shape, *mail; enum inbox_kind kind; size_t n, at; enum dsn_action action; uint16_t status[3]; const char *final; enum notice_step then; const char *why; } corpus[] = {
    { "postfix", HEAD("MAILER-DAEMON@mx.bakery.example (Mail Delivery System)", "Undelivered Mail Returned to Sender", "Auto-Submitted: auto-replied\r\n") REPORT("4F0A.1615039331/mx.bakery.example")
      "This is a MIME-encapsulated message.\r\n\r\n--4F0A.1615039331/mx.bakery.example\r\nContent-Description: Notification\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nIt did not go.\r\n\r\n"
      "--4F0A.1615039331/mx.bakery.example\r\nContent-Description: Delivery report\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.bakery.example\r\nX-Postfix-Queue-ID: 4F0A\r\n"
      "X-Postfix-Sender: rfc822; " OURS "\r\nArrival-Date: Sat,  6 Mar 2021 14:02:11 +0000 (UTC)\r\n\r\nFinal-Recipient: rfc822; it@bakery.example\r\nOriginal-Recipient: rfc822;it@bakery.example\r\n"
      "Action: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; store.bakery.example\r\nDiagnostic-Code: smtp; 550 5.1.1 <it@bakery.example>: nobody of\r\n    that name here\r\n\r\n"
      "--4F0A.1615039331/mx.bakery.example\r\nContent-Description: Undelivered Message Headers\r\nContent-Type: text/rfc822-headers\r\n\r\n" RETURNED "--4F0A.1615039331/mx.bakery.example--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 1, 1 }, "it@bakery.example", NOTICE_BOUNCED_HARD, "folded diagnostic, a boundary with a slash" },
    { "postfix, success", HEAD("MAILER-DAEMON@mx.bakery.example (Mail Delivery System)", "Successful Mail Delivery Report", "Auto-Submitted: auto-replied\r\n") REPORT("B")
      "--B\r\nContent-Type: text/plain\r\n\r\nIt went.\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.bakery.example\r\nOriginal-Envelope-Id: 4711\r\n\r\n"
      "Final-Recipient: rfc822; it@bakery.example\r\nAction: delivered\r\nStatus: 2.0.0\r\nDiagnostic-Code: X-Postfix; delivered to maildir\r\n\r\n--B--\r\n",
      INBOX_DSN, 1, 0, DSN_DELIVERED, { 2, 0, 0 }, "it@bakery.example", NOTICE_DELIVERED, "success" },
    { "postfix, delayed", HEAD("MAILER-DAEMON@mx.bakery.example", "Delayed Mail (still being retried)", "Auto-Submitted: auto-replied\r\n") REPORT("B")
      "--B\r\n\r\nStill trying.\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.bakery.example\r\n\r\nFinal-Recipient: rfc822; it@bakery.example\r\nAction: delayed\r\n"
      "Status: 4.4.1\r\nWill-Retry-Until: Thu, 11 Mar 2021 14:02:11 +0000 (UTC)\r\n\r\n--B--\r\n",
      INBOX_DSN, 1, 0, DSN_DELAYED, { 4, 4, 1 }, "it@bakery.example", NOTICE_ACCEPTED, "wait" },
    { "exchange", HEAD("postmaster@bakery.example", "Undeliverable: [CERT-EX 2021-000123] Back door found", "Content-Language: en-US\r\nAuto-Submitted: auto-replied\r\n")
      "Content-Type: multipart/report; report-type=delivery-status;\r\n\tboundary=\"5f1c_a=\"\r\n\r\n--5f1c_a=\r\nContent-Type: multipart/alternative; differences=Content-Type;\r\n\tboundary=\"in\"\r\n\r\n"
      "--in\r\nContent-Type: text/plain; charset=\"us-ascii\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nNot=20delivered.\r\n--in\r\nContent-Type: text/html; charset=\"us-ascii\"\r\n\r\n<b>Not delivered.</b>\r\n--in--\r\n\r\n"
      "--5f1c_a=\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;EX01.bakery.example\r\nReceived-From-MTA: dns;mx.bakery.example\r\nArrival-Date: Sat, 6 Mar 2021 14:02:11 +0000\r\n\r\n"
      "Original-Recipient: rfc822;it@bakery.example\r\nFinal-Recipient: rfc822;it@bakery.example\r\nAction: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp;552 5.2.2 the mailbox takes no more\r\nX-Display-Name: IT\r\n\r\n"
      "--5f1c_a=\r\nContent-Type: message/rfc822\r\n\r\n" RETURNED "text\r\n--5f1c_a=--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 2, 2 }, "it@bakery.example", NOTICE_BOUNCED_HARD, "full; words in an alternative, no blank after a colon's type" },
    { "exchange online", HEAD("<postmaster@bakery.example>", "Undeliverable: x", "X-MS-Exchange-Message-Is-Ndr: 1\r\nAuto-Submitted: auto-generated\r\n") REPORT("_NDR_")
      "--_NDR_\r\nContent-Type: text/html; charset=\"utf-8\"\r\nContent-Transfer-Encoding: base64\r\n\r\nPGI+bm88L2I+\r\n--_NDR_\r\nContent-Type: message/delivery-status\r\n\r\n"
      "Reporting-MTA: dns;AB1PR01MB0001.cloud.example\r\nReceived-From-MTA: dns;mx.cert.example\r\nArrival-Date: Sat, 6 Mar 2021 14:02:11 +0000\r\n\r\nFinal-Recipient: rfc822;it@bakery.example\r\nAction: failed\r\n"
      "Status: 5.1.10\r\nDiagnostic-Code: smtp;550 5.1.10 no such mailbox by this name [Host=AB1PR01MB0001.cloud.example]\r\n\r\n--_NDR_\r\nContent-Type: text/rfc822-headers\r\n\r\n" RETURNED "--_NDR_--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 1, 10 }, "it@bakery.example", NOTICE_BOUNCED_HARD, "two digits; no words but HTML" },
    { "exim", HEAD("Mail Delivery System <Mailer-Daemon@mx.bakery.example>", "Mail delivery failed: returning message to sender", "X-Failed-Recipients: it@bakery.example\r\nAuto-Submitted: auto-replied\r\n")
      REPORT("1615039331-eximdsn-1804289383") "--1615039331-eximdsn-1804289383\r\nContent-type: text/plain; charset=us-ascii\r\n\r\nReturned.\r\n--1615039331-eximdsn-1804289383\r\nContent-type: message/delivery-status\r\n\r\n"
      "Reporting-MTA: dns; mx.bakery.example\r\n\r\nAction: failed\r\nFinal-Recipient: rfc822;it@bakery.example\r\nStatus: 5.0.0\r\nRemote-MTA: dns; store.bakery.example\r\n"
      "Diagnostic-Code: smtp; 550 5.1.1 that user is unknown\r\n\r\n--1615039331-eximdsn-1804289383\r\nContent-type: message/rfc822\r\n\r\n" RETURNED "--1615039331-eximdsn-1804289383--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 1, 1 }, "it@bakery.example", NOTICE_BOUNCED_HARD, "5.0.0, and the truth in the diagnostic; the action first" },
    { "exim, words only", HEAD("Mail Delivery System <Mailer-Daemon@mx.bakery.example>", "Mail delivery failed: returning message to sender", "X-Failed-Recipients: it@bakery.example\r\n")
      "\r\nReturned; below is a copy.\r\n\r\n  it@bakery.example\r\n    unrouteable\r\n", INBOX_BOUNCE_UNPARSED, 0, 0, DSN_FAILED, { 0, 0, 0 }, NULL, NOTICE_BOUNCED_SOFT, "no report: soft, and a person" },
    { "gmail", HEAD("Mail Delivery Subsystem <mailer-daemon@big.example>", "Delivery Status Notification (Failure)", "Auto-Submitted: auto-replied\r\n")
      "Content-Type: multipart/report; boundary=\"000000000000d0\"; report-type=delivery-status\r\n\r\n--000000000000d0\r\nContent-Type: multipart/related; boundary=\"r\"\r\n\r\n--r\r\nContent-Type: multipart/alternative; boundary=\"a\"\r\n\r\n"
      "--a\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\n\r\nNo.\r\n--a\r\nContent-Type: text/html; charset=\"UTF-8\"\r\n\r\n<p>No.</p>\r\n--a--\r\n--r\r\nContent-Type: image/png; name=\"icon.png\"\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--r--\r\n"
      "--000000000000d0\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; big.example\r\nArrival-Date: Sat, 06 Mar 2021 06:02:11 -0800 (PST)\r\nX-Original-Message-ID: <%M>\r\n\r\n"
      "Final-Recipient: rfc822; it@bakery.example\r\nAction: failed\r\nStatus: 5.7.26\r\nRemote-MTA: dns; mx.big.example. (192.0.2.26, the server for the domain.)\r\n"
      "Diagnostic-Code: smtp; 550-5.7.26 not authenticated\r\n 550-5.7.26 by its domain's policy\r\n 550 5.7.26 see the page\r\nLast-Attempt-Date: Sat, 06 Mar 2021 06:02:12 -0800 (PST)\r\n\r\n"
      "--000000000000d0\r\nContent-Type: message/rfc822\r\n\r\n" RETURNED "--000000000000d0--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 7, 26 }, "it@bakery.example", NOTICE_BOUNCED_SOFT, "policy; a diagnostic of three lines; pictures" },
    { "qmail", HEAD("MAILER-DAEMON@mx.bakery.example", "failure notice", "") "\r\nThis is mx.bakery.example. I gave up.\r\n\r\n<it@bakery.example>:\r\nnobody here by that name. (#5.1.1)\r\n\r\n--- Below is a copy.\r\n\r\nReturn-Path: <" OURS ">\r\n",
      INBOX_BOUNCE_UNPARSED, 0, 0, DSN_FAILED, { 0, 0, 0 }, NULL, NOTICE_BOUNCED_SOFT, "it has no report at all" },
    { "sendmail", HEAD("Mail Delivery Subsystem <MAILER-DAEMON@mx.bakery.example>", "Returned mail: see transcript for details", "Auto-Submitted: auto-generated (failure)\r\n") REPORT("126E2AxY012345.1615039331/mx")
      "This is a MIME-encapsulated message\r\n\r\n--126E2AxY012345.1615039331/mx\r\n\r\nThe message was received, and not delivered.\r\n\r\n--126E2AxY012345.1615039331/mx\r\nContent-Type: message/delivery-status\r\n\r\n"
      "Reporting-MTA: dns; mx.bakery.example\r\nReceived-From-MTA: DNS; mx.cert.example\r\nArrival-Date: Sat, 6 Mar 2021 14:02:11 GMT\r\n\r\nFinal-Recipient: RFC822; <it@bakery.example>\r\nX-Actual-Recipient: RFC822; it@mx.bakery.example\r\n"
      "Action: failed\r\nStatus: 5.1.2 (the host is unknown)\r\nRemote-MTA: DNS; bakery.example\r\nDiagnostic-Code: SMTP; 550 5.1.2 no such host\r\nLast-Attempt-Date: Sat, 6 Mar 2021 14:02:12 GMT\r\n\r\n"
      "--126E2AxY012345.1615039331/mx\r\nContent-Type: text/rfc822-headers\r\n\r\n" RETURNED "--126E2AxY012345.1615039331/mx--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 1, 2 }, "it@bakery.example", NOTICE_BOUNCED_HARD, "a comment behind the status, brackets around the address" },
    { "opensmtpd", HEAD("Mailer Daemon <MAILER-DAEMON@mx.bakery.example>", "Delivery status notification: error", "") "Content-Type: multipart/mixed;boundary=\"123/mx\"\r\n\r\nThis is a MIME-encapsulated message.\r\n\r\n"
      "--123/mx\r\nContent-Description: Notification\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\nNo.\r\n--123/mx\r\nContent-Description: Delivery Report\r\nContent-Type: message/delivery-status\r\n\r\n"
      "Reporting-MTA: dns; mx.bakery.example\r\n\r\nFinal-Recipient: rfc822; it@bakery.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--123/mx\r\nContent-Type: text/rfc822-headers\r\n\r\n" RETURNED "--123/mx--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 1, 1 }, "it@bakery.example", NOTICE_BOUNCED_HARD, "multipart/mixed instead of multipart/report" },
    { "lotus-like", HEAD("Postmaster@bakery.example", "DELIVERY FAILURE: user not listed", "") "Content-Type: MULTIPART/REPORT; REPORT-TYPE=DELIVERY-STATUS; BOUNDARY=\"==IFJRGLKFGIR\"\r\n\r\n--==IFJRGLKFGIR\r\nContent-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n\r\nNo.\r\n\r\n"
      "--==IFJRGLKFGIR\r\nContent-Type: MESSAGE/DELIVERY-STATUS\r\n\r\nREPORTING-MTA: DNS;domino.bakery.example\r\n\r\nFINAL-RECIPIENT: RFC822;IT@BAKERY.EXAMPLE\r\nACTION: FAILED\r\nSTATUS: 5.1.1\r\n"
      "DIAGNOSTIC-CODE: X-Notes; user not listed in the directory\r\n\r\n--==IFJRGLKFGIR--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 1, 1 }, "IT@BAKERY.EXAMPLE", NOTICE_BOUNCED_HARD, "all in capitals" },
    { "several", HEAD("MAILER-DAEMON@mx.bakery.example", "Delivery report", "Auto-Submitted: auto-replied\r\n") REPORT("B") "--B\r\n\r\nx\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.bakery.example\r\n\r\n"
      "Final-Recipient: rfc822; ann@bakery.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\nFinal-Recipient: rfc822; old@elsewhere.example\r\nOriginal-Recipient: rfc822; it@bakery.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--B--\r\n",
      INBOX_DSN, 2, 1, DSN_FAILED, { 5, 1, 1 }, "old@elsewhere.example", NOTICE_BOUNCED_HARD, "ours is the second, by its original recipient" },
    { "an alias", HEAD("MAILER-DAEMON@mx.bakery.example", "Delivery report", "Auto-Submitted: auto-replied\r\n") REPORT("B") "--B\r\n\r\nx\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.bakery.example\r\n\r\n"
      "Final-Recipient: rfc822; old@bakery.example\r\nOriginal-Recipient: rfc822; it@bakery.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\nFinal-Recipient: rfc822; ann@bakery.example\r\nOriginal-Recipient: rfc822; it@bakery.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n--B--\r\n",
      INBOX_DSN, 2, 1, DSN_DELIVERED, { 2, 0, 0 }, "ann@bakery.example", NOTICE_DELIVERED, "one of the two behind it got it" },
    { "others", HEAD("MAILER-DAEMON@mx.bakery.example", "Delivery report", "Auto-Submitted: auto-replied\r\n") REPORT("B") "--B\r\n\r\nx\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.bakery.example\r\n\r\n"
      "Final-Recipient: rfc822; a@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\nFinal-Recipient: rfc822; b@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--B--\r\n",
      INBOX_DSN, 2, 0, DSN_FAILED, { 5, 1, 1 }, "a@x.example", NOTICE_BOUNCED_SOFT, "passed on to two, and neither got it: our contact is not dead, a person looks" },
    { "rfc6533", HEAD("MAILER-DAEMON@mx.bakery.example", "Delivery report", "Auto-Submitted: auto-replied\r\n") "Content-Type: multipart/report; report-type=delivery-status; boundary=B\r\n\r\n--B\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nz\xc3\xbcr\xc3\xbc\x63k\r\n"
      "--B\r\nContent-Type: message/global-delivery-status\r\n\r\nReporting-MTA: dns; mx.bakery.example\r\n\r\nOriginal-Recipient: rfc822; it@bakery.example\r\nFinal-Recipient: utf-8; b\xc3\xa4\x63ker@bakery.example\r\nAction: failed\r\nStatus: 5.6.7\r\n"
      "Diagnostic-Code: smtp; 553 5.6.7 \xe2\x9c\x97 b\xc3\xa4\x63ker\r\n\r\n--B\r\nContent-Type: message/global-headers\r\n\r\n" RETURNED "--B--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 6, 7 }, "b\xc3\xa4\x63ker@bakery.example", NOTICE_BOUNCED_HARD, "an address beyond ASCII" },
    { "rfc6533, ascii", HEAD("MAILER-DAEMON@mx.bakery.example", "Delivery report", "Auto-Submitted: auto-replied\r\n") REPORT("B") "--B\r\n\r\nx\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.bakery.example\r\n\r\n"
      "Final-Recipient: utf-8; b\\x{E4}cker@bakery.example\r\nAction: failed\r\nStatus: 5.1.6\r\n\r\n--B--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 1, 6 }, "b\xc3\xa4\x63ker@bakery.example", NOTICE_BOUNCED_HARD, "the same through seven bits" },
    { "base64", HEAD("MAILER-DAEMON@mx.bakery.example", "Delivery report", "Auto-Submitted: auto-replied\r\n") REPORT("B") "--B\r\n\r\nx\r\n--B\r\nContent-Type: message/delivery-status\r\nContent-Transfer-Encoding: base64\r\n\r\n"
      "UmVwb3J0aW5nLU1UQTogZG5zOyBteA0KDQpGaW5hbC1SZWNpcGllbnQ6IHJmYzgyMjsgaXRAYmFrZXJ5LmV4YW1wbGUNCkFjdGlvbjogZmFpbGVkDQpTdGF0dXM6IDUuNC40DQo=\r\n--B--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 4, 4 }, "it@bakery.example", NOTICE_BOUNCED_HARD, "encoded, as it should not be" },
    { "no status", HEAD("MAILER-DAEMON@mx.bakery.example", "Delivery report", "Auto-Submitted: auto-replied\r\n") REPORT("B") "--B\r\n\r\nx\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.bakery.example\r\n\r\n"
      "Final-Recipient: rfc822; it@bakery.example\r\nAction: failed\r\nDiagnostic-Code: smtp; 550 #5.1.1 unknown\r\n\r\n--B--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 1, 1 }, "it@bakery.example", NOTICE_BOUNCED_HARD, "only the diagnostic has one" },
    { "expired", HEAD("MAILER-DAEMON@mx.bakery.example", "Delivery report", "Auto-Submitted: auto-replied\r\n") REPORT("B") "--B\r\n\r\nx\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.bakery.example\r\n\r\n"
      "Final-Recipient: rfc822; it@bakery.example\r\nAction: failed\r\nStatus: 4.4.7\r\nDiagnostic-Code: smtp; 421 5.1.1 is not what it says\r\n\r\n--B--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 4, 4, 7 }, "it@bakery.example", NOTICE_BOUNCED_HARD, "given up after days: rests, is not dead" },
    { "forged", "Return-Path: <>\r\nDelivered-To: b+%X@bounce.cert.example\r\nFrom: MAILER-DAEMON@mx.bakery.example\r\nTo: b+%X@bounce.cert.example\r\nSubject: Delivery report\r\nMIME-Version: 1.0\r\n" REPORT("B")
      "--B\r\n\r\nx\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\nOriginal-Envelope-Id: 1\r\n\r\nFinal-Recipient: rfc822; it@bakery.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
      "--B\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <%M>\r\n\r\n--B--\r\n",
      INBOX_DSN, 1, 0, DSN_FAILED, { 5, 1, 1 }, "it@bakery.example", NOTICE_ACCEPTED, "all true but the token: nothing moves" },
    { "forwarded by a person", "From: Ann <ann@bakery.example>\r\nTo: case+%T@reply.cert.example\r\nSubject: Fwd: Undeliverable\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=F\r\n\r\n--F\r\n\r\nWhat is this?\r\n--F\r\nContent-Type: message/rfc822\r\n\r\n"
      "From: MAILER-DAEMON@x\r\nMIME-Version: 1.0\r\n" REPORT("B") "--B\r\n\r\nx\r\n--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; it@bakery.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--B--\r\n--F--\r\n",
      INBOX_HUMAN, 1, 0, DSN_FAILED, { 5, 1, 1 }, "it@bakery.example", NOTICE_ACKNOWLEDGED, "a report inside of a person's mail is his words, not a report" },
};

static void check(size_t i, struct str mail, struct desk *d)
{
    const struct dsn_recipient *x = NULL;
    struct inbox_mail r;
    struct inbox_done done;
    struct err        e = { 0 };

    if (!inbox_read(mail, &d->a, &r, &e))
        fail_msg("%s: %s", corpus[i].shape, e.what);
    if (r.kind != corpus[i].kind || r.rcpt_n != corpus[i].n)
        fail_msg("%s (%s): %s, %zu recipients", corpus[i].shape, corpus[i].why, inbox_kind_name(r.kind), r.rcpt_n);
    if (corpus[i].n)
        x = &r.rcpt[corpus[i].at];
    if (x && (x->action != corpus[i].action || memcmp(x->status, corpus[i].status, sizeof x->status) != 0 || !str_eq(x->final, str_c(corpus[i].final))))
        fail_msg("%s (%s): action %d, %u.%u.%u, %.*s", corpus[i].shape, corpus[i].why, x->action, x->status[0], x->status[1], x->status[2], STR_ARG(x->final));
    if (!inbox_take(d->l, mail, NOW + TIME_HOUR, &d->a, &done, &e))
        fail_msg("%s: %s", corpus[i].shape, e.what);
    if (one(d, "SELECT state FROM notify_notice") != (int64_t)corpus[i].then)
        fail_msg("%s (%s): %s", corpus[i].shape, corpus[i].why, notice_step_name((enum notice_step)one(d, "SELECT state FROM notify_notice")));
}

static void shapes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(corpus); i++)
        for (int lf = 0; lf < 2; lf++) {                             /* as a wire has lines, and as a Maildir has */
            struct desk d = begin();
            struct str  mail = filled(&d, corpus[i].mail);
            uint8_t    *p = malloc(mail.n);
            size_t      n = 0;

            for (size_t k = 0; k < mail.n; k++)
                if (!lf || mail.p[k] != '\r')
                    p[n++] = mail.p[k];
            check(i, (struct str){ p, n }, &d);
            free(p);
            end(&d);
        }
}

/* Each shape again, cut at every 97th byte: no more than its kind changes; nothing is read past its end. */
static void cut(void **state)
{
    struct desk d = begin();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(corpus); i++) {
        struct arena before = d.a;
        struct str   mail = filled(&d, corpus[i].mail);

        for (size_t n = 1; n < mail.n; n += 97) {
            struct arena      a = d.a;
            struct inbox_mail r;
            struct err        e = { 0 };
            uint8_t          *p = malloc(n);

            memcpy(p, mail.p, n);
            CHECK_WHY(inbox_read((struct str){ p, n }, &a, &r, &e) || e.kind != ERR_NONE, corpus[i].shape);
            free(p);
        }
        d.a = before;
    }
    end(&d);
}

/* "delivered", and a day later "failed": the failure holds, in either order; a person's answer holds against both. */
static void late(void **state)
{
    static const size_t order[][3] = { { 1, 0, 99 }, { 0, 1, 99 }, { 1, 0, 1 } };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(order); i++) {
        struct desk d = begin();
        struct inbox_done done;
        struct err  e = { 0 };

        for (int k = 0; k < 3; k++)
            if (order[i][k] < COUNT_OF(corpus))
                CHECK(inbox_take(d.l, filled(&d, corpus[order[i][k]].mail), NOW + (k + 1) * TIME_DAY, &d.a, &done, &e));
        CHECK(one(&d, "SELECT state FROM notify_notice") == NOTICE_BOUNCED_HARD && one(&d, "SELECT count(*) FROM notify_inbox") == 2);
        end(&d);
    }
}

int main(void)
{
    const struct CMUnitTest t[] = { cmocka_unit_test(shapes), cmocka_unit_test(cut), cmocka_unit_test(late) };
    return cmocka_run_group_tests(t, NULL, NULL);
}
