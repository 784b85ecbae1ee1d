// Misbehaviour on demand.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <list>
#include <optional>
#include <regex>
#include <string>

#include "base/error.h"
#include "http/message.h"
#include "sim/world/random.h"

namespace ghstats::sim {

// What happens to a request. Members that are set work together where that makes sense (a delay before anything).
struct FaultAction {
  std::optional<int> status;  // answered instead, with `body` and `headers`
  std::string body;
  http::Headers headers;
  std::chrono::milliseconds delay{0};
  bool reset = false;                          // TCP reset before the first byte
  std::optional<std::size_t> cut_after_bytes;  // the real response, cut off
  bool body_not_json = false;                  // 200 with an HTML page
  bool wrong_shape = false;                    // the real response's body as JSON of another shape
  std::size_t huge_body_bytes = 0;             // 200 with that many bytes of JSON
  std::optional<int> secondary_limit;          // 403 or 429 in GitHub's words; 200: in GraphQL's
  std::optional<std::int64_t> retry_after;     // seconds, with secondary_limit
  std::optional<int> primary_limit;            // 403 or 429 in GitHub's words; nothing remains to who asks
  std::optional<std::int64_t> reset_in;        // seconds, with primary_limit; none: the hour's end
  bool permission = false;                     // 403: the token may not
  bool unauthenticated = false;                // 401: nobody knows the token
  std::optional<int> blocked;                  // 451 (dmca) or 403 (tos): "Repository access blocked"
  // The real response's Date: so many seconds off, or this text instead (empty: as good as none).
  std::optional<std::int64_t> date_off;
  std::optional<std::string> date;
  // Of GraphQL: RATE_LIMITED or RATE_LIMIT (nothing remains to who asks, as with primary_limit), SOMETHING_WENT_WRONG
  // or TIMEOUT (502, or `status`).
  std::optional<std::string> graphql_error;
  std::optional<std::int64_t> resource_limit;  // so many objects in the real answer, then RESOURCE_LIMITS_EXCEEDED
  bool moved = false;                          // 301 to the repository's address by id; strikes addresses by name
};

// What a fault may match.
struct Target {
  std::string method;
  std::string path;
  std::string repository;  // "owner/name" of the repository the path names, or empty
  bool by_name = false;    // it names that by its name, not by its id
  std::string operation;   // of a GraphQL query; empty: it is none
};

// Not thread-safe.
class Faults {
 public:
  // Adds a JSON array of faults (sim/README.md), or one fault; all or none. kInvalidData names what is wrong.
  Status add(const boost::json::value& description);
  void clear() { faults_.clear(); }
  // Descriptions with "hits".
  [[nodiscard]] boost::json::value list() const;

  // The first fault that fits and still has hits left; that hit is counted.
  const FaultAction* strike(const Target& target);

 private:
  struct Fault {
    boost::json::value description;
    std::string method;
    std::optional<std::regex> path;
    std::string repository;  // lower case; with or without owner
    std::string operation;
    std::optional<std::uint64_t> times;
    double probability = 1;
    FaultAction action;
    std::uint64_t hits = 0;
  };
  static Result<Fault> parse(const boost::json::value& description);
  static bool fits(const Fault& fault, const Target& target);

  std::list<Fault> faults_;
  Random random_{1};
};

}  // namespace ghstats::sim
