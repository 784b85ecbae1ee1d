// The authorised door to GitHub's GraphQL API of one organisation. The queries are beside it, one per file.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "async/retry.h"
#include "async/task.h"
#include "base/error.h"
#include "github/courier.h"
#include "github/credentials/token_source.h"
#include "github/graphql/errors.h"
#include "github/graphql/page_size_fsm.h"
#include "github/graphql/queries.h"
#include "github/limits/rate_gate.h"
#include "github/transport.h"

namespace ghstats::github {

// One query, repeated as often as needed.
struct GraphqlCall {
  const Query* query = nullptr;
  std::string what;                                         // for people, the context of every error: "heads of acme"
  PageShape largest{};                                      // what is asked for as long as GitHub can answer it
  int nodes = 1;                                            // how many there are to ask for by id; >= 1
  std::function<boost::json::object(PageShape)> variables;  // for what is asked this time
  // Where the nodes stand in the answer: errors below one of them are its own. {"search", "nodes"}; empty: all errors
  // are of the whole query.
  std::vector<std::string> nodes_at = {};
  // Outlives the api. What costs GitHub more than the operation does otherwise is asked for in sizes of its own.
  std::string_view variant = {};
};

// The answer to a query, served as a whole but for single nodes.
struct Reply {
  std::string body;                      // for read_data()
  std::map<std::size_t, Error> refused;  // by the place of the node: NOT_FOUND, FORBIDDEN and what else is its own
  PageShape asked;
  TimePoint served_at;  // GitHub's clock (Transport::served_at)
};

// All calls on one thread. What it is constructed with must outlive it, and it must outlive its calls.
class GraphqlApi {
 public:
  // `gate` is that of the credential: REST and GraphQL share it.
  GraphqlApi(Transport& transport, TokenSource& tokens, RateGate& gate, async::RetryEnvironment retry);

  [[nodiscard]] const std::string& org() const { return transport_->org(); }
  [[nodiscard]] const Transport& transport() const { return *transport_; }

  // Gate, token, refusals by limits, 401 and repetition as Api::get has them, for the `graphql` resource. Never
  // conditional, and nothing is remembered: GraphQL has no ETags and no final refusals. What GitHub says is too large
  // is asked for at once in a smaller shape; what may be too large (502, 504, a time-out, "something went wrong") after
  // the wait of the retry loop. Errors, which all begin with call.what:
  //   kUnavailable, kTimeout   network, 5xx or an overloaded GitHub, after the last attempt
  //   kRateLimited             refused by a limit again and again; the message says until when
  //   kUnauthenticated         401 for a fresh token too, or no token to be had
  //   kPermissionDenied        403, or FORBIDDEN for the whole query
  //   kNotFound                404 (a GHES without GraphQL), or NOT_FOUND for the whole query
  //   kTooLarge                even in the smallest shape
  //   kInvalidData             any other status or error; what GitHub wrote follows
  //   kCancelled               at once
  async::Task<Result<Reply>> ask(GraphqlCall call);

  // The shape in which the next query of this operation is asked, of those that want so much at most: what GitHub can
  // answer is learnt for each such `largest` by itself, since many short lists are not one long list.
  [[nodiscard]] PageShape shape(const GraphqlCall& call) { return size_of(call).shape(); }
  // What came in this shape is of no use: the next query asks for less. False: that is the least already.
  bool shrink(const GraphqlCall& call, PageShape asked) { return size_of(call).on_too_large(asked); }

 private:
  async::Task<Result<Courier::Verdict>> round(const GraphqlCall& call, Courier::Progress& progress, Reply& reply);
  async::Task<Result<Answer>> send(const GraphqlCall& call, PageShape asked, const Token& token,
                                   RateGate::Permit permit);
  PageSizeFsm& size_of(const GraphqlCall& call);

  // What one answer leads to.
  enum class Next { kDone, kAskForLess };
  Next judge(const GraphqlCall& call, PageShape asked, Result<Courier::Verdict>& verdict, Reply& reply);
  Next judge_errors(const GraphqlCall& call, PageShape asked, Result<Courier::Verdict>& verdict, Reply& reply);

  Transport* transport_;
  TokenSource* tokens_;
  Courier courier_;
  // By operation, variant and the largest shape.
  std::map<std::tuple<std::string_view, std::string_view, PageShape>, PageSizeFsm> sizes_;
};

}  // namespace ghstats::github
