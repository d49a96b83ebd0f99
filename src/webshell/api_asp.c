/* The objects of a page: ASP's own and those of System.Web. */
#include "webshell/api_table.h"

/* ---- the request ---- */
static const struct api_member request_m[] = {
    CLEAN("Abort"), SOURCE("AcceptTypes", "", MARK_REQUEST, NULL), SOURCE("AnonymousID", "", MARK_IDENTITY, NULL),
    SOURCE("ApplicationPath", "", MARK_IDENTITY, NULL), SOURCE("AppRelativeCurrentExecutionFilePath", "", MARK_IDENTITY, NULL),
    SOURCE("BinaryRead", "", MARK_REQUEST, NULL), SOURCE("Body", "", MARK_REQUEST, "Stream"), SOURCE("BodyReader", "", MARK_REQUEST, NULL),
    SOURCE("Browser", "", MARK_IDENTITY, "RequestFacts"), SOURCE("ClientCertificate", "k", MARK_IDENTITY, NULL),
    SOURCE("Content", "", MARK_REQUEST, NULL),
    SOURCE("ContentEncoding", "", 0, "Encoding"), CLEAN("ContentLength"), CLEAN("ContentLength64"), SOURCE("ContentType", "", MARK_REQUEST, NULL),
    SOURCE("Cookies", "k", MARK_REQUEST, "RequestCookies"), SOURCE("CurrentExecutionFilePath", "", MARK_IDENTITY, NULL),
    SOURCE("CurrentExecutionFilePathExtension", "", MARK_IDENTITY, NULL), SOURCE("FilePath", "", MARK_IDENTITY, NULL),
    SOURCE("Files", "k", MARK_UPLOAD, "HttpFileCollection"), SOURCE("Filter", "", MARK_REQUEST, "Stream"),
    SOURCE("Form", "k", MARK_REQUEST, "RequestItems"), SOURCE("GetBufferedInputStream", "", MARK_REQUEST, "Stream"),
    SOURCE("GetBufferlessInputStream", "", MARK_REQUEST, "Stream"), CLEAN("HasEntityBody"), CLEAN("HasFormContentType"), CLEAN("HasKeysPressed"),
    SOURCE("HeaderNames", "", MARK_REQUEST, NULL), SOURCE("Headers", "k", MARK_REQUEST, "RequestItems"), SOURCE("Host", "", MARK_IDENTITY, NULL),
    SOURCE("HttpMethod", "", MARK_IDENTITY, NULL), SOURCE("InputStream", "", MARK_REQUEST, "Stream"), CLEAN("IsAuthenticated"), CLEAN("IsLocal"),
    CLEAN("IsSecureConnection"), CLEAN("IsWebSocketRequest"), SOURCE("item", "k", MARK_REQUEST, NULL), CLEAN("KeepAlive"),
    SOURCE("LogonUserIdentity", "", MARK_IDENTITY, "WindowsIdentity"), NUMBER("MapImageCoordinates"), TEXT("MapPath"),
    SOURCE("Method", "", MARK_IDENTITY, NULL), SOURCE("Params", "k", MARK_REQUEST, "RequestItems"), SOURCE("Path", "", MARK_IDENTITY, NULL),
    SOURCE("PathBase", "", MARK_IDENTITY, NULL), SOURCE("PathInfo", "", MARK_REQUEST, NULL),
    SOURCE("PhysicalApplicationPath", "", MARK_IDENTITY, NULL), SOURCE("PhysicalPath", "", MARK_IDENTITY, NULL),
    SOURCE("Query", "k", MARK_REQUEST, "RequestItems"), SOURCE("QueryString", "k", MARK_REQUEST, "RequestItems"),
    SOURCE("QueryStringEncoding", "", 0, NULL), SOURCE("RawUrl", "", MARK_REQUEST, NULL), SOURCE("RemoteEndPoint", "", MARK_IDENTITY, NULL),
    GIVES("RequestContext", "Context"), SOURCE("RequestType", "", MARK_IDENTITY, NULL), SOURCE("RequestUri", "", MARK_IDENTITY, "RequestUri"), SOURCE("RouteValues", "k", MARK_REQUEST, "RequestItems"),
    USE_GIVES("SaveAs", SINK_WRITE, "p", MARK_REQUEST, NULL), SOURCE("Scheme", "", MARK_IDENTITY, NULL),
    SOURCE("ServerVariables", "k", MARK_REQUEST | MARK_IDENTITY, "ServerVariables"), CLEAN("TimedOutToken"), CLEAN("TotalBytes"),
    GIVES("Unvalidated", "Request"), SOURCE("Url", "", MARK_IDENTITY, "RequestUri"), SOURCE("UrlReferrer", "", MARK_REQUEST, "RequestUri"),
    SOURCE("UserAgent", "", MARK_REQUEST, NULL), SOURCE("UserHostAddress", "", MARK_IDENTITY, NULL), SOURCE("UserHostName", "", MARK_IDENTITY, NULL),
    SOURCE("UserLanguages", "", MARK_REQUEST, NULL), CLEAN("ValidateInput"),
};
CLASS(request, "Request", NULL, request_m);

static const struct api_member items_m[] = {
    SOURCE("AllKeys", "", MARK_REQUEST, NULL), CLEAN("ContainsKey"), CLEAN("Count"), SOURCE("Get", "k", MARK_REQUEST, NULL),
    SOURCE("GetKey", "", MARK_REQUEST, NULL), SOURCE("GetValues", "k", MARK_REQUEST, NULL), CLEAN("HasKeys"),
    SOURCE("item", "k", MARK_REQUEST, "RequestItem"), SOURCE("Key", "", MARK_REQUEST, NULL), SOURCE("Keys", "", MARK_REQUEST, NULL),
    SOURCE("ToString", "", MARK_REQUEST, NULL), SOURCE("TryGetValue", "kr", MARK_REQUEST, NULL), SOURCE("TryGetValues", "kr", MARK_REQUEST, NULL), SOURCE("Values", "", MARK_REQUEST, NULL),
};
CLASS_MARKED(request_items, "RequestItems", NULL, items_m, MARK_REQUEST);
static const struct api_member request_item_m[] = { CLEAN("Count"), SOURCE("item", "-", MARK_REQUEST, NULL) };
CLASS(request_item, "RequestItem", NULL, request_item_m);

static const struct api_member variables_m[] = {
    CLEAN("Count"), SOURCE("Get", "k", MARK_REQUEST | MARK_IDENTITY, NULL), SOURCE("item", "k", MARK_REQUEST | MARK_IDENTITY, NULL),
};
CLASS(server_variables, "ServerVariables", NULL, variables_m);

static const struct api_member cookies_m[] = {
    SOURCE("AllKeys", "", MARK_REQUEST, NULL), CLEAN("Count"), SOURCE("Get", "k", MARK_REQUEST, "HttpCookie"),
    SOURCE("item", "k", MARK_REQUEST, "HttpCookie"), SOURCE("Keys", "", MARK_REQUEST, NULL),
};
CLASS(request_cookies, "RequestCookies", NULL, cookies_m);
static const struct api_member cookie_m[] = {
    CLEAN("Domain"), CLEAN("Expires"), CLEAN("HasKeys"), CLEAN("HttpOnly"), SOURCE("item", "k", 0, NULL), TEXT("Name"), FIELD("new", "kv"),
    CLEAN("Path"), CLEAN("Secure"), TEXT("Value"), TEXT("Values"),
};
CLASS(cookie, "HttpCookie", NULL, cookie_m);

static const struct api_member uri_m[] = {
    PASS("AbsolutePath", MARK_IDENTITY, NULL), SOURCE("AbsoluteUri", "", MARK_REQUEST, NULL), PASS("Authority", MARK_IDENTITY, NULL),
    SOURCE("Fragment", "", MARK_REQUEST, NULL), PASS("GetLeftPart", MARK_IDENTITY, NULL), PASS("Host", MARK_IDENTITY, NULL), CLEAN("IsDefaultPort"),
    PASS("LocalPath", MARK_IDENTITY, NULL), SOURCE("OriginalString", "", MARK_REQUEST, NULL), SOURCE("PathAndQuery", "", MARK_REQUEST, NULL),
    CLEAN("Port"), SOURCE("Query", "", MARK_REQUEST, NULL), CLEAN("Scheme"), SOURCE("Segments", "", MARK_REQUEST, NULL),
    PASS("ToString", MARK_IDENTITY, NULL),
};
CLASS_MARKED(request_uri, "RequestUri", NULL, uri_m, MARK_IDENTITY);
CLASS_BARE(request_facts, "RequestFacts", NULL, MARK_IDENTITY);

static const struct api_member files_m[] = {
    SOURCE("AllKeys", "", MARK_REQUEST, NULL), CLEAN("Count"), SOURCE("Get", "k", MARK_UPLOAD, "HttpPostedFile"),
    SOURCE("GetFile", "k", MARK_UPLOAD, "HttpPostedFile"), SOURCE("GetMultiple", "k", MARK_UPLOAD, "HttpPostedFile"),
    SOURCE("item", "k", MARK_UPLOAD, "HttpPostedFile"), SOURCE("Keys", "", MARK_REQUEST, NULL),
};
CLASS_MARKED(posted_files, "HttpFileCollection", NULL, files_m, MARK_UPLOAD);
static const struct api_member posted_m[] = {
    CLEAN("ContentLength"), SOURCE("ContentType", "", MARK_REQUEST, NULL), { "CopyTo", API_SINK, SINK_WRITE, "w", MARK_UPLOAD, NULL },
    { "CopyToAsync", API_SINK, SINK_WRITE, "w", MARK_UPLOAD, NULL }, CLEAN("Enabled"), SOURCE("FileBytes", "", MARK_UPLOAD, NULL),
    SOURCE("FileContent", "", MARK_UPLOAD, "Stream"), SOURCE("FileName", "", MARK_FILE_NAME, NULL), CLEAN("HasFile"), CLEAN("HasFiles"),
    SOURCE("InputStream", "", MARK_UPLOAD, "Stream"), CLEAN("Length"), USE_GIVES("MoveTo", SINK_WRITE, "p", MARK_UPLOAD, NULL),
    SOURCE("OpenReadStream", "", MARK_UPLOAD, "Stream"), SOURCE("PostedFile", "", MARK_UPLOAD, "HttpPostedFile"),
    SOURCE("PostedFiles", "", MARK_UPLOAD, "HttpFileCollection"), USE_GIVES("SaveAs", SINK_WRITE, "p", MARK_UPLOAD, NULL), CLEAN("Size"),
    SOURCE("Value", "", MARK_FILE_NAME, NULL), CLEAN("Visible"),
};
CLASS_MARKED(posted_file, "HttpPostedFile", NULL, posted_m, MARK_UPLOAD);

/* ---- the response ---- */
static const struct api_member response_m[] = {
    USE("AddHeader", SINK_RESPOND, "-o"), USE("AppendCookie", SINK_RESPOND, "o"), USE("AppendHeader", SINK_RESPOND, "-o"), CLEAN("AppendToLog"),
    CLEAN("ApplyAppPathModifier"), USE("BinaryWrite", SINK_RESPOND, "o"), GIVES("Body", "ResponseStream"), CLEAN("Buffer"), CLEAN("BufferOutput"),
    GIVES("Cache", "ResponseItems"), CLEAN("CacheControl"), CLEAN("Charset"), CLEAN("Clear"), CLEAN("ClearContent"), CLEAN("ClearHeaders"),
    CLEAN("Close"), CLEAN("CodePage"), CLEAN("ContentEncoding"), CLEAN("ContentType"), GIVES("Cookies", "ResponseItems"), CLEAN("End"),
    CLEAN("Expires"), CLEAN("ExpiresAbsolute"), GIVES("Filter", "Stream"), CLEAN("Flush"), GIVES("Headers", "ResponseItems"),
    CLEAN("IsClientConnected"), CLEAN("LCID"), GIVES("Output", "ResponseStream"), GIVES("OutputStream", "ResponseStream"), CLEAN("PICS"),
    CLEAN("Redirect"), CLEAN("RedirectLocation"), CLEAN("RedirectPermanent"), CLEAN("RedirectToRoute"), USE("SendFileAsync", SINK_READ, "p"),
    USE("SetCookie", SINK_RESPOND, "o"), CLEAN("Status"), CLEAN("StatusCode"), CLEAN("StatusDescription"), CLEAN("SuppressContent"),
    USE("TransmitFile", SINK_READ, "p"), CLEAN("TrySkipIisCustomErrors"), USE("Write", SINK_RESPOND, "o*"), USE("WriteAsync", SINK_RESPOND, "o"),
    USE("WriteFile", SINK_READ, "p"), USE("WriteLine", SINK_RESPOND, "o"),
};
CLASS(response, "Response", NULL, response_m);
static const struct api_member response_stream_m[] = {
    CLEAN("Close"), CLEAN("Flush"), USE("Write", SINK_RESPOND, "o*"), USE("WriteAsync", SINK_RESPOND, "o"), USE("WriteByte", SINK_RESPOND, "o"),
    USE("WriteLine", SINK_RESPOND, "o*"),
};
CLASS(response_stream, "ResponseStream", NULL, response_stream_m);
static const struct api_member response_items_m[] = {
    USE("Add", SINK_RESPOND, "-o"), USE("Append", SINK_RESPOND, "-o"), USE("item", SINK_RESPOND, "-o"), USE("Set", SINK_RESPOND, "-o"),
};
CLASS(response_items, "ResponseItems", NULL, response_items_m);

/* ---- Server, Session, Application, Cache, Context ---- */
static const struct api_member server_m[] = {
    CLEAN("ClearError"), MAKE("CreateObject", "t"), MAKE("CreateObjectFromClsid", "t"), USE("Execute", SINK_INCLUDE, "p"), CLEAN("GetLastError"),
    TEXT("HtmlDecode"), TEXT("HTMLEncode"), PASS("MachineName", MARK_SYSTEM, NULL), TEXT("MapPath"), CLEAN("ScriptTimeout"),
    USE("Transfer", SINK_INCLUDE, "p"), USE("TransferRequest", SINK_INCLUDE, "p"), TEXT("UrlDecode"), TEXT("URLEncode"), TEXT("UrlPathEncode"),
    TEXT("UrlTokenDecode"), TEXT("UrlTokenEncode"),
};
CLASS(server, "Server", NULL, server_m);

static const struct api_member session_m[] = {
    CLEAN("Abandon"), USE("Add", SINK_STORE, "sv"), CLEAN("Clear"), CLEAN("CodePage"), STORED("Contents", "sv"), CLEAN("Count"), STORED("Get", "s"),
    STORED("GetString", "s"), CLEAN("IsNewSession"), STORED("item", "sv"), CLEAN("LCID"), CLEAN("Lock"), CLEAN("Mode"), CLEAN("Remove"),
    CLEAN("RemoveAll"), CLEAN("SessionID"), USE("Set", SINK_STORE, "sv"), USE("SetString", SINK_STORE, "sv"), STORED("StaticObjects", "s"),
    CLEAN("Timeout"), CLEAN("UnLock"), STORED("Value", "sv"),
};
CLASS(session, "Session", NULL, session_m);
CLASS_BARE(application, "Application", "Session", 0);
static const struct api_member cache_m[] = {
    USE("Add", SINK_STORE, "sv"), CLEAN("Count"), STORED("Get", "s"), USE("Insert", SINK_STORE, "sv"), STORED("item", "sv"), CLEAN("Remove"),
    USE("Set", SINK_STORE, "sv"),
};
CLASS(cache, "Cache", NULL, cache_m);
CLASS_BARE(view_state, "ViewState", "Cache", 0);

static const struct api_member context_m[] = {
    { "AcceptWebSocketAsync", API_PASS, SINK_NONE, "", 0, "Context" }, EVENT("AcceptWebSocketRequest", "f"), GIVES("Application", "Application"),
    GIVES("ApplicationInstance", "HttpApplication"), GIVES("Cache", "Cache"), GIVES("Current", "Context"), GIVES("CurrentHandler", "Page"),
    SOURCE("GetSection", "", 0, NULL), GIVES("Handler", "Page"), GIVES("HttpContext", "Context"), CLEAN("IsDebuggingEnabled"),
    CLEAN("IsWebSocketRequest"), STORED("Items", "sv"), GIVES("Request", "Request"), GIVES("Response", "Response"), CLEAN("RewritePath"),
    GIVES("Server", "Server"), GIVES("Session", "Session"), CLEAN("Timestamp"), GIVES("User", "User"), GIVES("WebSocket", "WebSocket"),
    GIVES("WebSockets", "Context"),
};
CLASS(context, "Context", NULL, context_m);

/* Services of WCF. */
static const struct api_member operation_m[] = {
    GIVES("Current", "OperationContext"), SOURCE("IncomingMessageHeaders", "", MARK_REQUEST, NULL), SOURCE("IncomingMessageProperties", "", MARK_REQUEST, NULL),
    GIVES("IncomingRequest", "Request"), GIVES("OutgoingResponse", "Response"), GIVES("RequestContext", "OperationContext"), SOURCE("RequestMessage", "", MARK_REQUEST, NULL),
};
CLASS(operation, "OperationContext", NULL, operation_m);

static const struct api_member user_m[] = {
    CLEAN("AuthenticationType"), PASS("Identity", MARK_IDENTITY, "User"), CLEAN("IsAuthenticated"), CLEAN("IsInRole"),
    PASS("Name", MARK_IDENTITY, NULL),
};
CLASS_MARKED(user, "User", NULL, user_m, MARK_IDENTITY);

static const struct api_member listener_m[] = {
    EVENT("BeginGetContext", "f"), GIVES("EndGetContext", "Context"), GIVES("GetContext", "Context"), GIVES("GetContextAsync", "Context"),
    CLEAN("IsListening"), FIELD("Prefixes", "h"), USE("Start", SINK_CONNECT, ""),
};
CLASS(http_listener, "HttpListener", NULL, listener_m);
static const struct api_member websocket_m[] = {
    CLEAN("CloseAsync"), { "ReceiveAsync", API_SOURCE, SINK_NONE, "r", MARK_REQUEST, NULL }, USE("SendAsync", SINK_RESPOND, "o"), CLEAN("State"),
};
CLASS(websocket, "WebSocket", NULL, websocket_m);

/* ---- the page and its controls ---- */
static const struct api_member control_m[] = {
    CLEAN("ClientID"), GIVES("Context", "Context"), GIVES("Controls", "Control"), CLEAN("CssClass"), CLEAN("DataBind"), CLEAN("Enabled"),
    CLEAN("EnableViewState"), GIVES("FindControl", "Control"), CLEAN("ID"), USE_GIVES("LoadControl", SINK_INCLUDE, "p", 0, "Control"),
    GIVES("NamingContainer", "Control"), GIVES("Page", "Page"), GIVES("Parent", "Control"), CLEAN("RenderControl"), CLEAN("UniqueID"),
    GIVES("ViewState", "ViewState"), CLEAN("Visible"),
};
CLASS(control, "Control", NULL, control_m);

static const struct api_member page_m[] = {
    GIVES("Application", "Application"), PASS("Bind", MARK_DATABASE, NULL), GIVES("Cache", "Cache"), CLEAN("Cells"), CLEAN("ClientQueryString"),
    CLEAN("ClientScript"), GIVES("Context", "Context"), CLEAN("ErrorPage"), PASS("Eval", MARK_DATABASE, NULL), GIVES("HttpContext", "Context"),
    CLEAN("IsAjax"), CLEAN("IsCallback"), CLEAN("IsPost"), CLEAN("IsPostBack"), CLEAN("IsValid"), CLEAN("Items"),
    USE_GIVES("LoadTemplate", SINK_INCLUDE, "p", 0, "Control"), TEXT("MapPath"), CLEAN("Master"), GIVES("Page", "Page"),
    SOURCE("PageData", "", 0, NULL), { "ParseControl", API_SINK, SINK_CODE, "c", 0, "Control" },
    { "ParseTemplate", API_SINK, SINK_CODE, "c", 0, "Control" }, GIVES("PreviousPage", "Page"), SOURCE("RaisePostBackEvent", "", 0, NULL),
    EVENT("RegisterAsyncTask", "f"), GIVES("RenderPage", "Page"), GIVES("Request", "Request"), LIMITED("ResolveClientUrl", MARKS_ALL),
    LIMITED("ResolveUrl", MARKS_ALL), GIVES("Response", "Response"), SOURCE("RouteData", "", MARK_REQUEST, "RequestItems"), GIVES("Server", "Server"),
    GIVES("Session", "Session"), CLEAN("Theme"), CLEAN("Title"), SOURCE("UrlData", "k", MARK_REQUEST, "RequestItems"), GIVES("User", "User"),
    CLEAN("Validate"), GIVES("ViewState", "ViewState"), PASS("XPath", MARK_DATABASE, NULL),
};
CLASS(page, "Page", "Control", page_m);

static const struct api_member input_m[] = {
    SOURCE("InnerHtml", "", 0, NULL), SOURCE("InnerText", "", 0, NULL), SOURCE("Text", "", MARK_REQUEST, NULL),
    SOURCE("Value", "", MARK_REQUEST, NULL),
};
CLASS(text_box, "TextBox", "Control", input_m);
static const struct api_member choice_m[] = {
    GIVES("Items", "ListControl"), CLEAN("SelectedIndex"), PASS("SelectedItem", MARK_REQUEST, "ListControl"),
    SOURCE("SelectedValue", "", MARK_REQUEST, NULL), SOURCE("Text", "", MARK_REQUEST, NULL), SOURCE("Value", "", MARK_REQUEST, NULL),
};
CLASS(list_control, "ListControl", "Control", choice_m);
static const struct api_member output_m[] = {
    USE("DataSource", SINK_RESPOND, "o"), USE("InnerHtml", SINK_RESPOND, "o"), USE("InnerText", SINK_RESPOND, "o"), USE("Text", SINK_RESPOND, "o"),
};
CLASS(label, "Label", "Control", output_m);
static const struct api_member argument_m[] = {
    SOURCE("Argument", "", MARK_REQUEST, NULL), SOURCE("CommandArgument", "", MARK_REQUEST, NULL), SOURCE("CommandName", "", MARK_REQUEST, NULL),
    SOURCE("Value", "", MARK_REQUEST, NULL),
};
CLASS(event_args, "CommandEventArgs", NULL, argument_m);

static const struct api_member hosting_m[] = {
    SOURCE("ApplicationPhysicalPath", "", MARK_IDENTITY, NULL), SOURCE("ApplicationVirtualPath", "", MARK_IDENTITY, NULL),
    USE("Impersonate", SINK_ACCOUNT, ""), CLEAN("IsHosted"), TEXT("MapPath"), EVENT("QueueBackgroundWorkItem", "f"),
    USE("RegisterVirtualPathProvider", SINK_LOAD, "b"),
    USE("RegisterVirtualPathProviderInternal", SINK_LOAD, "b"), CLEAN("SiteName"), GIVES("VirtualPathProvider", "VirtualPathProvider"),
};
CLASS(hosting, "HostingEnvironment", NULL, hosting_m);
static const struct api_member runtime_m[] = {
    SOURCE("AppDomainAppPath", "", MARK_IDENTITY, NULL), SOURCE("AppDomainAppVirtualPath", "", MARK_IDENTITY, NULL),
    PASS("AspInstallDirectory", MARK_SYSTEM, NULL), PASS("BinDirectory", MARK_SYSTEM, NULL), GIVES("Cache", "Cache"),
    PASS("MachineConfigurationDirectory", MARK_SYSTEM, NULL), EVENT("ProcessRequest", "-"), PASS("s_autogenKeys", MARK_SECRET, NULL), CLEAN("UnloadAppDomain"),
};
CLASS(http_runtime, "HttpRuntime", NULL, runtime_m);
static const struct api_member build_m[] = {
    USE("AddReferencedAssembly", SINK_LOAD, "b"), USE("CreateInstanceFromVirtualPath", SINK_INCLUDE, "p"),
    USE("GetCompiledAssembly", SINK_INCLUDE, "p"), USE("GetCompiledType", SINK_INCLUDE, "p"), MAKE("GetType", "t"),
};
static const struct api_member provider_m[] = {
    CLEAN("DirectoryExists"), CLEAN("FileExists"), USE_GIVES("GetFile", SINK_READ, "p", MARK_FILE, "Stream"), FIELD_GIVES("Open", "", "StreamReader"),
    FIELD_GIVES("OpenFile", "p", "StreamReader"),
};
CLASS(path_provider, "VirtualPathProvider", NULL, provider_m);
CLASS(build_manager, "BuildManager", NULL, build_m);
