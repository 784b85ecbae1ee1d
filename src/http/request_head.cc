#include "http/request_head.h"

#include <algorithm>
#include <boost/beast/core/string.hpp>

namespace ghstats::http {
namespace bhttp = boost::beast::http;

namespace {

constexpr int kBadRequest = 400;
constexpr int kNotImplemented = 501;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_one_of(char c, std::string_view set) {
  return set.find(c) != std::string_view::npos;
}

// RFC 9110 5.6.2
bool is_token_character(char c) {
  return is_alphanumeric(c) || is_one_of(c, "!#$%&'*+-.^_`|~");
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlanks = " \t";
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// RFC 9110 7.2: uri-host [":" port] of RFC 3986 3.2.2. May be empty.
bool is_host(std::string_view host) {
  std::string_view name = host;
  const auto colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
    name = host.substr(0, colon);
    if (!std::ranges::all_of(host.substr(colon + 1), is_digit)) return false;
  }
  if (name.starts_with('[')) {
    if (name.size() < 3 || !name.ends_with(']')) return false;
    return std::ranges::all_of(name.substr(1, name.size() - 2),
                               [](char c) { return is_alphanumeric(c) || is_one_of(c, ":.-_~%"); });
  }
  return std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || is_one_of(c, "-._~%!$&'()*+,;="); });
}

Refusal check_host(const RequestFields& fields) {
  const auto count = fields.count(bhttp::field::host);
  if (count > 1 || (count == 0 && fields.version() >= 11)) return kBadRequest;
  if (!is_host(view(fields[bhttp::field::host]))) return kBadRequest;
  return std::nullopt;
}

// All codings of all Transfer-Encoding fields, in order, must be one: chunked.
Refusal check_codings(const RequestFields& fields) {
  std::size_t chunked = 0;
  const auto [begin, end] = fields.equal_range(bhttp::field::transfer_encoding);
  for (auto field = begin; field != end; ++field) {
    std::string_view rest = view(field->value());
    for (;;) {
      const auto comma = rest.find(',');
      const auto coding = trimmed(rest.substr(0, comma));
      if (boost::beast::iequals({coding.data(), coding.size()}, "chunked")) {
        ++chunked;
      } else if (!coding.empty()) {
        return kNotImplemented;
      }
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  if (chunked != 1) return kBadRequest;
  return std::nullopt;
}

Refusal check_length(const RequestFields& fields) {
  const auto lengths = fields.count(bhttp::field::content_length);
  if (fields.count(bhttp::field::transfer_encoding) > 0) {
    if (lengths > 0 || fields.version() < 11) return kBadRequest;
    return check_codings(fields);
  }
  if (lengths == 0) return std::nullopt;
  const auto length = view(fields[bhttp::field::content_length]);
  if (lengths > 1 || length.empty() || !std::ranges::all_of(length, is_digit)) return kBadRequest;
  return std::nullopt;
}

}  // namespace

Refusal check_beginning(std::string_view bytes) {
  if (!bytes.empty() && !is_token_character(bytes.front())) return kBadRequest;
  return std::nullopt;
}

Refusal check_lines(std::string_view head) {
  constexpr std::string_view kLineEnd = "\r\n";
  while (!head.empty()) {
    const auto end = head.find(kLineEnd);
    if (end == std::string_view::npos) return kBadRequest;
    const auto line = head.substr(0, end);
    if (line.starts_with(' ') || line.starts_with('\t')) return kBadRequest;
    const bool clean = std::ranges::all_of(line, [](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return (byte >= 0x20 && byte != 0x7f) || c == '\t';
    });
    if (!clean) return kBadRequest;
    head.remove_prefix(end + kLineEnd.size());
  }
  return std::nullopt;
}

Refusal check_fields(const RequestFields& fields) {
  if (const Refusal length = check_length(fields)) return length;
  return check_host(fields);
}

}  // namespace ghstats::http
