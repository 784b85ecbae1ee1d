#include "sim/graphql/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "sim/graphql/block_string.h"

namespace ghstats::sim::graphql {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

void add_utf8(std::string& text, unsigned code) {
  const auto add = [&](unsigned byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0 | code >> 6U);
    add(0x80 | (code & 0x3F));
  } else {
    add(0xE0 | code >> 12U);
    add(0x80 | (code >> 6U & 0x3F));
    add(0x80 | (code & 0x3F));
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::expected<std::vector<Token>, QueryError> run() {
    std::vector<Token> tokens;
    for (;;) {
      skip_ignored();
      Token token;
      token.at = here();
      if (position_ == text_.size()) {
        tokens.push_back(std::move(token));
        return tokens;
      }
      if (!read(token)) return std::unexpected(failure(token.at));
      tokens.push_back(std::move(token));
    }
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return position_ + ahead < text_.size() ? text_[position_ + ahead] : '\0';
  }
  [[nodiscard]] Location here() const { return {line_, position_ - line_begin_ + 1}; }
  [[nodiscard]] QueryError failure(Location at) const {
    QueryError error{fmt::format("Parse error on \"{}\" (UNKNOWN_CHAR) at [{}, {}]", peek(), at.line, at.column)};
    if (unterminated_) error.message = fmt::format("Unterminated string literal at [{}, {}]", at.line, at.column);
    error.locations = {at};
    return error;
  }

  void advance() {
    if (text_[position_++] == '\n') {
      ++line_;
      line_begin_ = position_;
    }
  }

  void skip_ignored() {
    constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
    if (text_.substr(position_).starts_with(kByteOrderMark)) position_ += kByteOrderMark.size();
    while (position_ < text_.size()) {
      const char c = peek();
      if (c == '#') {
        while (position_ < text_.size() && peek() != '\n') advance();
      } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',') {
        advance();
      } else {
        return;
      }
    }
  }

  bool read(Token& token) {
    constexpr std::string_view kPunctuators = "!$&()[]{}:=@|";
    const char c = peek();
    if (begins_name(c)) {
      token.kind = Token::Kind::kName;
      while (begins_name(peek()) || is_digit(peek())) take(token);
      return true;
    }
    if (is_digit(c) || c == '-') return read_number(token);
    if (c == '"') {
      token.kind = Token::Kind::kString;
      if (!text_.substr(position_).starts_with(R"(""")")) return read_string(token);
      return read_block_string(token);
    }
    token.kind = Token::Kind::kPunctuator;
    if (text_.substr(position_).starts_with("...")) {
      for (int i = 0; i < 3; ++i) take(token);
      return true;
    }
    if (!kPunctuators.contains(c)) return false;
    take(token);
    return true;
  }

  void take(Token& token) {
    token.text += peek();
    advance();
  }

  bool unterminated() {
    unterminated_ = true;
    return false;
  }

  bool read_number(Token& token) {
    token.kind = Token::Kind::kInt;
    if (peek() == '-') take(token);
    if (!is_digit(peek())) return false;
    while (is_digit(peek())) take(token);
    if (peek() == '.') {
      token.kind = Token::Kind::kFloat;
      take(token);
      if (!is_digit(peek())) return false;
      while (is_digit(peek())) take(token);
    }
    if (peek() == 'e' || peek() == 'E') {
      token.kind = Token::Kind::kFloat;
      take(token);
      if (peek() == '+' || peek() == '-') take(token);
      if (!is_digit(peek())) return false;
      while (is_digit(peek())) take(token);
    }
    return !begins_name(peek()) && peek() != '.';
  }

  bool read_string(Token& token) {
    advance();
    while (peek() != '"') {
      if (position_ == text_.size() || peek() == '\n') return unterminated();
      if (peek() != '\\') {
        take(token);
        continue;
      }
      advance();
      if (!read_escape(token)) return false;
    }
    advance();
    return true;
  }

  bool read_escape(Token& token) {
    constexpr std::string_view kEscapes = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const char c = peek();
    if (c == 'u') {
      const auto digits = text_.substr(position_ + 1, 4);
      unsigned code = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
      if (error != std::errc{} || end != digits.data() + 4) return false;
      add_utf8(token.text, code);
      position_ += 5;
      return true;
    }
    const auto which = kEscapes.find(c);
    if (which == std::string_view::npos) return false;
    token.text += kMeanings[which];
    advance();
    return true;
  }

  bool read_block_string(Token& token) {
    constexpr std::string_view kQuotes = R"(""")";
    constexpr std::string_view kEscapedQuotes = R"(\""")";
    const auto skip = [this](std::size_t count) {
      for (; count > 0; --count) advance();
    };
    std::string raw;
    skip(kQuotes.size());
    while (!text_.substr(position_).starts_with(kQuotes)) {
      if (position_ == text_.size()) return unterminated();
      if (text_.substr(position_).starts_with(kEscapedQuotes)) {
        raw += kQuotes;
        skip(kEscapedQuotes.size());
      } else {
        raw += peek();
        advance();
      }
    }
    skip(kQuotes.size());
    token.text = block_string_value(raw);
    return true;
  }

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
  std::size_t line_begin_ = 0;
  bool unterminated_ = false;
};

}  // namespace

std::expected<std::vector<Token>, QueryError> tokenize(std::string_view text) {
  return Lexer(text).run();
}

}  // namespace ghstats::sim::graphql
