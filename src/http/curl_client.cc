#include <curl/curl.h>
#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "http/client.h"
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

 private:
  async::Task<Result<Response>> exchange(const Request& request, const Hop& hop, std::chrono::nanoseconds timeout);

  const ClientOptions options_;
  const TrustedCertificates certificates_;
  const std::shared_ptr<CurlMulti> multi_;
};

async::Task<Result<Response>> CurlClient::exchange(const Request& request, const Hop& hop,
                                                   std::chrono::nanoseconds timeout) {
  CurlExchange exchange(options_, certificates_, request, hop);
  const auto code = co_await multi_->perform(exchange.easy(), timeout);
  if (!code) co_return std::unexpected(code.error());
  co_return exchange.finish(*code);
}

async::Task<Result<Response>> CurlClient::send(Request request) {
  auto checked = check_headers(request.headers);
  if (checked && request.credentials) checked = check_headers(request.credentials->headers);
  if (!checked) co_return std::unexpected(checked.error());
  auto first = first_hop(request);
  if (!first) co_return fail(first.error().with_context(name_of(request.method)));
  Hop hop = std::move(*first);
  const auto deadline = std::chrono::steady_clock::now() + request.timeout;
  for (int followed = 0;; ++followed) {
    auto response = co_await exchange(request, hop, deadline - std::chrono::steady_clock::now());
    const auto context = [&hop] { return fmt::format("{} {}", name_of(hop.method), printable_url(hop.url)); };
    if (!response) co_return fail(response.error().with_context(context()));
    auto next = next_hop(request, hop, *response, followed);
    if (!next) co_return fail(next.error().with_context(context()));
    if (!*next) co_return response;
    hop = std::move(**next);
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
