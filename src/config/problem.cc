#include "config/problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "config/secret.h"

namespace ghstats::config {

std::string format(const Problem& problem) {
  std::string out = problem.file;
  if (problem.position.line > 0) out += fmt::format(":{}:{}", problem.position.line, problem.position.column);
  if (!out.empty()) out += ": ";
  if (!problem.key.empty()) out += problem.key + ": ";
  return out + problem.message;
}

void ProblemList::add(Position position, std::string key, std::string message) {
  problems_.push_back({file_, position, std::move(key), std::move(message)});
}

std::vector<Problem> ProblemList::sorted() const {
  std::vector<Problem> sorted = problems_;
  std::ranges::sort(sorted, {}, [](const Problem& p) { return std::tie(p.position, p.key, p.message); });
  if (sorted.size() > kMostProblems) {
    const std::size_t more = sorted.size() - kMostProblems;
    const Position last = sorted[kMostProblems - 1].position;
    sorted.resize(kMostProblems);
    sorted.push_back({file_, last, "", fmt::format("and {} more problems from here on", more)});
  }
  return sorted;
}

namespace {

// Whatever may be user info: all that follows a scheme, all in front of the last '@'.
std::string without_credentials(std::string_view text) {
  if (const auto scheme = text.find("://"); scheme != std::string_view::npos) {
    return fmt::format("{}://{}", text.substr(0, scheme), kRedacted);
  }
  const auto at = text.rfind('@');
  return at == std::string_view::npos ? std::string(text) : fmt::format("{}{}", kRedacted, text.substr(at));
}

}  // namespace

std::string quoted(std::string_view given) {
  const std::string shown = without_credentials(given);
  const std::string_view text = shown;
  constexpr std::size_t kLongest = 64;
  std::size_t end = std::min(text.size(), kLongest);
  const auto is_continuation = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U; };
  while (end < text.size() && end > 0 && is_continuation(end)) --end;
  std::string out = "'";
  for (std::size_t i = 0; i < end; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080..U+009F are control characters too; in UTF-8 they are C2 80..C2 9F.
    const bool c1 = byte == 0xC2 && i + 1 < end && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    } else if (c1) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(text[++i]));
    } else {
      out += text[i];
    }
  }
  if (end < text.size()) out += "...";
  return out + "'";
}

std::string alternatives(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

}  // namespace ghstats::config
