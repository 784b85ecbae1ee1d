// Answers that GitHub confirms without charging for them: ETags and the bodies they stand for (github-api.md 2.4).
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/clock.h"
#include "http/client.h"

namespace ghstats::github {

// What one 200 said.
struct KeptAnswer {
  std::string etag;           // as GitHub sent or confirmed it, W/ included
  std::uint64_t token = 0;    // whose ETag it is: the beginning of a digest, never the token
  bool predictable = false;   // GitHub made the ETag by the known formula
  std::string link;           // the Link header; empty: there was none
  std::string body;           // deflated, where that is shorter
  std::size_t body_size = 0;  // inflated
  std::size_t charged = 0;    // what it costs of the budget, in bytes
};

// Who asks for what: the response varies by all of it. Views are read before the call returns.
struct Question {
  std::string_view url;     // as the caller asked for it, before redirects
  std::string_view accept;  // the header
  std::string_view bearer;  // secret
};

// Shared by all organisations. All calls on one thread. Errors cost a paid request and nothing else.
//
// A GitHub ETag is another one for every token, and installation tokens live for an hour. It is, undocumented, a digest
// of Accept, Authorization and body; where that formula gave the ETag that GitHub sent, it also gives the one for the
// next token, so that a new token is not paid for with one request per URL. Where it did not, the old ETag is sent.
//
// What does not fit into the budget: an answer saves one request each time it is asked for, whatever its size, so small
// ones are worth more. First those go that nobody has asked for in kStale, oldest first; then the largest, and a new
// answer that is the largest itself is not kept. Dropping the least recently used instead would, with a sweep over more
// than fits, always drop what is asked for next.
class ConditionalCache {
 public:
  static constexpr std::size_t kDefaultBudget = 64UL << 20U;
  static constexpr std::size_t kMaxBody = 4UL << 20U;  // a list of 100 pull requests has 1 to 2 MB
  // Longer than a sweep over 10,000 repositories takes.
  static constexpr std::chrono::hours kStale{2};
  // Of indexes and headers, for each answer.
  static constexpr std::size_t kOverhead = 512;

  explicit ConditionalCache(std::size_t budget_bytes = kDefaultBudget) : budget_(budget_bytes) {}

  // What is kept for question.url, null when nothing is. It outlives its removal from the cache.
  std::shared_ptr<const KeptAnswer> find(const Question& question, SteadyPoint now);

  // The If-None-Match to ask with.
  static std::string condition(const KeptAnswer& kept, const Question& question);

  // Takes in the answer 200 to `question`; replaces what was kept. Answers without ETag and large ones are not kept.
  void keep(const Question& question, const http::Response& response, SteadyPoint now);

  // Turns the 304 that `kept` and `condition` brought into the 200 it stands for: kept body and Link, all other headers
  // (Date, rate limit) those of the 304. Remembers the ETag that was confirmed. Absent when the body is unusable: a
  // bug, after which `question` is no longer kept.
  std::optional<http::Response> confirmed(const Question& question, const KeptAnswer& kept, std::string condition,
                                          http::Response not_modified);

  // What was kept turned out to be no answer.
  void forget(std::string_view url, std::string_view accept) { drop(key_of({url, accept, {}})); }

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  // The beginning of a digest of URL and Accept: shorter than most URLs.
  using Key = std::array<std::uint64_t, 2>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return key[0]; }
  };
  struct Entry {
    std::shared_ptr<KeptAnswer> answer;
    SteadyPoint used;
    std::list<Key>::iterator by_use;
  };

  static Key key_of(const Question& question);
  bool make_room(std::size_t bytes, SteadyPoint now);
  void drop(const Key& key);

  std::size_t budget_;
  std::size_t bytes_ = 0;
  std::unordered_map<Key, Entry, KeyHash> entries_;
  std::list<Key> by_use_;                          // least recently used first
  std::set<std::pair<std::size_t, Key>> by_size_;  // by what is charged
};

}  // namespace ghstats::github
