// Values that must never reach a log, an error, a page or a file.
#pragma once

#include <fmt/format.h>

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace ghstats::config {

inline constexpr std::string_view kRedacted = "<redacted>";

// A password, token or key. Only reveal() gives the content; every formatter prints "<redacted>".
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}

  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }
  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  std::string value_;
};

inline std::ostream& operator<<(std::ostream& out, const Secret&) {
  return out << kRedacted;
}

// A URL that may hold a user name and a password (amqp.url, proxies). Formatters print redacted().
class CredentialUrl {
 public:
  CredentialUrl() = default;
  explicit CredentialUrl(std::string url) : url_(std::move(url)) {}

  [[nodiscard]] const std::string& reveal() const { return url_; }
  // The URL with its user info, query and fragment replaced: "amqps://<redacted>@broker:5671/ghstats".
  [[nodiscard]] std::string redacted() const;
  [[nodiscard]] bool empty() const { return url_.empty(); }
  friend bool operator==(const CredentialUrl&, const CredentialUrl&) = default;

 private:
  std::string url_;
};

inline std::ostream& operator<<(std::ostream& out, const CredentialUrl& url) {
  return out << url.redacted();
}

}  // namespace ghstats::config

template <>
struct fmt::formatter<ghstats::config::Secret> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const ghstats::config::Secret&, Context& context) const {
    return fmt::formatter<std::string_view>::format(ghstats::config::kRedacted, context);
  }
};

template <>
struct fmt::formatter<ghstats::config::CredentialUrl> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const ghstats::config::CredentialUrl& url, Context& context) const {
    return fmt::formatter<std::string_view>::format(url.redacted(), context);
  }
};
