#include "github/graphql/graphql_api.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <optional>
#include <span>
#include <utility>

namespace ghstats::github {
namespace {

using Kind = GraphqlError::Kind;
using Verdict = Courier::Verdict;

// GitHub's documents say 1 for a query; 5 is what a POST costs everywhere else, and far from being what limits us.
constexpr std::int64_t kPointsPerQuery = 5;

// The place of the node that an error belongs to; absent: it is of the whole query.
std::optional<std::size_t> node_of(const GraphqlError& error, const std::vector<std::string>& nodes_at) {
  if (nodes_at.empty() || error.path.size() <= nodes_at.size()) return std::nullopt;
  if (!std::ranges::equal(std::span(error.path).first(nodes_at.size()), nodes_at)) return std::nullopt;
  const std::string& place = error.path[nodes_at.size()];
  std::size_t index = 0;
  const auto [end, problem] = std::from_chars(place.data(), place.data() + place.size(), index);
  if (problem != std::errc{} || end != place.data() + place.size()) return std::nullopt;
  return index;
}

Error refusal_of(const GraphqlError& error, std::size_t depth) {
  Error out = error_of(error);
  const auto below = std::span(error.path).subspan(depth);
  if (!below.empty()) out.message += fmt::format(" (at {})", fmt::join(below, "."));
  return out;
}

// GitHub ends what takes too long in one of these ways; so does an outage.
bool may_be_too_large(const Result<Verdict>& verdict) {
  if (!verdict) return verdict.error().code == ErrorCode::kTimeout;
  if (!verdict->answer) return false;
  const int status = verdict->answer->response.status;
  return status == 502 || status == 504;
}

}  // namespace

GraphqlApi::GraphqlApi(Transport& transport, TokenSource& tokens, RateGate& gate, async::RetryEnvironment retry)
    : transport_(&transport),
      tokens_(&tokens),
      courier_(transport.clock(), transport.org(), tokens, gate, std::move(retry)) {}

async::Task<Result<Reply>> GraphqlApi::ask(GraphqlCall call) {
  const bool stop = co_await async::cancelled();
  if (stop) co_return fail(Error{ErrorCode::kCancelled, "cancelled"}.with_context(call.what));
  Courier::Progress progress;
  Reply reply;
  auto answer = co_await courier_.repeat(call.what, progress, [&] { return round(call, progress, reply); });
  if (!answer) co_return fail(std::move(answer).error());
  reply.served_at = transport_->served_at(answer->response);
  reply.body = std::move(answer->response.body);
  co_return reply;
}

// Ends although it has no count of its own: each turn asks for less than the one before.
async::Task<Result<Verdict>> GraphqlApi::round(const GraphqlCall& call, Courier::Progress& progress, Reply& reply) {
  for (;;) {
    PageShape asked = shape(call);
    asked.nodes = std::min(asked.nodes, call.nodes);
    const Courier::Send send_once = [&](const Token& token, RateGate::Permit permit) {
      return send(call, asked, token, std::move(permit));
    };
    auto verdict =
        co_await courier_.send_authorised({RateLimitResource::kGraphql, kPointsPerQuery}, send_once, progress);
    const Next next = judge(call, asked, verdict, reply);
    if (next == Next::kDone) co_return verdict;
  }
}

GraphqlApi::Next GraphqlApi::judge(const GraphqlCall& call, PageShape asked, Result<Verdict>& verdict, Reply& reply) {
  if (may_be_too_large(verdict)) shrink(call, asked);
  if (!verdict) return Next::kDone;
  if (!verdict->answer) {
    const bool less = verdict->answer.error().code == ErrorCode::kTooLarge && shrink(call, asked);
    return less ? Next::kAskForLess : Next::kDone;
  }
  const Answer& answer = *verdict->answer;
  if (answer.kind == AnswerKind::kOk) return judge_errors(call, asked, verdict, reply);
  Error error = error_of(answer);
  if (async::is_transient(error)) {
    verdict = fail(std::move(error));
  } else {
    verdict = Verdict{fail(std::move(error))};
  }
  return Next::kDone;
}

GraphqlApi::Next GraphqlApi::judge_errors(const GraphqlCall& call, PageShape asked, Result<Verdict>& verdict,
                                          Reply& reply) {
  const auto errors = read_graphql_errors(verdict->answer->response.body);
  // What was cut short is not told apart from what is whole, wherever the error stands.
  const auto found = [&](Kind kind) { return std::ranges::find(errors, kind, &GraphqlError::kind); };
  if (const auto too_large = found(Kind::kTooLarge); too_large != errors.end()) {
    if (shrink(call, asked)) return Next::kAskForLess;
    verdict = Verdict{fail(error_of(*too_large))};
    return Next::kDone;
  }
  if (const auto overloaded = found(Kind::kOverloaded); overloaded != errors.end()) {
    shrink(call, asked);
    verdict = fail(error_of(*overloaded));
    return Next::kDone;
  }
  reply.asked = asked;
  reply.refused.clear();
  for (const GraphqlError& error : errors) {
    const auto node = node_of(error, call.nodes_at);
    if (!node) {
      verdict = Verdict{fail(refusal_of(error, 0))};
      return Next::kDone;
    }
    reply.refused.try_emplace(*node, refusal_of(error, call.nodes_at.size() + 1));
  }
  size_of(call).on_served(asked);
  return Next::kDone;
}

async::Task<Result<Answer>> GraphqlApi::send(const GraphqlCall& call, PageShape asked, const Token& token,
                                             RateGate::Permit permit) {
  const Query& query = *call.query;
  const boost::json::object body{
      {"query", query.text}, {"operationName", query.operation}, {"variables", call.variables(asked)}};
  Exchange exchange;
  exchange.method = http::Method::kPost;
  exchange.endpoint = query.endpoint;
  exchange.url = transport_->graphql_url();
  exchange.json = boost::json::serialize(body);
  exchange.interpret = interpret_graphql;
  auto answer = co_await transport_->send(std::move(exchange), {token.value, tokens_->installation_id(), false});
  if (answer) permit.answered(*answer);
  co_return answer;
}

PageSizeFsm& GraphqlApi::size_of(const GraphqlCall& call) {
  return sizes_.try_emplace({call.query->operation, call.variant, call.largest}, call.largest).first->second;
}

}  // namespace ghstats::github
