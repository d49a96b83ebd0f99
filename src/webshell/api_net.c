/* Other machines: sockets, web requests, mail. */
#include "webshell/api_table.h"

static const struct api_member socket_m[] = {
    { "Accept", API_PASS, SINK_NONE, "", MARK_NETWORK, "Socket" }, CLEAN("Available"), USE("BeginConnect", SINK_CONNECT, "hhf"),
    USE_GIVES("BeginReceive", SINK_RECEIVE, "r", MARK_NETWORK, NULL), USE("BeginSend", SINK_SEND, "d"), USE("Bind", SINK_CONNECT, "h"),
    CLEAN("Blocking"), FIELD_GIVES("Client", "", "Socket"), CLEAN("Close"), USE("Connect", SINK_CONNECT, "hh"),
    USE("ConnectAsync", SINK_CONNECT, "hh"), CLEAN("Connected"), CLEAN("Dispose"), CLEAN("EndConnect"), FIELD_GIVES("GetStream", "", "NetworkStream"),
    USE("IOControl", SINK_RECEIVE, "t"), USE("Listen", SINK_CONNECT, "-"), USE("new", SINK_CONNECT, "hh"), CLEAN("NoDelay"), CLEAN("Poll"),
    USE_GIVES("Receive", SINK_RECEIVE, "r", MARK_NETWORK, NULL), USE_GIVES("ReceiveAsync", SINK_RECEIVE, "r", MARK_NETWORK, NULL),
    CLEAN("ReceiveBufferSize"), USE_GIVES("ReceiveFrom", SINK_RECEIVE, "r", MARK_NETWORK, NULL), CLEAN("ReceiveTimeout"), USE("Send", SINK_SEND, "d"),
    USE("SendAsync", SINK_SEND, "d"), CLEAN("SendBufferSize"), USE("SendFile", SINK_SEND, "p"), CLEAN("SendTimeout"), USE("SendTo", SINK_SEND, "d-h"),
    CLEAN("SetSocketOption"), CLEAN("Shutdown"),
};
CLASS(socket, "Socket", NULL, socket_m);
static const struct api_member tcp_listener_m[] = {
    { "AcceptSocket", API_PASS, SINK_NONE, "", MARK_NETWORK, "Socket" }, { "AcceptTcpClient", API_PASS, SINK_NONE, "", MARK_NETWORK, "Socket" },
    EVENT("BeginAcceptTcpClient", "f"), FIELD("new", "h"), CLEAN("Pending"), USE("Start", SINK_CONNECT, ""), CLEAN("Stop"),
};
CLASS(tcp_listener, "TcpListener", NULL, tcp_listener_m);
static const struct api_member network_stream_m[] = {
    USE("AuthenticateAsClient", SINK_CONNECT, "h"), { "CopyTo", API_SINK, SINK_WRITE, "w", MARK_NETWORK, NULL },
    { "CopyToAsync", API_SINK, SINK_WRITE, "w", MARK_NETWORK, NULL }, CLEAN("DataAvailable"), FIELD("new", "h"),
    USE_GIVES("Read", SINK_RECEIVE, "r", MARK_NETWORK, NULL), USE_GIVES("ReadAsync", SINK_RECEIVE, "r", MARK_NETWORK, NULL),
    USE_GIVES("ReadByte", SINK_RECEIVE, "", MARK_NETWORK, NULL), USE("Write", SINK_SEND, "d"), USE("WriteAsync", SINK_SEND, "d"),
    USE("WriteByte", SINK_SEND, "d"),
};
CLASS_MARKED(network_stream, "NetworkStream", "Stream", network_stream_m, MARK_NETWORK);
static const struct api_member endpoint_m[] = { TEXT("Address"), PASS("Any", 0, NULL), FIELD("new", "hh"), CLEAN("Port") };
CLASS(ip_endpoint, "IPEndPoint", NULL, endpoint_m);
static const struct api_member dns_m[] = {
    PASS("GetHostAddresses", MARK_SYSTEM, "IPAddress"), PASS("GetHostByName", MARK_SYSTEM, "IPAddress"),
    PASS("GetHostEntry", MARK_SYSTEM, "IPAddress"), PASS("GetHostName", MARK_SYSTEM, NULL), PASS("Resolve", MARK_SYSTEM, "IPAddress"),
};
CLASS(dns, "Dns", NULL, dns_m);
static const struct api_member ip_m[] = {
    SAME("AddressList"), CLEAN("Any"), TEXT("HostName"), SAME("item"), CLEAN("Loopback"), FIELD("Parse", "h"), TEXT("ToString"),
    { "TryParse", API_FIELD, SINK_NONE, "hr", 0, NULL },
};
CLASS(ip_address, "IPAddress", NULL, ip_m);

static const struct api_member web_client_m[] = {
    FIELD("BaseAddress", "h"), FIELD("Credentials", "u"), CLEAN("Dispose"), USE_GIVES("DownloadData", SINK_CONNECT, "h", MARK_NETWORK, NULL),
    USE_GIVES("DownloadDataTaskAsync", SINK_CONNECT, "h", MARK_NETWORK, NULL), { "DownloadFile", API_SINK, SINK_WRITE, "hp", MARK_NETWORK, NULL },
    { "DownloadFileAsync", API_SINK, SINK_WRITE, "hp", MARK_NETWORK, NULL },
    { "DownloadFileTaskAsync", API_SINK, SINK_WRITE, "hp", MARK_NETWORK, NULL }, USE_GIVES("DownloadString", SINK_CONNECT, "h", MARK_NETWORK, NULL),
    USE_GIVES("DownloadStringTaskAsync", SINK_CONNECT, "h", MARK_NETWORK, NULL), CLEAN("Encoding"), FIELD("Headers", "a"),
    USE_GIVES("OpenRead", SINK_CONNECT, "h", MARK_NETWORK, "Stream"), USE_GIVES("OpenWrite", SINK_CONNECT, "h", 0, "NetworkStream"), CLEAN("Proxy"),
    FIELD("QueryString", "a"), CLEAN("ResponseHeaders"), USE_GIVES("UploadData", SINK_SEND, "hd", MARK_NETWORK, NULL),
    USE_GIVES("UploadFile", SINK_SEND, "hp", MARK_NETWORK, NULL), USE_GIVES("UploadString", SINK_SEND, "hd", MARK_NETWORK, NULL),
    USE_GIVES("UploadValues", SINK_SEND, "hd", MARK_NETWORK, NULL),
};
CLASS(web_client, "WebClient", NULL, web_client_m);
static const struct api_member http_client_m[] = {
    FIELD("BaseAddress", "h"), FIELD("DefaultRequestHeaders", "a"), USE_GIVES("DeleteAsync", SINK_CONNECT, "h", MARK_NETWORK, "WebResponse"),
    USE_GIVES("GetAsync", SINK_CONNECT, "h", MARK_NETWORK, "WebResponse"), USE_GIVES("GetByteArrayAsync", SINK_CONNECT, "h", MARK_NETWORK, NULL),
    USE_GIVES("GetStreamAsync", SINK_CONNECT, "h", MARK_NETWORK, "Stream"), USE_GIVES("GetStringAsync", SINK_CONNECT, "h", MARK_NETWORK, NULL),
    FIELD("new", "-"), USE_GIVES("PostAsync", SINK_SEND, "hd", MARK_NETWORK, "WebResponse"),
    USE_GIVES("PutAsync", SINK_SEND, "hd", MARK_NETWORK, "WebResponse"), USE_GIVES("SendAsync", SINK_CONNECT, "h", MARK_NETWORK, "WebResponse"),
    CLEAN("Timeout"),
};
CLASS(http_client, "HttpClient", NULL, http_client_m);
static const struct api_member http_message_m[] = {
    FIELD("Content", "d"), FIELD("Headers", "a"), FIELD("Method", "-"), FIELD("new", "-h"), FIELD("RequestUri", "h"),
};
CLASS(http_message, "HttpRequestMessage", NULL, http_message_m);
static const struct api_member web_request_m[] = {
    CLEAN("Accept"), CLEAN("AllowAutoRedirect"), EVENT("BeginGetResponse", "f"), CLEAN("ContentLength"), CLEAN("ContentType"),
    CLEAN("CookieContainer"), FIELD_GIVES("Create", "h", "WebRequest"), FIELD_GIVES("CreateDefault", "h", "WebRequest"),
    FIELD_GIVES("CreateHttp", "h", "WebRequest"), FIELD("Credentials", "u"),
    USE_GIVES("EndGetResponse", SINK_CONNECT, "", MARK_NETWORK, "WebResponse"), FIELD_GIVES("GetRequestStream", "", "NetworkStream"),
    USE_GIVES("GetResponse", SINK_CONNECT, "", MARK_NETWORK, "WebResponse"),
    USE_GIVES("GetResponseAsync", SINK_CONNECT, "", MARK_NETWORK, "WebResponse"), FIELD("Headers", "a"), CLEAN("KeepAlive"), FIELD("Method", "-"),
    CLEAN("Proxy"), CLEAN("Referer"), CLEAN("ServicePoint"), CLEAN("Timeout"), CLEAN("UseDefaultCredentials"), CLEAN("UserAgent"),
};
CLASS(web_request, "WebRequest", NULL, web_request_m);
static const struct api_member web_response_m[] = {
    CLEAN("Close"), SOURCE("Content", "", MARK_NETWORK, "WebResponse"), CLEAN("ContentLength"), SOURCE("ContentType", "", MARK_NETWORK, NULL),
    SOURCE("Cookies", "", MARK_NETWORK, NULL), SOURCE("GetResponseStream", "", MARK_NETWORK, "Stream"), SOURCE("Headers", "", MARK_NETWORK, NULL),
    CLEAN("IsSuccessStatusCode"), SOURCE("ReadAsByteArrayAsync", "", MARK_NETWORK, NULL), SOURCE("ReadAsStreamAsync", "", MARK_NETWORK, "Stream"),
    SOURCE("ReadAsStringAsync", "", MARK_NETWORK, NULL), GIVES("Result", "WebResponse"), CLEAN("StatusCode"), CLEAN("StatusDescription"),
};
CLASS_MARKED(web_response, "WebResponse", NULL, web_response_m, MARK_NETWORK);
static const struct api_member smtp_m[] = {
    FIELD("Credentials", "u"), CLEAN("EnableSsl"), FIELD("Host", "h"), FIELD("new", "h"), CLEAN("Port"), USE("Send", SINK_SEND, "d*"),
    USE("SendAsync", SINK_SEND, "d*"), USE("SendMailAsync", SINK_SEND, "d*"), FIELD("SmtpServer", "h"),
};
CLASS(smtp, "SmtpClient", NULL, smtp_m);
static const struct api_member mail_message_m[] = {
    FIELD("Attachments", "d"), FIELD("Body", "d"), FIELD("From", "-"), CLEAN("IsBodyHtml"), CLEAN("Priority"), FIELD("Subject", "d"),
    FIELD("To", "-"),
};
CLASS(mail_message, "MailMessage", NULL, mail_message_m);
static const struct api_member attachment_m[] = { USE("new", SINK_READ, "p") };
CLASS(attachment, "Attachment", NULL, attachment_m);
static const struct api_member pipe_m[] = {
    USE("Connect", SINK_CONNECT, ""), { "CopyTo", API_SINK, SINK_WRITE, "w", MARK_NETWORK, NULL }, FIELD("new", "-h"),
    USE_GIVES("Read", SINK_RECEIVE, "r", MARK_NETWORK, NULL), USE("WaitForConnection", SINK_CONNECT, ""), USE("Write", SINK_SEND, "d"),
};
CLASS_MARKED(named_pipe, "NamedPipeClientStream", "Stream", pipe_m, MARK_NETWORK);
static const struct api_member vb_network_m[] = { { "DownloadFile", API_SINK, SINK_WRITE, "hp", MARK_NETWORK, NULL }, USE("UploadFile", SINK_SEND, "ph") };
CLASS(vb_network, "Network", NULL, vb_network_m);
static const struct api_member network_m[] = {
    PASS("DomainName", MARK_SYSTEM, NULL), PASS("GetActiveTcpConnections", MARK_SYSTEM, NULL), PASS("GetActiveTcpListeners", MARK_SYSTEM, NULL),
    PASS("GetAllNetworkInterfaces", MARK_SYSTEM, NULL), PASS("GetIPGlobalProperties", MARK_SYSTEM, "IPGlobalProperties"),
    PASS("HostName", MARK_SYSTEM, NULL),
};
CLASS_MARKED(network_facts, "IPGlobalProperties", NULL, network_m, MARK_SYSTEM);
static const struct api_member ping_m[] = { USE("Send", SINK_CONNECT, "h"), USE("SendPingAsync", SINK_CONNECT, "h") };
CLASS(ping, "Ping", NULL, ping_m);
