#include "sim/graphql/token_stream.h"

#include <fmt/format.h>

#include <array>

namespace ghstats::sim::graphql {
namespace {

constexpr std::size_t kDeepest = 200;
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kNames{{{"!", "BANG"},
                                                                                {"$", "VAR_SIGN"},
                                                                                {"&", "AMP"},
                                                                                {"(", "LPAREN"},
                                                                                {")", "RPAREN"},
                                                                                {"...", "ELLIPSIS"},
                                                                                {":", "COLON"},
                                                                                {"=", "EQUALS"},
                                                                                {"@", "DIR_SIGN"},
                                                                                {"[", "LBRACKET"},
                                                                                {"]", "RBRACKET"},
                                                                                {"{", "LCURLY"},
                                                                                {"|", "PIPE"},
                                                                                {"}", "RCURLY"}}};

std::string_view name_of(std::string_view punctuator) {
  for (const auto& [text, name] : kNames) {
    if (text == punctuator) return name;
  }
  return punctuator;
}

std::string_view kind_of(const Token& token) {
  switch (token.kind) {
    case Token::Kind::kName:
      return "IDENTIFIER";
    case Token::Kind::kInt:
      return "INT";
    case Token::Kind::kFloat:
      return "FLOAT";
    case Token::Kind::kString:
      return "STRING";
    case Token::Kind::kPunctuator:
      return name_of(token.text);
    case Token::Kind::kEnd:
      break;
  }
  return "(none)";
}

Value parse_list(TokenStream& tokens, bool constant) {
  Value value;
  value.kind = Value::Kind::kList;
  tokens.expect("[");
  while (!tokens.at_end() && !tokens.sees("]")) value.items.push_back(parse_value(tokens, constant));
  tokens.expect("]");
  return value;
}

Value parse_object(TokenStream& tokens, bool constant) {
  Value value;
  value.kind = Value::Kind::kObject;
  tokens.expect("{");
  while (!tokens.at_end() && !tokens.sees("}")) {
    auto name = tokens.expect_name();
    tokens.expect(":");
    value.fields.push_back({std::move(name), parse_value(tokens, constant)});
  }
  tokens.expect("}");
  return value;
}

Value::Kind kind_of_name(std::string_view name) {
  if (name == "true" || name == "false") return Value::Kind::kBoolean;
  return name == "null" ? Value::Kind::kNull : Value::Kind::kEnum;
}

}  // namespace

TokenStream::TokenStream(std::string_view text) {
  auto tokens = tokenize(text);
  if (tokens) {
    tokens_ = std::move(*tokens);
  } else {
    error_ = tokens.error();
  }
}

const Token& TokenStream::peek() const {
  return error_ ? end_ : tokens_[position_];
}

bool TokenStream::sees(std::string_view punctuator) const {
  return peek().kind == Token::Kind::kPunctuator && peek().text == punctuator;
}

bool TokenStream::sees_name(std::string_view name) const {
  return peek().kind == Token::Kind::kName && peek().text == name;
}

Token TokenStream::next() {
  Token token = peek();
  if (!at_end()) ++position_;
  return token;
}

bool TokenStream::skip(std::string_view punctuator) {
  if (!sees(punctuator)) return false;
  (void)next();
  return true;
}

void TokenStream::expect(std::string_view punctuator) {
  if (!skip(punctuator)) fail(name_of(punctuator));
}

std::string TokenStream::expect_name() {
  if (peek().kind == Token::Kind::kName) return next().text;
  fail("NAME");
  return {};
}

void TokenStream::fail(std::string_view expected) {
  if (error_) return;
  const auto token = peek();
  QueryError error;
  error.locations = {token.at};
  error.message = token.kind == Token::Kind::kEnd
                      ? "Unexpected end of document"
                      : fmt::format("Expected {}, actual: {} (\"{}\") at [{}, {}]", expected, kind_of(token),
                                    token.text, token.at.line, token.at.column);
  error_ = std::move(error);
}

void TokenStream::enter() {
  if (++depth_ > kDeepest) fail("less nesting");
}

TypeRef parse_type(TokenStream& tokens) {
  TypeRef type;
  tokens.enter();
  if (tokens.skip("[")) {
    type.element.push_back(parse_type(tokens));
    tokens.expect("]");
  } else {
    type.name = tokens.expect_name();
  }
  type.required = tokens.skip("!");
  tokens.leave();
  return type;
}

Value parse_value(TokenStream& tokens, bool constant) {
  tokens.enter();
  Value value;
  const auto token = tokens.peek();
  if (tokens.sees("[")) {
    value = parse_list(tokens, constant);
  } else if (tokens.sees("{")) {
    value = parse_object(tokens, constant);
  } else if (tokens.sees("$") && !constant) {
    (void)tokens.next();
    value.kind = Value::Kind::kVariable;
    value.text = tokens.expect_name();
  } else if (token.kind == Token::Kind::kEnd || token.kind == Token::Kind::kPunctuator) {
    tokens.fail("VALUE");
  } else {
    value.text = tokens.next().text;
    if (token.kind == Token::Kind::kName) value.kind = kind_of_name(token.text);
    if (token.kind == Token::Kind::kInt) value.kind = Value::Kind::kInt;
    if (token.kind == Token::Kind::kFloat) value.kind = Value::Kind::kFloat;
    if (token.kind == Token::Kind::kString) value.kind = Value::Kind::kString;
  }
  value.at = token.at;
  tokens.leave();
  return value;
}

}  // namespace ghstats::sim::graphql
