#include "github/rest/link_header.h"

#include <cctype>
#include <string_view>

namespace ghstats::github {
namespace {

bool same_text(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) != lower[i]) return false;
  }
  return true;
}

// One header value, read from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() {
    skip_blanks();
    return text_.empty();
  }
  bool take(char c) {
    skip_blanks();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  std::optional<std::string> until(char end) {
    const auto at = text_.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    std::string out(text_.substr(0, at));
    text_.remove_prefix(at + 1);
    return out;
  }
  std::string_view token() {
    skip_blanks();
    const auto end = std::min(text_.find_first_of(" \t,;=\"<>"), text_.size());
    const auto out = text_.substr(0, end);
    text_.remove_prefix(end);
    return out;
  }
  // What follows an opening quotation mark.
  std::optional<std::string> quoted() {
    std::string out;
    while (!text_.empty()) {
      char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') return out;
      if (c == '\\') {
        if (text_.empty()) return std::nullopt;
        c = text_.front();
        text_.remove_prefix(1);
      }
      out.push_back(c);
    }
    return std::nullopt;
  }

 private:
  void skip_blanks() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\t')) text_.remove_prefix(1);
  }
  std::string_view text_;
};

struct Parameter {
  std::string_view name;
  std::string value;
};

std::optional<Parameter> parse_parameter(Reader& in) {
  Parameter out;
  out.name = in.token();
  if (out.name.empty()) return std::nullopt;
  if (!in.take('=')) return out;
  if (!in.take('"')) {
    out.value = in.token();
    return out;
  }
  auto value = in.quoted();
  if (!value) return std::nullopt;
  out.value = *std::move(value);
  return out;
}

// A relation is a list of words.
bool names_next(std::string_view relations) {
  while (!relations.empty()) {
    const auto end = std::min(relations.find(' '), relations.size());
    if (same_text(relations.substr(0, end), "next")) return true;
    relations.remove_prefix(std::min(end + 1, relations.size()));
  }
  return false;
}

struct Link {
  std::string target;
  bool next = false;
};

std::optional<Link> parse_link(Reader& in) {
  if (!in.take('<')) return std::nullopt;
  auto target = in.until('>');
  if (!target) return std::nullopt;
  Link link{*std::move(target), false};
  bool relation_seen = false;  // RFC 8288 3.3: only the first counts
  while (in.take(';')) {
    const auto parameter = parse_parameter(in);
    if (!parameter) return std::nullopt;
    if (same_text(parameter->name, "rel") && !relation_seen) {
      relation_seen = true;
      link.next = names_next(parameter->value);
    }
  }
  return link;
}

}  // namespace

Result<std::optional<std::string>> next_link(const http::Headers& headers) {
  std::optional<std::string> next;
  for (const auto& field : headers.fields()) {
    if (!same_text(field.name, "link")) continue;
    Reader in(field.value);
    while (!in.at_end()) {
      if (in.take(',')) continue;  // empty list elements are allowed (RFC 9110 5.6.1)
      auto link = parse_link(in);
      if (!link || (!in.at_end() && !in.take(','))) {
        return fail(ErrorCode::kInvalidData, "the Link header does not parse");
      }
      if (link->next && !next) next = std::move(link->target);
    }
  }
  return next;
}

}  // namespace ghstats::github
