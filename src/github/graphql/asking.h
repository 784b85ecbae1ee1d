// How the queries of this folder are asked: what batches and pages have in common. For the .cc files of this component.
#pragma once

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "async/task.h"
#include "github/graphql/graphql_api.h"
#include "github/graphql/model.h"
#include "github/graphql/model_json.h"
#include "github/limits/breaker_fsm.h"

namespace ghstats::github {

// The variable of a cursor: null for the first page.
boost::json::value cursor_variable(const std::optional<std::string>& cursor);

// Reads an array of nodes, each of which may be null, empty (of another type than was asked for) or refused: those go
// to `refused` and the others to `read`. `ids`: what was asked for, in the same order; empty where GitHub chose.
void read_nodes(JsonObject& parent, const Reply& reply, std::span<const NodeId> ids, std::vector<Refusal>& refused,
                const std::function<void(JsonObject&)>& read);

// A repository's list under `field`.
template <class T>
RepositoryList<T> read_repository_list(JsonObject& repository, std::string_view field, T (*read)(JsonObject&)) {
  RepositoryList<T> out;
  out.repository = repository.string("id");
  JsonObject list = repository.object(field);
  out.next = read_next(list);
  list.each_or_null("nodes", [&](std::size_t, JsonObject* item) {
    if (item != nullptr) out.items.push_back(read(*item));
  });
  return out;
}

// What is asked for by id, in as many queries as it takes.
template <class T>
struct BatchPlan {
  const Query* query = nullptr;
  std::string what;
  PageShape largest;
  std::vector<NodeId> ids;
  boost::json::object variables = {};       // beside $ids and $first
  bool paged = false;                       // whether it takes $first
  std::function<T(JsonObject&)> read = {};  // one node
  std::string_view variant = {};            // GraphqlCall::variant
};

// Never an error but kCancelled: what could not be asked is refused, and after two failures in a row, or one that no
// query would escape, so is the rest. A node that GitHub cannot answer, or that does not read, is found by asking for
// ever fewer, and costs nobody else. `api` must outlive the task.
template <class T>
async::Task<Result<Batch<T>>> ask_in_batches(GraphqlApi& api, BatchPlan<T> plan) {
  constexpr std::size_t kMostSilent = 2;
  Batch<T> out;
  BreakerFsm breaker(kMostSilent);
  std::span<const NodeId> left = plan.ids;
  while (!left.empty() && !breaker.is_open()) {
    GraphqlCall call{.query = plan.query,
                     .what = plan.what,
                     .largest = plan.largest,
                     .nodes = static_cast<int>(std::min<std::size_t>(left.size(), plan.largest.nodes)),
                     .variables =
                         [&plan, left](PageShape asked) {
                           boost::json::object variables = plan.variables;
                           const auto ids = left.first(asked.nodes);
                           variables["ids"] = boost::json::array(ids.begin(), ids.end());
                           if (plan.paged) variables["first"] = asked.page;
                           return variables;
                         },
                     .nodes_at = {"nodes"},
                     .variant = plan.variant};
    const PageShape before = api.shape(call);
    auto reply = co_await api.ask(call);
    Status status;
    if (!reply) {
      status = fail(reply.error());
    } else {
      Batch<T> part;
      const auto ids = left.first(reply->asked.nodes);
      status = read_data(*reply, plan.what, [&](JsonObject& data) {
        read_nodes(data, *reply, ids, part.refused, [&](JsonObject& node) { part.items.push_back(plan.read(node)); });
      });
      if (status) {
        breaker.on_answer();
        if (out.served_at == TimePoint{}) out.served_at = reply->served_at;
        std::ranges::move(part.items, std::back_inserter(out.items));
        std::ranges::move(part.refused, std::back_inserter(out.refused));
        left = left.subspan(reply->asked.nodes);
        continue;
      }
      api.shrink(call, reply->asked);
    }
    if (status.error().code == ErrorCode::kCancelled) co_return fail(status.error());
    if (!is_barred(status.error()) && api.shape(call) != before) continue;  // less of it may be answered
    breaker.on_error(status.error());
    const auto given_up = breaker.is_open() ? left : left.first(std::min<std::size_t>(before.nodes, left.size()));
    for (const NodeId& id : given_up) out.refused.push_back({id, status.error()});
    left = left.subspan(given_up.size());
  }
  co_return out;
}

// One page of a list.
template <class T>
struct PagePlan {
  GraphqlCall call;                    // with nodes_at
  std::function<T(JsonObject&)> read;  // one node
  std::string total = {};              // the field that counts the whole list; empty: none
};

// The page that `connection` holds, which call.nodes_at leads to.
template <class T>
async::Task<Result<Page<T>>> ask_page(GraphqlApi& api, PagePlan<T> plan) {
  auto reply = co_await api.ask(plan.call);
  if (!reply) co_return fail(std::move(reply).error());
  Page<T> out;
  out.served_at = reply->served_at;
  const auto& path = plan.call.nodes_at;
  const std::function<void(JsonObject&, std::size_t)> descend = [&](JsonObject& parent, std::size_t depth) {
    if (depth + 1 < path.size()) {
      JsonObject inner = parent.object(path[depth]);
      descend(inner, depth + 1);
      return;
    }
    if (!plan.total.empty()) out.total = parent.number(plan.total);
    out.next = read_next(parent);
    read_nodes(parent, *reply, {}, out.refused, [&](JsonObject& node) { out.items.push_back(plan.read(node)); });
  };
  const Status status = read_data(*reply, plan.call.what, [&](JsonObject& data) { descend(data, 0); });
  if (!status) co_return fail(status.error());
  co_return out;
}

// What is asked of one object by id and may not be refused. kNotFound: it is not there, or of another type.
template <class T>
async::Task<Result<T>> ask_node(GraphqlApi& api, GraphqlCall call, std::string field,
                                std::function<T(JsonObject)> read) {
  auto reply = co_await api.ask(call);
  if (!reply) co_return fail(std::move(reply).error());
  std::optional<T> out;
  const Status status = read_data(*reply, call.what, [&](JsonObject& data) {
    auto node = data.nullable_object("node");
    auto value = node ? node->nullable_object(field) : std::nullopt;
    if (value) out = read(*value);
  });
  if (!status) co_return fail(status.error());
  if (!out) co_return fail(Error{ErrorCode::kNotFound, "GitHub shows nothing there"}.with_context(call.what));
  co_return *std::move(out);
}

}  // namespace ghstats::github
