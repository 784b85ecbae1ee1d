#include "base/error.h"

#include <fmt/format.h>

#include <utility>

namespace ghstats {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kUnavailable:
      return "unavailable";
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kInvalidData:
      return "invalid_data";
    case ErrorCode::kUnauthenticated:
      return "unauthenticated";
    case ErrorCode::kPermissionDenied:
      return "permission_denied";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kConflict:
      return "conflict";
    case ErrorCode::kRateLimited:
      return "rate_limited";
    case ErrorCode::kTooLarge:
      return "too_large";
    case ErrorCode::kSuperseded:
      return "superseded";
    case ErrorCode::kInternal:
      return "internal";
  }
  std::unreachable();
}

Error Error::with_context(std::string_view phrase) const {
  return Error{code, fmt::format("{}: {}", phrase, message)};
}

std::unexpected<Error> fail(ErrorCode code, std::string message) {
  return std::unexpected(Error{code, std::move(message)});
}

std::unexpected<Error> fail(Error error) {
  return std::unexpected(std::move(error));
}

}  // namespace ghstats
