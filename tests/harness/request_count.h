// What a simulator was asked, and what of it GitHub would have charged: the simulator's own accounting.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/simulator.h"

namespace ghstats::harness {

class RequestCount {
 public:
  // Everything since the simulator's start or the last reset_requests().
  static RequestCount of(const Simulator& simulator);

  // `endpoint`: method and pattern, as "GET /repos/{owner}/{repo}/pulls"; empty: all. `status` 0: every one.
  [[nodiscard]] std::int64_t all(const std::string& endpoint = {}, int status = 0) const;
  [[nodiscard]] std::int64_t paid(const std::string& endpoint = {}) const;

  // One line per endpoint and status, so that a failure can be read.
  [[nodiscard]] std::string text() const;

 private:
  struct Entry {
    std::string endpoint;
    int status = 0;
    std::int64_t all = 0;
    std::int64_t paid = 0;
  };
  std::vector<Entry> entries_;
};

void reset_requests(const Simulator& simulator);

namespace endpoint {
// Discovery: the first page by the organisation's name, the others, where its links lead, by its id.
inline constexpr const char* kRepositories = "GET /orgs/{org}/repos";
inline constexpr const char* kMoreRepositories = "GET /organizations/{id}/repos";
inline constexpr const char* kCommits = "GET /repos/{owner}/{repo}/commits";
inline constexpr const char* kPulls = "GET /repos/{owner}/{repo}/pulls";
inline constexpr const char* kReviews = "GET /repos/{owner}/{repo}/pulls/{number}/reviews";
inline constexpr const char* kComments = "GET /repos/{owner}/{repo}/issues/comments";
inline constexpr const char* kReviewComments = "GET /repos/{owner}/{repo}/pulls/comments";
inline constexpr const char* kIssues = "GET /repos/{owner}/{repo}/issues";
inline constexpr const char* kStatistics = "GET /repos/{owner}/{repo}/stats/contributors";
inline constexpr const char* kTokens = "POST /app/installations/{id}/access_tokens";
inline constexpr const char* kProbes = "GET /meta";
}  // namespace endpoint

}  // namespace ghstats::harness
