#include "log/escape.h"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>

namespace ghstats::log {
namespace {

struct Character {
  char32_t code = 0;
  std::size_t length = 0;  // bytes; 0: the first byte starts no valid UTF-8 sequence
};

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0U) == 0x80U;
}

Character multibyte(std::string_view text, std::size_t length, char32_t lead_bits, char32_t smallest) {
  if (text.size() < length) return {};
  char32_t code = lead_bits;
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!is_continuation(byte)) return {};
    code = (code << 6U) | (byte & 0x3FU);
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < smallest || code > 0x10FFFF || surrogate) return {};
  return {code, length};
}

// The first character of a non-empty text (RFC 3629).
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  if ((lead & 0xE0U) == 0xC0U) return multibyte(text, 2, lead & 0x1FU, 0x80);
  if ((lead & 0xF0U) == 0xE0U) return multibyte(text, 3, lead & 0x0FU, 0x800);
  if ((lead & 0xF8U) == 0xF0U) return multibyte(text, 4, lead & 0x07U, 0x10000);
  return {};
}

// Characters that end a line, move the cursor or reorder what follows.
bool is_unsafe(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 || code == 0x2029 ||
         (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) || code == 0xFEFF;
}

// Appends an unsafe character; all of them are below U+10000.
void append_escape(std::string& out, char32_t code) {
  switch (code) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(code));
  }
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  while (!text.empty()) {
    const Character c = first_character(text);
    if (c.length == 0 || is_unsafe(c.code)) return true;
    if (c.code == ' ' || c.code == '=' || c.code == '"' || c.code == '\\' || c.code == 0xA0) return true;
    text.remove_prefix(c.length);
  }
  return false;
}

}  // namespace

void append_json_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const Character c = first_character(text);
    if (c.length == 0) {
      out += "\\ufffd";
      text.remove_prefix(1);
      continue;
    }
    if (c.code == '"' || c.code == '\\') {
      out += '\\';
      out += static_cast<char>(c.code);
    } else if (is_unsafe(c.code)) {
      append_escape(out, c.code);
    } else {
      out += text.substr(0, c.length);
    }
    text.remove_prefix(c.length);
  }
}

void append_text_escaped(std::string& out, std::string_view text, bool quoted) {
  while (!text.empty()) {
    const Character c = first_character(text);
    if (c.length == 0) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
      continue;
    }
    if (quoted && (c.code == '"' || c.code == '\\')) {
      out += '\\';
      out += static_cast<char>(c.code);
    } else if (is_unsafe(c.code)) {
      append_escape(out, c.code);
    } else {
      out += text.substr(0, c.length);
    }
    text.remove_prefix(c.length);
  }
}

void append_text_value(std::string& out, std::string_view text) {
  if (!needs_quotes(text)) {
    out += text;
    return;
  }
  out += '"';
  append_text_escaped(out, text, true);
  out += '"';
}

}  // namespace ghstats::log
