#include "config/files.h"

#include <fmt/format.h>

#include <algorithm>

#include "config/formats.h"
#include "config/pem.h"

namespace ghstats::config {
namespace {

constexpr std::size_t kLargestNamedFile = 1UL << 20U;
constexpr std::size_t kShortestHashKey = 16;

void strip_newline(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

Status check_hash_key(const std::string& key) {
  if (key.size() >= kShortestHashKey) return {};
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("holds a key that is too short; allowed are {} bytes or more", kShortestHashKey));
}

Status check_url(const std::string& url) {
  if (const auto wrong = check_format(Format::kAmqpUrl, url)) {
    return fail(ErrorCode::kInvalidArgument, "holds text that " + *wrong);
  }
  return {};
}

Status check_content(Format format, const std::string& content) {
  switch (format) {
    case Format::kTokenFile:
      return check_token(content);
    case Format::kHashKeyFile:
      return check_hash_key(content);
    case Format::kUrlFile:
      return check_url(content);
    case Format::kPrivateKey:
      return check_private_key(content);
    case Format::kCertificates:
      return check_certificates(content);
    case Format::kSecretFile:
      if (content.empty()) return fail(ErrorCode::kInvalidArgument, "is empty; allowed is one line with the secret");
      return {};
    default:
      return {};
  }
}

}  // namespace

Status check_token(const std::string& token) {
  if (token.empty()) return fail(ErrorCode::kInvalidArgument, "is empty; allowed is one line with the token");
  if (!std::ranges::all_of(token, [](char c) { return c > ' ' && c < 0x7F; })) {
    return fail(ErrorCode::kInvalidArgument,
                "holds blanks, line breaks or other characters that no token has; allowed is one line with the token");
  }
  return {};
}

Result<std::string> load_checked_file(Format format, const std::string& path, const Environment& environment) {
  auto content = environment.read_file(path, kLargestNamedFile);
  if (!content) return fail(content.error().code, "the file " + content.error().message);
  if (format != Format::kPrivateKey && format != Format::kCertificates) strip_newline(*content);
  if (auto status = check_content(format, *content); !status) {
    return fail(status.error().code, "the file " + status.error().message);
  }
  return content;
}

}  // namespace ghstats::config
