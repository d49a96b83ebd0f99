/* Honest pages that use the same means. The plans of shape_text.h. */
#ifndef TECHNIQUE_HONEST_H
#define TECHNIQUE_HONEST_H

#include "technique.h"

static const struct technique honest[] = {
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>struct Money { public decimal V; public static Money operator +(Money a, Money b) { return new Money { "
      "V = a.V + b.V }; } public static implicit operator string(Money m) { return m.V.ToString(\"0.00\"); } public static implicit operator Money(decimal "
      "d) { return new Money { V = d }; } } void Page_Lo""ad(object s, EventArgs e) { Money a = decimal.Parse({r}[\"a\"]); Money b = decimal.Parse({r}[\"b\"])"
      "; string t = a + b; Response.Write(t); }</{s}>",
      "sums of money", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"VB\" {c}<{s} {a}>\nClass N\nPublic v As String\nPublic Shared Widening Operator CType(s As String) As N\nReturn New N With "
      "{.v = s}\nEnd Operator\nPublic Shared Operator &(a As N, b As String) As String\nReturn a.v & b\nEnd Operator\nEnd Class\nSub Page_Lo""ad()"
      "\nDim x As N = {r}(\"k\")\nResponse.Write(Server.HtmlEncode(x & \"!\"))\nEnd Sub\n</{s}>",
      "a name as a text", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class ByLength : IComparer<string> { public int Compare(string a, string b) { return a.Length.CompareTo(b.Length)"
      "; } } void Page_Lo""ad(object s, EventArgs e) { var l = new List<string>({r}[\"k\"].Split(',')); l.Sort(new ByLength()); l.ForEach(x => "
      "Response.Write(Server.HtmlEncode(x))); }</{s}>",
      "sorted names", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class T : IDisposable { string n; Stopwatch w = Stopwatch.StartNew(); public T(string n) { this.n = n;"
      " } public void Dispose() { Trace.Write(n + \" \" + w.ElapsedMilliseconds); } } void Page_Lo""ad(object s, EventArgs e) { using (new T({r}[\"k\"])"
      ") { Response.Write(\"done\"); } }</{s}>",
      "a timer that logs", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class D : System.Dynamic.DynamicObject { public override bool TryGetMember(System.Dynamic.GetMemberBinder "
      "b, out object r) { r = ConfigurationManager.AppSettings[b.Name]; return true; } } void Page_Lo""ad(object s, EventArgs e) { dynamic d = "
      "new D(); Response.Write(d.Title); }</{s}>",
      "settings by name", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class Bag { Dictionary<string,string> d = new Dictionary<string,string>(); public string this[string k] "
      "{ get { return d[k]; } set { d[k] = value; } } } void Page_Lo""ad(object s, EventArgs e) { var b = new Bag(); b[\"a\"] = {r}[\"k\"]; Response.Write(HttpUtility.HtmlEncode(b[\"a\"])"
      "); }</{s}>",
      "an index of its own", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var t = Regex.Replace({r}[\"k\"] ?? \"\", \"[a-z]+\", m => m.Value.ToUpper()"
      "); Array.Sort(new[] { t, \"b\" }, (a, b) => string.Compare(a, b)); Response.Write(Server.HtmlEncode(t));}</{s}>",
      "words by a function", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ {l}=\"{j}\" {c}{o}\nString.prototype.trim = function () { return this.replace(/^\\s+|\\s+$/g, \"\"); }; Array.prototype.has = function "
      "(x) { for (var i = 0; i < this.length; i++) if (this[i] == x) return true; return false; }; var t = String({r}(\"k\")).trim().replace(/[<>]/g,"
      " function (c) { return \"&#\" + c.charCodeAt(0) + \";\"; }); if ([\"a\", \"b\"].has(t)) Response.Write(t);\n{c}",
      "text by a function", PAGE_ASP, PAGE_CLEAN },
    { "{o}@ {l}=\"{j}\" {c}{o}\nwith (Response) { Write(\"hello \"); Write(Server.HTMLEncode({r}(\"name\"))); }\n{c}",
      "with the response", PAGE_ASP, PAGE_CLEAN },
    { "{o}\nOn Error Resume Next\nIf Not IsNumeric({r}(\"id\")) Then Err.Raise 1001, \"form\", \"No number: \" & Server.HTMLEncode({r}(\"id\")"
      ")\nIf Err.Number <> 0 Then Response.Write Err.De{s}ion\n{c}",
      "an error of its own", PAGE_ASP, PAGE_CLEAN },
    { "{o}\nSet r = New RegExp\nr.Pattern = \"<[^>]+>\"\nr.Glo""bal = True\nResponse.Write r.Replace({r}.Form(\"text\"), \"\")\n{c}",
      "marks taken out", PAGE_ASP, PAGE_CLEAN },
    { "{o}\nSet s = Create""Object(\"MSScript""Control.Script""Control\")\ns.{l} = \"VBScript\"\ns.AddCode \"Function Add(a, b) : Add = a + b "
      ": End Function\"\nResponse.Write s.Run(\"Add\", 1, 2)\n{c}",
      "sums by an engine", PAGE_ASP, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var d = new XmlDocument(); d.Lo""ad(Server.MapPath(\"~/web.c""onfig\")"
      "); var n = d.SelectSingleNode(\"//appSettings/add[@key='title']\"); Response.Write(n.Attributes[\"value\"].Value);}</{s}>",
      "a setting shown", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {using (var r = new System.Resources.ResXResourceReader(Server.MapPath(\"~/App_Glo""balResources/texts.resx\")"
      ")) foreach (DictionaryEntry d in r) Response.Write(d.Key);}</{s}>",
      "resources of the page", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System;using System.Web;using System.IO;\npublic class H : IHttpHandler { public void "
      "{p}{r}(HttpContext c) {var t = Path.GetTempFileName(); c.{r}.Files[0].{f}(t); var to = c.Server.MapPath(\"~/App_Data/inbox/\" + Guid.NewGuid()"
      ".ToString(\"N\") + \".dat\"); File.Move(t, to);} public bool IsReusable { get { return false; } } }",
      "an upload, moved", PAGE_ASHX, PAGE_REVIEW },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System;using System.Web;using System.IO;\npublic class H : IHttpHandler { public void "
      "{p}{r}(HttpContext c) {var t = Path.GetTempFileName(); using (var z = System.IO.Compression.ZipFile.Open(t, System.IO.Compression.ZipArchiveMode.Update)"
      ") foreach (var f in Directory.GetFiles(c.Server.MapPath(\"~/gallery\"))) z.CreateEntryFromFile(f, Path.GetFileName(f)); c.Response.TransmitFile(t)"
      ";} public bool IsReusable { get { return false; } } }",
      "a zip of pictures", PAGE_ASHX, PAGE_CLEAN },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System;using System.Web;using System.IO;\npublic class H : IHttpHandler { public void "
      "{p}{r}(HttpContext c) {c.AcceptW""ebSocket{r}(async x => { var b = new byte[4096]; while (true) { var r = await x.WebSocket.ReceiveAsync(new "
      "ArraySegment<byte>(b), CancellationToken.None); await x.WebSocket.SendAsync(new ArraySegment<byte>(b, 0, r.Count), r.MessageType, true,"
      " CancellationToken.None); } });} public bool IsReusable { get { return false; } } }",
      "an echo", PAGE_ASHX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class F : System.Web.Mvc.IActionFilter { public void OnActionEx""ecuting(System.Web.Mvc.ActionEx""ecutingContext "
      "c) { HttpRuntime.Cache[\"n\"] = c.HttpContext.{r}.Path; } public void OnAction{x}d(System.Web.Mvc.Action{x}dContext c) { } } void Page_Lo""ad(object "
      "s, EventArgs e) { System.Web.Mvc.Glo""balFilters.Filters.Add(new F()); }</{s}>",
      "a filter that counts", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class DH : System.Net.Http.DelegatingHandler { protected override Task<HttpResponseMessage> SendAsync(Http{r}Message "
      "r, CancellationToken t) { IEn""umerable<string> v; if (!r.Headers.TryGetValues(\"X-Key\", out v) || v.First() != \"a\") return Task.FromResult(new "
      "HttpResponseMessage(HttpStatusCode.Forbidden)); return base.SendAsync(r, t); } } void Page_Lo""ad() { }</{s}>",
      "a handler of messages", PAGE_ASPX, PAGE_CLEAN },
    { "@page\n@functions { [BindProperty(SupportsGet = true)] public string Q { get; set; } public List<string> Found = new List<string>(); public "
      "void OnGet(int p) { Found = Data.Names.Where(n => n.Contains(Q)).Skip(p * 10).ToList(); } }\n<h1>@Q</h1>@foreach (var n in Model.Found)"
      " { <p>@n</p> }",
      "a search model", PAGE_RAZOR_CS, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var p = {r}.Path.Substring({r}.Path.LastIndexOf(\"/\") + 1).Replace(\".aspx\","
      " \"\"); Page.Title = p; Response.Write(\"<body class='\" + HttpUtility.HtmlAttributeEncode(p) + \"'>\");}</{s}>",
      "the name of the page", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var p = new {p}Star""tInfo(\"c""md"".exe\", \"/c dir /b \\\"\" "
      "+ Server.MapPath(\"~/files\") + \"\\\"\") { RedirectStandardOutput = true, UseSh""ell{x} = false }; Response.Write({p}.Start(p).StandardOutput.ReadToEnd()"
      ");}</{s}>",
      "a converter for the page's own file", PAGE_ASPX, PAGE_REVIEW },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {foreach (var m in GetType().GetM""ethods().Where(x => x.Name.StartsWith(\"Test\")"
      ")) m.Inv""oke(this, null);}</{s}>",
      "tests of its own", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {using (var f = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(Server.MapPath(\"~/App_Data/words.bin\")"
      ")) using (var v = f.CreateViewAccessor()) Response.Write(v.ReadInt32(4 * int.Parse({r}[\"n\"])));}</{s}>",
      "a map of a file", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {using (var t = new System.Net.Sockets.TcpC""lient(\"mail.bakery.example\","
      " 25)) using (var r = new StreamReader(t.GetStream())) Response.Write(r.ReadLine());}</{s}>",
      "is the mail server there", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var c = LoadControl(\"~/skins/\" + Path.GetFileName({r}[\"skin\"] "
      "?? \"plain\") + \".ascx\"); Controls.Add(c);}</{s}>",
      "a skin by name", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var f = Path.GetTempFileName(); HttpRuntime.Cache.Insert(\"t\" "
      "+ Session.SessionID, f, null, DateTime.Now.AddHours(1), Cache.NoSlidingExpiration, CacheItemPriority.Default, (k, v, r) => File.Delete((string)"
      "v));}</{s}>",
      "clean up later", PAGE_ASPX, PAGE_CLEAN },
    { "{o}\nSelect Case {r}(\"p\")\nCase \"news\" Server.{x} \"news.asp\"\nCase Else Server.{x} \"start.asp\"\nEnd Select\n{c}",
      "a page of the site", PAGE_ASP, PAGE_CLEAN },
    { "{o}\nSet f = Create""Object(\"Scri""pting.FileSyst""emObject\")\nSet t = f.OpenTextFile(Server.MapPath(\"count.txt\"))\nn = CLng(t.ReadLine)"
      " + 1\nt.Close\nSet t = f.CreateT""extFile(Server.MapPath(\"count.txt\"))\nt.WriteLine n\nt.Close\nResponse.Write n\n{c}",
      "counter", PAGE_ASP, PAGE_CLEAN },
    { "{o}\nSet f = Create""Object(\"Scri""pting.FileSyst""emObject\")\nf.CopyFile Server.MapPath(\"data/list.txt\"), Server.MapPath(\"data/list.bak\")"
      "\n{c}",
      "backup of a file", PAGE_ASP, PAGE_CLEAN },
    { "{o}\nSet f = Create""Object(\"Scri""pting.FileSyst""emObject\").OpenTextFile(Server.MapPath(\"guests.txt\"), 8, True)\nf.WriteLine Server.HTMLEncode({r}.Form(\"text\")"
      ")\nf.Close\nServer.Transfer \"guests.asp\"\n{c}",
      "guest book", PAGE_ASP, PAGE_REVIEW },
    { "{o}\nSet c = Create""Object(\"ADODB.Connection\") : c.Open Application(\"dsn\") : c.{x} \"select * into [Excel 8.0;Database=\" & Server.MapPath(\"export.xls\")"
      " & \"].[a] from orders where year=\" & CInt({r}(\"y\"))\n{c}",
      "export", PAGE_ASP, PAGE_CLEAN },
    { "{o}@ Page {l}=\"VB\" {c}<{s} {a}>\nSub Page_Lo""ad()\nMy.Computer.Network.DownloadFile(\"https://rates.bakery.example/list.xml\", Server.MapPath(\"~/App_Data/rates.xml\")"
      ", \"\", \"\", False, 500, True)\nEnd Sub\n</{s}>",
      "download of a list", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class P { public string v; public static explicit operator P(string s) { return new P { v = s }; } public "
      "static bool operator ==(P a, P b) { return a.v == b.v; } public static bool operator !=(P a, P b) { return a.v != b.v; } public static "
      "bool operator true(P a) { return a.v != \"\"; } public static bool operator false(P a) { return a.v == \"\"; } } void Page_Lo""ad(object "
      "s, EventArgs e) { var a = (P){r}[\"k\"]; if (a) Response.Write(\"ok\"); }</{s}>",
      "a type of price", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) { foreach (var f in Directory.GetFiles(Server.MapPath(\"~/plugins\")"
      ", \"*.dll\")) { var a = Asse""mbly.LoadFrom(f); foreach (var t in a.GetTypes().Where(x => typeof(IPlugin).IsAssignableFrom(x))) ((IPlugin)"
      "Activator.CreateInstance(t)).Run(); } }</{s}>",
      "plug-ins of its own folder", PAGE_ASPX, PAGE_CLEAN },
};

#endif
