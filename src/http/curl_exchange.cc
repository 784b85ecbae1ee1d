#include "http/curl_exchange.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

namespace ghstats::http {

namespace {

constexpr std::size_t kMaxHeaderBytes = 256UL << 10U;
constexpr std::size_t kBodyPadding = 64;

ErrorCode code_of(CURLcode code) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return ErrorCode::kTimeout;
    case CURLE_URL_MALFORMAT:
      return ErrorCode::kInvalidArgument;
    case CURLE_UNSUPPORTED_PROTOCOL:  // HTTP/0.9: not HTTP as we know it
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR:
      return ErrorCode::kInvalidData;
    case CURLE_FAILED_INIT:
    case CURLE_OUT_OF_MEMORY:
    case CURLE_BAD_FUNCTION_ARGUMENT:
    case CURLE_UNKNOWN_OPTION:
    case CURLE_NOT_BUILT_IN:
      return ErrorCode::kInternal;
    default:
      return ErrorCode::kUnavailable;
  }
}

}  // namespace

CurlExchange::CurlExchange(const ClientOptions& options, const TrustedCertificates& certificates,
                           const Request& request, const Hop& hop, BodyDelivery delivery)
    : certificates_(certificates),
      max_body_bytes_(request.max_body_bytes),
      delivery_(delivery),
      expects_body_(hop.method != Method::kHead),
      easy_(curl_easy_init()) {
  response_.url = hop.url;
  curl_easy_setopt(easy(), CURLOPT_URL, hop.url.c_str());
  set_method(request, hop);
  set_headers(headers_of(request, hop));
  set_connection(options);
  curl_easy_setopt(easy(), CURLOPT_WRITEFUNCTION, &CurlExchange::on_body);
  curl_easy_setopt(easy(), CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy(), CURLOPT_HEADERFUNCTION, &CurlExchange::on_header);
  curl_easy_setopt(easy(), CURLOPT_HEADERDATA, this);
}

void CurlExchange::set_method(const Request& request, const Hop& hop) {
  if (hop.with_body) {
    curl_easy_setopt(easy(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy(), CURLOPT_POSTFIELDS, request.body.data());
    if (hop.method == Method::kPut) curl_easy_setopt(easy(), CURLOPT_CUSTOMREQUEST, "PUT");
  } else if (hop.method == Method::kHead) {
    curl_easy_setopt(easy(), CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(easy(), CURLOPT_HTTPGET, 1L);
  }
}

void CurlExchange::set_headers(const Headers& headers) {
  const auto append = [this](const std::string& line) {
    curl_slist* list = curl_slist_append(header_list_.get(), line.c_str());
    if (header_list_ == nullptr) header_list_.reset(list);
  };
  for (const Header& field : headers.fields()) {
    // "Name;" is how libcurl is told to send an empty value; "Name:" would remove the header.
    append(field.value.empty() ? field.name + ";" : field.name + ": " + field.value);
  }
  if (!headers.get("Content-Type")) append("Content-Type:");  // no form type of libcurl's own with a POST
  append("Expect:");                                          // no round trip before a large body
  curl_easy_setopt(easy(), CURLOPT_HTTPHEADER, header_list_.get());
}

void CurlExchange::set_connection(const ClientOptions& options) {
  curl_easy_setopt(easy(), CURLOPT_NOSIGNAL, 1L);
  // Without it, giving up a transfer would wait for getaddrinfo in the resolver's thread.
  curl_easy_setopt(easy(), CURLOPT_QUICK_EXIT, 1L);
  curl_easy_setopt(easy(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy(), CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(easy(), CURLOPT_ACCEPT_ENCODING, "");
  const bool shared = delivery_ == BodyDelivery::kWhole;
  curl_easy_setopt(easy(), CURLOPT_HTTP_VERSION, shared ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1);
  // Share an HTTP/2 connection rather than open another. Without TLS there is no ALPN: requests would wait for the
  // first answer to learn that HTTP/1.1 cannot be shared.
  curl_easy_setopt(easy(), CURLOPT_PIPEWAIT, shared && response_.url.starts_with("https:") ? 1L : 0L);
  curl_easy_setopt(easy(), CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy(), CURLOPT_SOCKOPTFUNCTION, &CurlExchange::on_socket);
  curl_easy_setopt(easy(), CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_timeout.count()));
  curl_easy_setopt(easy(), CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy(), CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
  if (!certificates_.empty()) {
    // CURLOPT_CAINFO would replace the system's store.
    curl_easy_setopt(easy(), CURLOPT_SSL_CTX_FUNCTION, &CurlExchange::on_ssl_context);
    curl_easy_setopt(easy(), CURLOPT_SSL_CTX_DATA, this);
  }
  if (options.direct) {
    curl_easy_setopt(easy(), CURLOPT_PROXY, "");  // empty, not null: the environment is not asked
  } else if (!options.proxy.empty()) {
    curl_easy_setopt(easy(), CURLOPT_PROXY, options.proxy.c_str());
    curl_easy_setopt(easy(), CURLOPT_NOPROXY, "");  // what is configured wins over the environment's no_proxy
  }
}

// A shared HTTP/2 connection outlives the requests that time out on it. When the network behind it is gone, unanswered
// data must end it soon: TCP alone would go on for a quarter of an hour, and every retry would wait on it.
int CurlExchange::on_socket(void* /*self*/, int socket, int /*purpose*/) {
  constexpr unsigned kUnansweredMs = 30'000;
  setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &kUnansweredMs, sizeof(kUnansweredMs));
  return CURL_SOCKOPT_OK;
}

std::size_t CurlExchange::on_body(char* data, std::size_t size, std::size_t count, void* self_pointer) {
  auto* self = static_cast<CurlExchange*>(self_pointer);
  const std::size_t bytes = size * count;
  std::string& body = self->response_.body;
  if (self->delivery_ == BodyDelivery::kPieces && body.size() >= BodyReader::kBufferedBytes) {
    self->paused_ = true;
    return CURL_WRITEFUNC_PAUSE;  // libcurl keeps these bytes
  }
  if (bytes > self->max_body_bytes_ - self->body_bytes_) {
    self->too_large_ = true;
    return CURL_WRITEFUNC_ERROR;
  }
  try {
    body.append(data, bytes);
  } catch (const std::bad_alloc&) {
    self->too_large_ = true;
    return CURL_WRITEFUNC_ERROR;
  }
  self->body_bytes_ += bytes;
  self->on_progress_();
  return bytes;
}

CURLcode CurlExchange::resume() {
  if (!std::exchange(paused_, false)) return CURLE_OK;
  return curl_easy_pause(easy(), CURLPAUSE_CONT);
}

std::size_t CurlExchange::on_header(char* data, std::size_t size, std::size_t count, void* self_pointer) {
  auto* self = static_cast<CurlExchange*>(self_pointer);
  self->header_bytes_ += size * count;
  self->too_large_ = self->too_large_ || self->header_bytes_ > kMaxHeaderBytes;
  if (self->too_large_) return 0;
  self->note_line({data, size * count});
  return size * count;
}

// libcurl takes an answer that ends inside its head for a whole one.
void CurlExchange::note_line(std::string_view line) {
  if (head_ == Head::kComplete) return;  // a trailer
  const auto name_is = [name = line.substr(0, line.find(':'))](std::string_view wanted) {
    return std::ranges::equal(name, wanted, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  };
  if (line.starts_with("HTTP/")) {
    const auto blank = line.find(' ');
    const bool informational = blank != std::string_view::npos && line.substr(blank + 1).starts_with('1');
    head_ = informational ? Head::kInformational : Head::kBegun;
    end_is_told_ = !line.starts_with("HTTP/1");
  } else if (name_is("content-length")) {
    end_is_told_ = true;
  } else if (name_is("transfer-encoding")) {
    end_is_told_ = line.find("hunked") != std::string_view::npos;
  } else if (head_ == Head::kBegun && line.find_first_not_of("\r\n") == std::string_view::npos) {
    head_ = Head::kComplete;
    on_progress_();
  }
}

CURLcode CurlExchange::on_ssl_context(CURL* /*easy*/, void* context, void* self_pointer) {
  const auto* self = static_cast<const CurlExchange*>(self_pointer);
  return self->certificates_.add_to(static_cast<SSL_CTX*>(context)) ? CURLE_OK : CURLE_SSL_CACERT_BADFILE;
}

Error CurlExchange::error_of(CURLcode code) const {
  if (too_large_) {
    return {ErrorCode::kTooLarge, fmt::format("the answer is larger than {} bytes", max_body_bytes_)};
  }
  // libcurl's own error buffer may quote the URL; these texts are fixed.
  std::string message = curl_easy_strerror(code);
  long verify = X509_V_OK;
  long os_error = 0;
  curl_easy_getinfo(easy(), CURLINFO_SSL_VERIFYRESULT, &verify);
  curl_easy_getinfo(easy(), CURLINFO_OS_ERRNO, &os_error);
  if (code == CURLE_PEER_FAILED_VERIFICATION && verify != X509_V_OK) {
    message += fmt::format(" ({})", X509_verify_cert_error_string(verify));
  } else if (code == CURLE_COULDNT_CONNECT && os_error != 0) {
    message += fmt::format(" ({})", std::generic_category().message(static_cast<int>(os_error)));
  }
  return {code_of(code), std::move(message)};
}

bool CurlExchange::may_have_body() const {
  long status = 0;
  curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
  return expects_body_ && status != 204 && status != 304;
}

Status CurlExchange::check_end(CURLcode code) const {
  if (code != CURLE_OK) return fail(error_of(code));
  if (!head_complete()) return fail(ErrorCode::kUnavailable, "the answer ended inside its head");
  if (!end_is_told_ && may_have_body()) {
    return fail(ErrorCode::kUnavailable, "the answer does not tell where it ends: it may have been cut");
  }
  return {};
}

Response CurlExchange::take_head() {
  long status = 0;
  curl_easy_getinfo(easy(), CURLINFO_RESPONSE_CODE, &status);
  Response head{.status = static_cast<int>(status), .headers = {}, .body = {}, .url = std::move(response_.url)};
  // -1: the last response only, without 1xx, proxy and trailer fields.
  curl_header* field = nullptr;
  while ((field = curl_easy_nextheader(easy(), CURLH_HEADER, -1, field)) != nullptr) {
    // libcurl 7.88 leaves the line's end in an empty value.
    std::string_view value = field->value;
    while (value.ends_with('\r') || value.ends_with('\n')) value.remove_suffix(1);
    head.headers.add(field->name, std::string(value));
  }
  return head;
}

Result<Response> CurlExchange::finish(CURLcode code) {
  const Status ended = check_end(code);
  if (!ended) return fail(ended.error());
  Response response = take_head();
  response.body = take_piece();
  response.body.reserve(response.body.size() + kBodyPadding);
  return response;
}

}  // namespace ghstats::http
