#include "github/rest/get_meta.h"

namespace ghstats::github {
namespace {

// Errors that speak of the way to GitHub, not of our credentials.
bool is_outage(ErrorCode code) {
  return code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout || code == ErrorCode::kInvalidData ||
         code == ErrorCode::kTooLarge;
}

}  // namespace

async::Task<Result<Probe>> get_meta(Api& api) {
  Call call{.endpoint = "get_meta",
            .what = "probe GitHub",
            .path = "/meta",
            .accepted_statuses = {},
            .conditional = true,
            .remember_refusal = false};
  auto answer = co_await api.probe(std::move(call));
  if (!answer) {
    Error error = std::move(answer).error();
    if (error.code == ErrorCode::kCancelled) co_return fail(std::move(error));
    const auto reachability = is_outage(error.code) ? Reachability::kUnreachable : Reachability::kNotAsked;
    co_return Probe{reachability, std::move(error)};
  }
  if (!*answer) {
    co_return Probe{Reachability::kNotAsked,
                    Error{ErrorCode::kRateLimited, "probe GitHub: not asked while a rate limit is waited for"}};
  }
  if ((*answer)->kind != AnswerKind::kServerError) co_return Probe{Reachability::kReachable, std::nullopt};
  co_return Probe{Reachability::kUnreachable, error_of(**answer).with_context("probe GitHub")};
}

}  // namespace ghstats::github
