// Tokens, one after the other, for parsers: the first thing that is wrong ends the document.
#pragma once

#include <optional>

#include "sim/graphql/lexer.h"

namespace ghstats::sim::graphql {

// After a failure every token is the end, so that loops over tokens end by themselves.
class TokenStream {
 public:
  explicit TokenStream(std::string_view text);

  [[nodiscard]] const Token& peek() const;
  [[nodiscard]] bool at_end() const { return peek().kind == Token::Kind::kEnd; }
  [[nodiscard]] bool sees(std::string_view punctuator) const;
  [[nodiscard]] bool sees_name(std::string_view name) const;
  Token next();
  // Takes the punctuator if it is there.
  bool skip(std::string_view punctuator);
  void expect(std::string_view punctuator);
  std::string expect_name();
  // What is there cannot be; `expected` in the words of GitHub's parser: "RCURLY".
  void fail(std::string_view expected);
  // Text nested deeper than anybody means it is a failure, too. Call for each level.
  void enter();
  void leave() { --depth_; }

  [[nodiscard]] const std::optional<QueryError>& error() const { return error_; }

 private:
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  std::size_t depth_ = 0;
  Token end_;
  std::optional<QueryError> error_;
};

// A value; `constant`: without variables. A type: "[ID!]!".
Value parse_value(TokenStream& tokens, bool constant);
TypeRef parse_type(TokenStream& tokens);

}  // namespace ghstats::sim::graphql
