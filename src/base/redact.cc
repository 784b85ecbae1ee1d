#include "base/redact.h"

#include <algorithm>

namespace ghstats {

std::string without_user_info(std::string_view text) {
  constexpr std::string_view kScheme = "://";
  std::string out;
  for (auto at = text.find(kScheme); at != std::string_view::npos; at = text.find(kScheme)) {
    out += text.substr(0, at + kScheme.size());
    text.remove_prefix(at + kScheme.size());
    const auto end = std::ranges::find_if(
        text, [](char c) { return (c >= 0 && c <= ' ') || c == '"' || c == '\'' || c == '`' || c == '>'; });
    const std::string_view url = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    if (const auto user_end = url.rfind('@'); user_end != std::string_view::npos) {
      out += "<redacted>";
      text.remove_prefix(user_end);
    }
  }
  return out.append(text);
}

}  // namespace ghstats
