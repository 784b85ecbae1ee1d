// Errors of the whole program: a closed set of codes, a message for the operator, no exceptions across files.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace ghstats {

// What a caller may do about an error. Add a code only when some caller would act differently on it.
enum class ErrorCode {
  kCancelled,         // the caller asked to stop; never logged as an error
  kTimeout,           // a deadline passed
  kUnavailable,       // network failure or a 5xx: the same call may work later
  kInvalidArgument,   // configuration or command line: the operator must change something
  kInvalidData,       // the other side sent something that does not parse or has the wrong shape
  kUnauthenticated,   // credentials were refused
  kPermissionDenied,  // known identity, not allowed
  kNotFound,          // does not exist, or is hidden
  kConflict,          // the current state forbids it
  kRateLimited,       // asked to slow down
  kTooLarge,          // a size limit was exceeded
  kSuperseded,        // a newer leader exists
  kInternal,          // a bug
};

std::string_view to_string(ErrorCode code);

// A value: copyable, comparable by code. `message` is one line without a trailing full stop and never holds a secret.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;

  // The same error with one phrase in front: "list repos of org 'acme': HTTP 503".
  [[nodiscard]] Error with_context(std::string_view phrase) const;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

// `return fail(ErrorCode::kNotFound, "...")` from any function that returns a Result.
std::unexpected<Error> fail(ErrorCode code, std::string message);
std::unexpected<Error> fail(Error error);

}  // namespace ghstats
