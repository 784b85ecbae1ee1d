#include <curl/curl.h>
#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "http/client.h"
#include "http/curl_body.h"
#include "http/curl_exchange.h"
#include "http/curl_multi.h"
#include "http/redirect.h"
#include "http/trusted_certificates.h"

namespace ghstats::http {

namespace {

std::string_view name_of(Method method) {
  switch (method) {
    case Method::kGet:
      return "GET";
    case Method::kHead:
      return "HEAD";
    case Method::kPost:
      return "POST";
    case Method::kPut:
      return "PUT";
  }
  return "?";
}

// libcurl writes header lines as they are: a line break in one would smuggle in another.
Status check_headers(const Headers& headers) {
  static constexpr std::string_view kBreaks("\r\n\0", 3);
  for (const Header& field : headers.fields()) {
    const bool broken = field.name.empty() || field.name.find_first_of(kBreaks) != std::string::npos ||
                        field.value.find_first_of(kBreaks) != std::string::npos;
    if (broken) return fail(ErrorCode::kInvalidArgument, "a header field without a name or with a line break");
  }
  return {};
}

class CurlClient final : public Client {
 public:
  CurlClient(boost::asio::any_io_executor executor, ClientOptions options, TrustedCertificates certificates)
      : options_(std::move(options)),
        certificates_(std::move(certificates)),
        multi_(std::make_shared<CurlMulti>(std::move(executor), options_.max_connections_per_host)) {}

  async::Task<Result<Response>> send(Request request) override;
  async::Task<Result<StreamedResponse>> open(Request request) override;

 private:
  async::Task<Result<Response>> exchange(const Request& request, const Hop& hop, SteadyPoint deadline);

  const ClientOptions options_;
  const TrustedCertificates certificates_;
  const std::shared_ptr<CurlMulti> multi_;
};

// The first hop of a request that may be sent.
Result<Hop> begin(const Request& request) {
  auto checked = check_headers(request.headers);
  if (checked && request.credentials) checked = check_headers(request.credentials->headers);
  if (!checked) return fail(checked.error());
  auto first = first_hop(request);
  if (!first) return fail(first.error().with_context(name_of(request.method)));
  return first;
}

std::string context_of(const Hop& hop) {
  return fmt::format("{} {}", name_of(hop.method), printable_url(hop.url));
}

async::Task<Result<Response>> CurlClient::exchange(const Request& request, const Hop& hop, SteadyPoint deadline) {
  CurlExchange exchange(options_, certificates_, request, hop, BodyDelivery::kWhole);
  const auto code = co_await multi_->perform(exchange.easy(), deadline);
  if (!code) co_return std::unexpected(code.error());
  co_return exchange.finish(*code);
}

async::Task<Result<Response>> CurlClient::send(Request request) {
  auto first = begin(request);
  if (!first) co_return fail(first.error());
  Hop hop = *std::move(first);
  const auto deadline = std::chrono::steady_clock::now() + request.timeout;
  for (int followed = 0;; ++followed) {
    auto response = co_await exchange(request, hop, deadline);
    if (!response) co_return fail(response.error().with_context(context_of(hop)));
    auto next = next_hop(request, hop, *response, followed);
    if (!next) co_return fail(next.error().with_context(context_of(hop)));
    if (!*next) co_return response;
    hop = *std::move(*next);
  }
}

async::Task<Result<StreamedResponse>> CurlClient::open(Request opened) {
  auto first = begin(opened);
  if (!first) co_return fail(first.error());
  Hop hop = *std::move(first);
  const auto deadline = std::chrono::steady_clock::now() + opened.timeout;
  const auto request = std::make_shared<const Request>(std::move(opened));
  for (int followed = 0;; ++followed) {
    auto body = std::make_unique<CurlBody>(multi_, options_, certificates_,
                                           CurlBody::Source{request, hop, context_of(hop)}, deadline);
    auto head = co_await body->read_head();
    if (!head) co_return fail(head.error());
    auto next = next_hop(*request, hop, *head, followed);
    if (!next) co_return fail(next.error().with_context(context_of(hop)));
    if (!*next) {
      co_return StreamedResponse{head->status, std::move(head->headers), std::move(head->url), std::move(body)};
    }
    hop = *std::move(*next);
  }
}

}  // namespace

Result<std::unique_ptr<Client>> make_curl_client(boost::asio::any_io_executor executor, ClientOptions options) {
  static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (kReady != CURLE_OK) return fail(ErrorCode::kInternal, "libcurl cannot be initialised");
  if (options.user_agent.empty()) return fail(ErrorCode::kInvalidArgument, "the HTTP client needs a user agent");
  TrustedCertificates certificates;
  if (!options.ca_file.empty()) {
    auto loaded = TrustedCertificates::load(options.ca_file);
    if (!loaded) return std::unexpected(loaded.error());
    certificates = std::move(*loaded);
  }
  return std::make_unique<CurlClient>(std::move(executor), std::move(options), std::move(certificates));
}

}  // namespace ghstats::http
