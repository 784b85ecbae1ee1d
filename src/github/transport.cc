#include "github/transport.h"

#include <algorithm>
#include <utility>

namespace ghstats::github {
namespace {

// What an answer says may end in an error message, and a proxy in between may quote the request it refused.
void conceal(http::Response& response, std::string_view secret) {
  response.body = redact(std::move(response.body), secret);
  http::Headers headers;
  for (const auto& field : response.headers.fields()) headers.add(field.name, redact(field.value, secret));
  response.headers = std::move(headers);
}

}  // namespace

Result<Transport> Transport::make(http::Client& client, const Clock& clock, TransportOptions options) {
  while (options.base_url.ends_with('/')) options.base_url.pop_back();
  auto origin = http::origin_of(options.base_url);
  if (!origin) return fail(origin.error().with_context("GitHub's base URL"));
  return Transport(client, clock, std::move(options), *std::move(origin));
}

Transport::Transport(http::Client& client, const Clock& clock, TransportOptions options, http::Origin origin)
    : client_(&client), clock_(&clock), options_(std::move(options)), origin_(std::move(origin)) {
  if (!options_.host_clock) options_.host_clock = std::make_shared<RemoteClock>();
  settled_clock_ = std::make_unique<SettledClock>(*clock_, std::vector<const RemoteClock*>{options_.host_clock.get()});
}

// An error page may be a proxy's, and tell its clock.
void Transport::learn_clock(const http::Response& response, SteadyPoint asked) const {
  constexpr int kServerErrors = 500;
  constexpr std::chrono::milliseconds kHalfASecond{500};  // Date is rounded down
  const auto date = date_of(response);
  if (!date || response.status >= kServerErrors) return;
  options_.host_clock->heard(*date + kHalfASecond, asked, clock_->steady_now(), clock_->now());
}

async::Task<Result<Answer>> Transport::send(Exchange exchange, Identity identity) const {
  const auto target = http::origin_of(exchange.url);
  if (!target || *target != origin_) {
    co_return fail(ErrorCode::kInvalidData, "refused to ask another host than GitHub's API");
  }
  http::Request request;
  request.method = exchange.method;
  request.url = std::move(exchange.url);
  request.headers = {{"Accept", std::string(kAccept)},
                     {"X-GitHub-Api-Version", "2022-11-28"},
                     {"User-Agent", "github-stats-exporter/" + options_.version}};
  if (!exchange.json.empty()) {
    request.headers.add("Content-Type", "application/json");
    request.body = std::move(exchange.json);
  }
  if (!exchange.if_none_match.empty()) request.headers.add("If-None-Match", std::move(exchange.if_none_match));
  request.credentials = http::BoundHeaders{origin_, {{"Authorization", "Bearer " + identity.bearer}}};
  request.timeout = exchange.timeout.value_or(options_.request_timeout);
  request.max_body_bytes = kMaxBodyBytes;

  const bool may_be_quoted = !request.body.empty();  // GraphQL tells errors in a 200
  const SteadyPoint started = clock_->steady_now();
  auto response = co_await client_->send(std::move(request));
  if (!response) {
    response = fail(response.error().code, redact(response.error().message, identity.bearer));
  } else if (response->status >= 300 || may_be_quoted) {
    conceal(*response, identity.bearer);
  }
  const AnswerKind kind = response ? exchange.interpret(*response) : AnswerKind::kUnexpected;
  if (response) learn_clock(*response, started);
  if (options_.observer) {
    Attempt attempt;
    attempt.org = options_.org;
    attempt.endpoint = std::move(exchange.endpoint);
    attempt.duration = clock_->steady_now() - started;
    attempt.installation_id = std::move(identity.installation_id);
    attempt.as_app = identity.as_app;
    if (response) {
      attempt.status = response->status;
      attempt.rate_limit = read_rate_limit(response->headers);
      attempt.secondary_limit = kind == AnswerKind::kSecondaryLimit;
    } else {
      attempt.error = response.error().code;
    }
    options_.observer(attempt);
  }
  if (!response) co_return fail(std::move(response).error());
  co_return Answer{*std::move(response), kind};
}

std::string Transport::graphql_url() const {
  std::string_view base = options_.base_url;
  constexpr std::string_view kEnterpriseRest = "/v3";
  if (base.ends_with("/api/v3")) base.remove_suffix(kEnterpriseRest.size());
  return std::string(base) + "/graphql";
}

TimePoint Transport::served_at(const http::Response& response) const {
  const auto date = date_of(response);
  return date ? std::min(*date, latest_credible()) : settled_clock_->now();
}

Result<std::string> Transport::redirect_target(const http::Response& response) const {
  const auto location = response.headers.get("location");
  auto target = http::resolve_url(response.url, location.value_or(""));
  if (!location || !target) return fail(ErrorCode::kInvalidData, "a redirect without a usable Location");
  const auto target_origin = http::origin_of(*target);
  if (!target_origin || *target_origin != origin_) {
    return fail(ErrorCode::kInvalidData, "refused to follow a redirect to another host");
  }
  return target;
}

}  // namespace ghstats::github
