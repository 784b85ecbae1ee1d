// Where the bearer token of an organisation comes from.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "async/task.h"
#include "base/clock.h"
#include "base/error.h"

namespace ghstats::github {

struct Token {
  std::string value;                    // secret; GitHub may send several KB
  TimePoint created_at;                 // this program's clock; 1970 for a token that is not ours
  std::optional<TimePoint> expires_at;  // GitHub's clock; absent: not known
};

// Whether it can stand in a header: visible ASCII only, not empty.
bool is_usable_token(std::string_view value);

// All calls on one thread; must outlive its calls.
class TokenSource {
 public:
  virtual ~TokenSource() = default;

  // A token that should work now. Errors: kUnauthenticated (GitHub refuses the App's key, or the installation is
  // suspended or gone), kInvalidArgument (the token file), and those of Api::get for what has to be asked from GitHub.
  // Cancelling one caller does not disturb the others.
  virtual async::Task<Result<Token>> token() = 0;

  // GitHub answered 401 to this token: the next token() looks for another one. Ignored when `token` is not the current.
  virtual void rejected(const Token& token) = 0;

  // In decimal; empty for personal tokens and before discovery.
  [[nodiscard]] virtual std::string installation_id() const = 0;

  // Ends background work; token() fails with kCancelled afterwards. Must have been awaited before destruction while the
  // executor runs.
  virtual async::Task<> stop() { co_return; }
};

}  // namespace ghstats::github
