// Refusals that asking again does not change: remembered, so that they are not asked for in every cycle.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "github/answer.h"
#include "http/client.h"

namespace ghstats::github {

// Of one organisation. All calls on one thread. URLs are absolute; their query counts for nothing.
class FinalAnswers {
 public:
  // What forbids is lifted by people (a permission, an authorisation, a block), who can wait an hour for the effect;
  // polling a refusal is what GitHub asks not to do (github-api.md 2.2).
  static constexpr std::chrono::hours kRemembered{1};
  // About 15 MB when full. The oldest goes first; that costs a request.
  static constexpr std::size_t kMaxPaths = 50'000;
  static constexpr std::size_t kMaxReasonsTold = 100;

  struct Final {
    int status = 0;  // 0: no refusal, but an answer of no use
    Error error;
    std::string date;  // the header as GitHub sent it; may be empty
  };

  explicit FinalAnswers(std::size_t max_paths = kMaxPaths) : max_paths_(max_paths) {}

  // 404, 410, 451, a blocked repository, and a 403 that names a permission, single sign-on or a policy. Not other 403s:
  // what the classifier does not know may be a limit.
  static bool is_final(const Answer& answer);

  // What was said about this path, or about its whole repository, less than kRemembered ago. Valid until the next call.
  [[nodiscard]] const Final* find(std::string_view url, SteadyPoint now);

  // A blocked repository: for every path below /repos/owner/name.
  void remember(std::string_view url, AnswerKind kind, Final final, SteadyPoint now);

  // It was served: what was remembered about the path and its repository is wrong.
  void forget(std::string_view url);

  // Whether a refusal for this reason is news to people: once per endpoint, reason and kRemembered.
  bool is_news(const std::string& endpoint, const std::string& reason, SteadyPoint now);

  [[nodiscard]] std::size_t size() const { return known_.size(); }

 private:
  struct Known {
    std::string key;
    Final final;
    SteadyPoint until;
  };
  using Position = std::list<Known>::iterator;

  void drop(Position position);
  void drop(const std::string& key);

  std::size_t max_paths_;
  std::list<Known> known_;                                 // oldest first, which is also the order in which they end
  std::unordered_map<std::string_view, Position> by_key_;  // views of the keys in known_
  std::map<std::pair<std::string, std::string>, SteadyPoint> told_until_;
};

}  // namespace ghstats::github
