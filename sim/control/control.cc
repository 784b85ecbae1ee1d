#include <boost/json.hpp>

#include "base/duration.h"
#include "base/time_format.h"
#include "sim/control/activity_control.h"
#include "sim/control/control_reply.h"
#include "sim/control/json_fields.h"
#include "sim/service.h"
#include "sim/truth/activity_families.h"
#include "sim/truth/truth.h"

namespace ghstats::sim {
namespace {

namespace json = boost::json;

// "3600" or "1h".
Result<std::chrono::seconds> parse_seconds(const std::string& text) {
  if (!text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos) {
    return std::chrono::seconds{std::stoll(text)};
  }
  const auto duration = parse_duration(text);
  if (!duration) return std::unexpected(duration.error());
  return std::chrono::duration_cast<std::chrono::seconds>(*duration);
}

}  // namespace

http::ServerResponse Service::control(const http::ServerRequest& request) {
  Reply reply = error_reply(404, "No such control", "sim/README.md");
  if (request.path == "/_sim/clock") reply = control_clock(request);
  if (request.path == "/_sim/activity") reply = control_activity(request);
  if (request.path == "/_sim/faults") reply = control_faults(request);
  if (request.path == "/_sim/truth") reply = tell_truth(request);
  if (request.path == "/_sim/requests") reply = control_requests(request);
  if (request.path == "/_sim/arrivals") reply = json_reply(200, arrivals_.to_json());
  if (request.path == "/_sim/copilot") reply = control_copilot(request);
  if (request.path == "/_sim/copilot/truth") reply = tell_copilot_truth(request);
  if (request.path == "/_sim/search") reply = control_search(request);
  if (request.path == "/_sim/graphql") reply = control_graphql(request);
  if (request.path == "/_sim/statistics") reply = control_statistics(request);
  return http::text_response(reply.status, "application/json", reply.body + '\n');
}

Reply Service::control_clock(const http::ServerRequest& request) {
  if (request.method == "POST") {
    const auto body = parse_body(request);
    if (!body) return refused(body.error());
    if (!body->is_object()) return error_reply(422, "an object is needed", "sim/README.md");
    const Fields fields(body->as_object());
    const auto now = fields.time("now", clock_.now());
    if (!now) return refused(now.error());
    const auto mode = fields.text("mode");
    if (mode && *mode != "frozen" && *mode != "running")
      return error_reply(422, "mode: frozen or running", "sim/README.md");
    const auto advance = std::chrono::duration<double>{fields.number("advance_seconds").value_or(0)};
    clock_.set(*now + std::chrono::duration_cast<TimePoint::duration>(advance));
    if (mode) clock_.set_mode(*mode == "frozen" ? SimClock::Mode::kFrozen : SimClock::Mode::kRunning);
  } else if (request.method != "GET") {
    return wrong_method();
  }
  return json_reply(200, json::object{{"now", format_rfc3339_ms(clock_.now())},
                                      {"mode", clock_.mode() == SimClock::Mode::kFrozen ? "frozen" : "running"}});
}

Reply Service::control_activity(const http::ServerRequest& request) {
  if (request.method != "POST") return wrong_method();
  const auto body = parse_body(request);
  if (!body) return refused(body.error());
  json::array results;
  const auto perform = [&](const json::value& activity) -> Status {
    auto done = perform_activity(world_, credentials_, activity, clock_.now());
    if (!done) return std::unexpected(done.error().with_context("activity " + std::to_string(results.size())));
    results.push_back(std::move(*done));
    return {};
  };
  if (!body->is_array()) {
    const auto performed = perform(*body);
    if (!performed) return refused(performed.error());
  } else {
    for (const auto& activity : body->as_array()) {
      const auto performed = perform(activity);
      if (!performed) return refused(performed.error());
    }
  }
  return json_reply(200, json::object{{"results", std::move(results)}});
}

Reply Service::control_faults(const http::ServerRequest& request) {
  if (request.method == "DELETE") {
    faults_.clear();
  } else if (request.method == "POST") {
    const auto body = parse_body(request);
    if (!body) return refused(body.error());
    const auto added = faults_.add(*body);
    if (!added) return refused(added.error());
  } else if (request.method != "GET") {
    return wrong_method();
  }
  return json_reply(200, faults_.list());
}

Reply Service::control_requests(const http::ServerRequest& request) {
  if (request.method != "GET" && request.method != "DELETE") return wrong_method();
  auto counts = accounting_.to_json();
  for (auto& [key, value] : obedience_.to_json()) counts.as_object()[key] = std::move(value);
  if (request.method == "DELETE") {
    accounting_.reset();
    obedience_.reset();
  }
  return json_reply(200, counts);
}

Reply Service::control_statistics(const http::ServerRequest& request) {
  auto options = statistics_.options();
  if (request.method == "DELETE") {
    statistics_.forget();
  } else if (request.method == "POST") {
    const auto body = parse_body(request);
    if (!body) return refused(body.error());
    if (!body->is_object()) return error_reply(422, "an object is needed", "sim/README.md");
    const Fields fields(body->as_object());
    options.accepted_answers = fields.integer("accepted").value_or(options.accepted_answers);
    options.computing_time = std::chrono::seconds{fields.integer("seconds").value_or(options.computing_time.count())};
    options.max_commits = fields.integer("max_commits").value_or(options.max_commits);
    statistics_.set_options(options);
  } else if (request.method != "GET") {
    return wrong_method();
  }
  return json_reply(200, json::object{{"accepted", options.accepted_answers},
                                      {"seconds", options.computing_time.count()},
                                      {"max_commits", options.max_commits}});
}

Reply Service::tell_truth(const http::ServerRequest& request) {
  if (request.method != "GET") return wrong_method();
  const Query query(request.query);
  TruthQuestion question;
  const auto at = query.time("at");
  if (!at) return refused(at.error());
  question.at = at->value_or(clock_.now());
  question.org = query.get_or("org", "");
  const auto linger = parse_seconds(query.get_or("zero_linger", "1h"));
  if (!linger) return refused(linger.error().with_context("zero_linger"));
  question.zero_linger = *linger;
  question.self_reviews = query.get_or("self_reviews", "false") == "true";
  question.bots = query.get_or("bots", "include") == "include";
  question.forks = query.get_or("forks", "include") == "include";
  question.older = query.get_or("older", "false") == "true";
  for (const auto& family : kActivityFamilies) {
    if (query.get_or(family.parameter, "false") == "true") question.also.emplace(family.parameter);
  }
  if (const auto source = query.get("loc")) {
    if (*source != "stats_contributors" && *source != "commit_history") {
      return error_reply(422, "loc: stats_contributors or commit_history", "sim/README.md");
    }
    question.loc = *source == "commit_history" ? LinesSource::kCommitHistory : LinesSource::kStatistics;
  }
  question.statistics_max_commits = statistics_.options().max_commits;
  return json_reply(200, to_json(question.at, compute_truth(world_, question)));
}

}  // namespace ghstats::sim
