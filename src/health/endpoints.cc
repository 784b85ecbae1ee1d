#include "health/endpoints.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <optional>
#include <string_view>
#include <utility>

#include "base/time_format.h"

namespace ghstats::health {
namespace {

namespace json = boost::json;

constexpr const char* kText = "text/plain; charset=utf-8";

http::ServerResponse fresh(int status, std::string type, std::string body) {
  auto response = http::text_response(status, std::move(type), std::move(body));
  response.headers.add("Cache-Control", "no-store");
  return response;
}

async::Task<http::ServerResponse> reply(http::ServerResponse response) {
  co_return response;
}

json::value instant(const std::optional<TimePoint>& at) {
  if (!at) return nullptr;
  return json::string(format_rfc3339(*at));
}

json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::object detail(const ComponentStatus& status) {
  return {{"used", status.used},
          {"since", instant(status.since)},
          {"last_success", instant(status.last_success)},
          {"last_error", text_or_null(status.last_error)},
          {"last_error_at", instant(status.last_error_at)},
          {"fallback", status.fallback}};
}

json::object leader_document(const LeaderView& leader) {
  return {{"elected_by", text_or_null(leader.elected_by)},
          {"leader", text_or_null(leader.leader)},
          {"since", instant(leader.since)},
          {"transitions", leader.transitions ? json::value(*leader.transitions) : json::value(nullptr)},
          {"epoch", leader.epoch != 0 ? json::value(leader.epoch) : json::value(nullptr)},
          {"last_end", text_or_null(leader.last_end)},
          {"trouble", text_or_null(leader.trouble)}};
}

bool has_parameter(std::string_view query, std::string_view wanted) {
  while (!query.empty()) {
    const auto end = query.find('&');
    if (query.substr(0, end) == wanted) return true;
    if (end == std::string_view::npos) break;
    query.remove_prefix(end + 1);
  }
  return false;
}

std::string readiness_text(const Verdict& verdict) {
  if (verdict.ready) return "ready\n";
  std::string text = "not ready\n";
  for (const auto& reason : verdict.reasons) text.append(reason).append("\n");
  return text;
}

}  // namespace

std::string health_document(const HealthSnapshot& snapshot, bool full) {
  json::object shown;
  json::object details;
  for (const auto& row : components()) {
    if (row.only_full && !full) continue;
    const auto& status = snapshot.components[static_cast<std::size_t>(row.id)];
    shown.emplace(row.name, status.healthy);
    if (full) details.emplace(row.name, detail(status));
  }
  json::object document;
  document.emplace("role", to_string(snapshot.role));
  document.emplace("mode", to_string(snapshot.verdict.mode));
  document.emplace("ready", snapshot.verdict.ready);
  document.emplace("components", std::move(shown));
  if (full) {
    document.emplace("details", std::move(details));
    document.emplace("leader", leader_document(snapshot.leader));
    document.emplace("reasons", json::array(snapshot.verdict.reasons.begin(), snapshot.verdict.reasons.end()));
  }
  return json::serialize(document);
}

void add_health_routes(http::Router& router, std::shared_ptr<const HealthBoard> board, const Clock& clock) {
  // The handlers are plain functions that return a coroutine with its own copies: nothing hangs on the closures.
  router.add("GET", "/livez", [board, &clock](const http::ServerRequest&) {
    if (board->is_turning(clock.steady_now())) return reply(fresh(200, kText, "alive\n"));
    return reply(fresh(503, kText, "the main thread hangs\n"));
  });
  router.add("GET", "/readyz", [board](const http::ServerRequest&) {
    const auto verdict = board->current()->verdict;
    return reply(fresh(verdict.ready ? 200 : 503, kText, readiness_text(verdict)));
  });
  router.add("GET", "/healthz", [board](const http::ServerRequest& request) {
    const auto snapshot = board->current();
    const int status = snapshot->verdict.mode == Mode::kUnhealthy ? 503 : 200;
    return reply(fresh(status, "application/json", health_document(*snapshot, has_parameter(request.query, "full=1"))));
  });
}

}  // namespace ghstats::health
