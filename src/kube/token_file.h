// A service account's token: projected into a file, and replaced there long before it expires.
#pragma once

#include <chrono>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace ghstats::kube {

// What a token file holds, without blanks around it. Errors as of read_regular_file(), and kInvalidArgument for a file
// without a token or with blanks or control characters inside it. Messages name the file, never what is in it.
Result<std::string> read_token(const std::string& path);

// Reads the file again when the token is a minute old (client-go, transport/token_source.go), and after a rejection.
// While it cannot be read the last token stays, and the next call tries again. All calls on one thread.
class TokenFile {
 public:
  static constexpr std::chrono::seconds kReadEvery{60};

  explicit TokenFile(std::string path) : path_(std::move(path)) {}

  // An error only while there has never been a token.
  Result<std::string> token(SteadyPoint now);

  // The server did not accept `token`: the next call reads the file, unless that has given another one since.
  void rejected(const std::string& token);

  // How the last reading went.
  [[nodiscard]] const Status& last_reading() const { return last_reading_; }

 private:
  std::string path_;
  std::string token_;
  SteadyPoint read_at_;
  bool stale_ = true;
  Status last_reading_;
};

}  // namespace ghstats::kube
