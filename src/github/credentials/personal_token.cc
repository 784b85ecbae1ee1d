#include "github/credentials/personal_token.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdlib>
#include <utility>

#include "base/read_file.h"
#include "base/trim.h"

namespace ghstats::github {
namespace {

constexpr std::size_t kMaxTokenFileBytes = 64UL << 10U;

Result<std::string> checked(std::string value, const std::string& where) {
  if (value.empty()) return fail(ErrorCode::kInvalidArgument, fmt::format("{} holds no token", where));
  if (!is_usable_token(value)) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("the token in {} holds blanks or control characters", where));
  }
  return value;
}

class FixedToken final : public TokenSource {
 public:
  explicit FixedToken(std::string value) : value_(std::move(value)) {}
  async::Task<Result<Token>> token() override { co_return Token{value_, {}, {}}; }
  void rejected(const Token&) override {}  // there is no other
  [[nodiscard]] std::string installation_id() const override { return {}; }

 private:
  std::string value_;
};

// What tells one content of the file from another without reading it; a replaced symbolic link shows too.
struct FileVersion {
  ino_t inode = 0;
  off_t size = 0;
  std::int64_t changed_ns = 0;
  friend bool operator==(const FileVersion&, const FileVersion&) = default;
};

std::optional<FileVersion> version_of(const std::string& path) {
  struct stat info{};
  if (::stat(path.c_str(), &info) != 0) return std::nullopt;
  return FileVersion{info.st_ino, info.st_size, info.st_mtim.tv_sec * 1'000'000'000 + info.st_mtim.tv_nsec};
}

class FileToken final : public TokenSource {
 public:
  explicit FileToken(std::string path) : path_(std::move(path)) {}

  Status load() {
    const auto version = version_of(path_);
    const std::string where = fmt::format("token file '{}'", path_);
    const auto text = read_regular_file(path_, kMaxTokenFileBytes);
    if (!text) return fail(ErrorCode::kInvalidArgument, fmt::format("{} {}", where, text.error().message));
    auto value = checked(std::string(trimmed(*text)), where);
    if (!value) return fail(value.error());
    value_ = *std::move(value);
    version_ = version;
    return {};
  }

  async::Task<Result<Token>> token() override {
    // Secrets are replaced while the program runs, and the file may be half written: the last good token stays.
    if (reload_ || version_of(path_) != version_) {
      const auto loaded = load();
      reload_ = !loaded;
    }
    co_return Token{value_, {}, {}};
  }
  void rejected(const Token& token) override { reload_ = reload_ || token.value == value_; }
  [[nodiscard]] std::string installation_id() const override { return {}; }

 private:
  std::string path_;
  std::string value_;
  std::optional<FileVersion> version_;
  bool reload_ = false;
};

}  // namespace

Result<std::unique_ptr<TokenSource>> make_personal_token(PersonalTokenOptions options) {
  if (!options.token_file.empty()) {
    auto source = std::make_unique<FileToken>(std::move(options.token_file));
    const auto loaded = source->load();
    if (!loaded) return fail(loaded.error());
    return source;
  }
  std::string where = "the configured token";
  if (!options.token_env.empty()) {
    where = fmt::format("environment variable {}", options.token_env);
    const char* set = std::getenv(options.token_env.c_str());  // NOLINT(concurrency-mt-unsafe): nobody sets variables
    if (set == nullptr) return fail(ErrorCode::kInvalidArgument, where + " is not set");
    options.value = set;
  }
  auto value = checked(std::string(trimmed(options.value)), where);
  if (!value) return fail(value.error());
  return std::make_unique<FixedToken>(*std::move(value));
}

}  // namespace ghstats::github
