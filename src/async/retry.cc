#include "async/retry.h"

namespace ghstats::async {

bool is_transient(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kTimeout;
}

}  // namespace ghstats::async
