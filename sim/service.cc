#include "sim/service.h"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <array>
#include <boost/json.hpp>

#include "base/time_format.h"
#include "sim/control/fault_response.h"
#include "sim/world/hex.h"

namespace ghstats::sim {
namespace {

constexpr std::string_view kEnterprisePrefix = "/api/v3";
constexpr std::string_view kEnterpriseGraphql = "/api/graphql";
constexpr std::array<std::string_view, 2> kApiVersions{"2022-11-28", "2026-03-10"};

std::string header_or(const http::ServerRequest& request, std::string_view name, std::string_view otherwise) {
  return std::string(request.headers.get(name).value_or(otherwise));
}

// What GitHub is believed to compute: sha256 of the request headers that the response varies by, then the body.
std::string etag_of(const http::ServerRequest& request, const std::string& body) {
  std::string text;
  for (const auto* const name : {"Accept", "Authorization", "Cookie"}) {
    if (const auto value = request.headers.get(name)) text += std::string(*value) + ':';
  }
  text += body;
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return '"' + to_hex(digest) + '"';
}

// Weak comparison (RFC 9110 13.1.2).
bool matches_etag(std::string_view if_none_match, std::string_view etag) {
  while (!if_none_match.empty()) {
    auto candidate = if_none_match.substr(0, if_none_match.find(','));
    if_none_match.remove_prefix(std::min(candidate.size() + 1, if_none_match.size()));
    while (candidate.starts_with(' ')) candidate.remove_prefix(1);
    while (candidate.ends_with(' ')) candidate.remove_suffix(1);
    if (candidate.starts_with("W/")) candidate.remove_prefix(2);
    if (candidate == etag || candidate == "*") return true;
  }
  return false;
}

Reply refusal(int status, std::string_view message) {
  return error_reply(status, message, "https://docs.github.com/rest");
}

}  // namespace

Service::Service(World& world, Credentials& credentials, copilot::Reports& reports, SimClock& clock,
                 ServiceOptions options)
    : world_(world),
      credentials_(credentials),
      reports_(reports),
      clock_(clock),
      options_(options),
      obedience_(options.forbidden_grace),
      statistics_(options.statistics) {}

async::Task<http::ServerResponse> Service::handle(http::ServerRequest request) {
  if (request.path.starts_with("/_sim/")) co_return control(request);
  struct InFlight {
    Accounting& accounting;
    explicit InFlight(Accounting& a) : accounting(a) { accounting.enter(); }
    ~InFlight() { accounting.leave(); }
  } const in_flight(accounting_);

  const auto asked = route(request);
  arrivals_.add(header_or(request, "Host", ""), asked.endpoint, clock_.steady_now());
  const auto identity = credentials_.authenticate(request.headers.get("Authorization"), clock_.now());
  const std::string who = identity ? payer(*identity) : "";
  obedience_.arrived({.who = who,
                      .resource = asked.resource(),
                      .endpoint = asked.endpoint,
                      .free = asked.match.endpoint != nullptr && asked.match.endpoint->free && !asked.graphql,
                      .now = clock_.now(),
                      .steady_now = clock_.steady_now()});

  const auto* const named = repository_named(asked.match);
  std::optional<FaultAction> fault;
  if (const auto* const struck_by =
          faults_.strike({.method = request.method,
                          .path = asked.path,
                          .repository = named == nullptr ? "" : full_name(*named, clock_.now()),
                          .by_name = !asked.match.repository_id,
                          .operation = asked.operation()})) {
    fault = *struck_by;
  }
  if (fault && fault->delay.count() > 0) {
    const auto waited = co_await async::sleep_for(fault->delay);
    if (!waited) co_return http::text_response(503, "text/plain", "stopping\n");
  }
  Answer real;
  if (!fault || needs_real_answer(*fault)) real = answer(asked, fault ? &*fault : nullptr);
  http::ServerResponse response;
  if (fault) {
    response = struck(asked, *fault, std::move(real));
  } else {
    accounting_.add(asked.endpoint, real.reply.status, real.paid, real.points);
    response = to_response(request, std::move(real));
  }
  // What breaks off on the wire has told nobody anything.
  if (!who.empty() && !response.disruption) {
    obedience_.told(who, asked.resource(), told_by(response), clock_.steady_now());
  }
  co_return response;
}

Service::Asked Service::route(const http::ServerRequest& request) {
  // Routes are matched on the path as it was sent; the server's decoded one has lost what was escaped.
  std::string path = request.target.substr(0, request.target.find('?'));
  const bool enterprise = path.starts_with(std::string(kEnterprisePrefix) + '/');
  if (enterprise) path.erase(0, kEnterprisePrefix.size());
  if (path == kEnterpriseGraphql) path = "/graphql";
  auto api_base = fmt::format("{}://{}{}", header_or(request, "X-Forwarded-Proto", "http"),
                              header_or(request, "Host", "localhost"), enterprise ? kEnterprisePrefix : "");
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  auto match = match_endpoint(method, path);
  auto endpoint = match.endpoint != nullptr ? match.endpoint->name() : method + " (unknown)";
  Asked asked{request, std::move(path), std::move(api_base), std::move(match), std::move(endpoint), std::nullopt};
  if (asked.match.endpoint != nullptr && asked.match.endpoint->graphql) {
    asked.graphql = graphql::parse_request(request.body);
    asked.endpoint += ' ' + asked.operation();
  }
  return asked;
}

std::string Service::Asked::operation() const {
  if (!graphql) return {};
  return *graphql ? (*graphql)->label() : "(invalid)";
}

Repository* Service::repository_named(const Match& match) {
  if (match.repository_id) return world_.find_repository(*match.repository_id);
  return world_.find_repository(match.owner, match.repo, clock_.now()).repository;
}

Service::Budget& Service::budget_of(const Identity& identity) {
  constexpr std::int64_t kAnonymousLimit = 60;
  std::int64_t limit = options_.personal_rate_limit;
  if (identity.kind == Identity::Kind::kAnonymous) limit = kAnonymousLimit;
  if (identity.kind == Identity::Kind::kInstallation) limit = options_.installation_rate_limit;
  return budgets_
      .try_emplace(payer(identity),
                   Budget{RateBucket(limit), RateBucket(options_.graphql_rate_limit),
                          PointsMeter(options_.points_per_minute), PointsMeter(options_.graphql_points_per_minute)})
      .first->second;
}

Service::Answer Service::answer(const Asked& asked, const FaultAction* fault) {
  const auto now = clock_.now();
  const auto& request = asked.request;
  if (header_or(request, "User-Agent", "").empty()) {
    return {refusal(403,
                    "Request forbidden by administrative rules. Please make sure your request has a User-Agent "
                    "header (https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api"
                    "#user-agent). Check https://developer.github.com for other possible causes.")};
  }
  const auto version = header_or(request, "X-GitHub-Api-Version", kApiVersions[0]);
  if (std::find(kApiVersions.begin(), kApiVersions.end(), version) == kApiVersions.end()) {
    return {refusal(400, fmt::format("Invalid API version '{}'", version))};
  }
  const auto identity = credentials_.authenticate(request.headers.get("Authorization"), now);
  if (!identity) return {refusal(identity.error().status, identity.error().message), &budget_of(Identity{})};
  auto& budget = budget_of(*identity);
  const bool too_many = options_.max_concurrent > 0 && accounting_.in_flight() > options_.max_concurrent;
  const std::int64_t points = request.method == "GET" || request.method == "HEAD" ? 1 : 5;
  if (too_many || !budget.secondary_of(asked.resource()).spend(points, clock_.steady_now())) {
    auto limited = secondary_limit_reply(403);
    limited.headers.add("Retry-After", "60");
    return {std::move(limited), &budget, false, asked.resource()};
  }
  if (asked.graphql) return answer_graphql(asked, *identity, budget, fault);
  const bool free = asked.match.endpoint != nullptr && asked.match.endpoint->free;
  if (options_.rate_limit_headers && !free && budget.primary.exhausted(now)) {
    return {primary_limit_reply(403, payer(*identity), request_number_, now), &budget};
  }
  Call call{.world = world_,
            .credentials = credentials_,
            .statistics = statistics_,
            .reports = reports_,
            .budget = budget.primary,
            .graphql_budget = budget.graphql,
            .identity = *identity,
            .request = request,
            .query = Query(request.query),
            .now = now,
            .api_base = asked.api_base,
            .parameters = asked.match.parameters,
            .repository = nullptr,
            .rate_limited = options_.rate_limit_headers};
  return conditional(request, visit(call, asked), budget, *identity, free);
}

Reply Service::visit(Call& call, const Asked& asked) {
  const auto& match = asked.match;
  using For = Endpoint::For;
  const bool is_app = call.identity.kind == Identity::Kind::kApp;
  if (match.endpoint != nullptr && match.endpoint->audience == For::kApp && !is_app) {
    return refusal(401, "A JSON web token could not be decoded");
  }
  const bool app_may = match.endpoint == nullptr || match.endpoint->audience == For::kApp || match.endpoint->free ||
                       match.endpoint->pattern == "/meta";
  if (is_app && !app_may) return refusal(401, "Bad credentials");
  if (match.repository_id || !match.repo.empty()) {
    const auto found = match.repository_id ? World::Found{world_.find_repository(*match.repository_id), false}
                                           : world_.find_repository(match.owner, match.repo, call.now);
    if (found.repository == nullptr || !call.identity.sees(*found.repository, call.now)) return not_found();
    if (found.moved) return moved_reply(call.request, call.api_base, *found.repository, match.rest);
    if (const auto& block = found.repository->blocked.at(call.now); block.status != 0) {
      return blocked_reply(block, call.now);
    }
    call.repository = found.repository;
  }
  if (match.endpoint == nullptr || asked.path.ends_with('/')) return not_found();
  if (match.endpoint->audience == For::kUsers && call.identity.kind == Identity::Kind::kAnonymous) {
    return refusal(401, "Requires authentication");
  }
  const auto& needed = match.endpoint->permissions;
  const bool granted = call.identity.kind != Identity::Kind::kInstallation || needed.empty() ||
                       std::any_of(needed.begin(), needed.end(), [&](std::string_view permission) {
                         return call.identity.permissions.contains(std::string(permission));
                       });
  auto reply = granted ? match.endpoint->answer(call) : permission_reply(call.identity.kind);
  add_accepted_permissions(*match.endpoint, reply);
  return reply;
}

Service::Answer Service::conditional(const http::ServerRequest& request, Reply reply, Budget& budget,
                                     const Identity& identity, bool free) {
  bool not_modified = false;
  const bool reading = request.method == "GET" || request.method == "HEAD";
  if (reply.status == 200 && reply.has_etag && reading) {
    auto etag = reply.etag.empty() ? etag_of(request, reply.body) : reply.etag;
    not_modified = matches_etag(header_or(request, "If-None-Match", ""), etag);
    reply.headers.add("ETag", std::move(etag));
    reply.headers.add("Cache-Control", "private, max-age=60, s-maxage=60");
    reply.headers.add("Vary", "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With");
  }
  if (not_modified) {
    reply.status = 304;
    reply.body.clear();
  }
  // Only who is authorized gets a 304 for nothing.
  const bool paid = !free && (!not_modified || identity.kind == Identity::Kind::kAnonymous);
  if (paid) budget.primary.charge(clock_.now());
  return {std::move(reply), &budget, paid};
}

http::ServerResponse Service::to_response(const http::ServerRequest& request, Answer answer) {
  const auto now = clock_.now();
  http::ServerResponse response;
  response.status = answer.reply.status;
  response.headers = std::move(answer.reply.headers);
  auto& headers = response.headers;
  headers.add("Date", format_http_date(now));
  const bool has_content = response.status != 304 && response.status != 204;
  if (has_content) headers.add("Content-Type", std::move(answer.reply.content_type));
  const bool is_graphql = answer.resource == Resource::kGraphql;
  headers.add("X-GitHub-Media-Type", is_graphql ? "github.v4; format=json" : "github.v3; format=json");
  headers.add("x-github-api-version-selected", header_or(request, "X-GitHub-Api-Version", kApiVersions[0]));
  if (answer.budget != nullptr && options_.rate_limit_headers) {
    const auto state = answer.budget->of(answer.resource).state(now);
    headers.add("x-ratelimit-limit", std::to_string(state.limit));
    headers.add("x-ratelimit-remaining", std::to_string(state.remaining));
    headers.add("x-ratelimit-reset", std::to_string(state.reset));
    headers.add("x-ratelimit-used", std::to_string(state.used));
    headers.add("x-ratelimit-resource", is_graphql ? "graphql" : "core");
  }
  headers.add("X-GitHub-Request-Id",
              fmt::format("51D0:{:08X}:{:08X}", to_unix_seconds(now) & 0xFFFFFFFF, ++request_number_));
  if (!answer.reply.body.empty()) {
    response.body.push_back(std::make_shared<const std::string>(std::move(answer.reply.body)));
  }
  return response;
}

}  // namespace ghstats::sim
