#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "github/credentials/token_source.h"

namespace ghstats::github::testing {

// Hands out its tokens one after the other: the next one after each rejection of the current, the last one for ever.
class FakeTokenSource final : public TokenSource {
 public:
  explicit FakeTokenSource(std::deque<Token> tokens) : tokens_(std::move(tokens)) {}

  async::Task<Result<Token>> token() override {
    ++asked;
    if (failure) co_return fail(*failure);
    co_return tokens_.front();
  }
  void rejected(const Token& token) override {
    rejections.push_back(token.value);
    if (tokens_.size() > 1 && tokens_.front().value == token.value) tokens_.pop_front();
  }
  [[nodiscard]] std::string installation_id() const override { return "42"; }

  int asked = 0;
  std::optional<Error> failure;
  std::vector<std::string> rejections;

 private:
  std::deque<Token> tokens_;
};

}  // namespace ghstats::github::testing
