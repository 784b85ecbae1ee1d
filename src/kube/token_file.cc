#include "kube/token_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/read_file.h"
#include "base/trim.h"

namespace ghstats::kube {
namespace {

constexpr std::size_t kMaxTokenFileBytes = 64UL << 10U;

}  // namespace

Result<std::string> read_token(const std::string& path) {
  const auto text = read_regular_file(path, kMaxTokenFileBytes);
  if (!text) return fail(text.error().with_context(fmt::format("token file '{}'", path)));
  const std::string_view token = trimmed(*text);
  if (token.empty()) return fail(ErrorCode::kInvalidArgument, fmt::format("token file '{}': holds no token", path));
  if (!std::ranges::all_of(token, [](char c) { return c > ' ' && c < '\x7F'; })) {
    return fail(ErrorCode::kInvalidArgument,
                fmt::format("token file '{}': the token holds blanks or control characters", path));
  }
  return std::string(token);
}

Result<std::string> TokenFile::token(SteadyPoint now) {
  if (!stale_ && now - read_at_ < kReadEvery) return token_;
  auto read = read_token(path_);
  if (read) {
    token_ = *std::move(read);
    read_at_ = now;
    stale_ = false;
    last_reading_ = {};
    return token_;
  }
  last_reading_ = std::unexpected(read.error());
  if (token_.empty()) return fail(read.error());
  return token_;
}

void TokenFile::rejected(const std::string& token) {
  stale_ = stale_ || token == token_;
}

}  // namespace ghstats::kube
