#include "config/redis_url.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "config/hosts.h"
#include "config/parts.h"

namespace ghstats::config {
namespace {

constexpr std::int64_t kLargestDb = 65'535;

std::optional<unsigned char> hex_byte(std::string_view digits) {
  unsigned char byte = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
  if (digits.size() != 2 || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return byte;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto byte = hex_byte(text.substr(i + 1, 2));
    if (!byte || *byte == 0) return std::nullopt;
    out += static_cast<char>(*byte);
    i += 2;
  }
  return out;
}

bool read_user_info(std::string_view text, RedisUrl& url) {
  const auto colon = std::min(text.find(':'), text.size());
  auto user = percent_decoded(text.substr(0, colon));
  auto password = percent_decoded(text.substr(std::min(colon + 1, text.size())));
  if (!user || !password) return false;
  url.username = *std::move(user);
  url.password = Secret(*std::move(password));
  return true;
}

bool read_db(std::string_view path, RedisUrl& url) {
  if (path.empty() || path == "/") return true;
  std::int64_t db = 0;
  const std::string_view digits = path.substr(1);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), db);
  if (error != std::errc{} || end != digits.data() + digits.size() || db < 0 || db > kLargestDb) return false;
  url.db = db;
  return true;
}

}  // namespace

std::optional<RedisUrl> parse_redis_url(std::string_view text) {
  RedisUrl url;
  if (text.starts_with("rediss://")) {
    url.tls = true;
  } else if (!text.starts_with("redis://")) {
    return std::nullopt;
  }
  text.remove_prefix(text.find("://") + 3);
  if (!std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F && c != '?' && c != '#'; })) {
    return std::nullopt;
  }
  const auto path = std::min(text.find('/'), text.size());
  std::string_view authority = text.substr(0, path);
  if (!read_db(text.substr(path), url)) return std::nullopt;
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    if (!read_user_info(authority.substr(0, at), url)) return std::nullopt;
    authority.remove_prefix(at + 1);
  }
  url.address = authority;
  if (is_host_name(url.address) || is_ipv6_literal(url.address)) url.address += ":6379";
  if (!is_host_and_port(url.address, false, 1)) return std::nullopt;
  return url;
}

void resolve_redis_url(Config& config, Findings& findings) {
  Store& store = config.store;
  auto url = parse_redis_url(store.redis_addr);
  if (!url) return;
  const auto refuse = [&](bool says_it_too, const std::string& key, const char* message) {
    if (says_it_too && config.given_keys.contains(key) && is_in_use(key, config, findings)) {
      findings.report(key, message);
    }
  };
  constexpr const char* kBeside = "given beside that of the URL in redis_addr; allowed is one of them";
  refuse(!url->username.empty(), "store.redis_username", kBeside);
  refuse(!url->password.empty(), "store.redis_password", kBeside);
  refuse(!url->password.empty(), "store.redis_password_file", kBeside);
  refuse(url->db && *url->db != store.redis_db, "store.redis_db",
         "is not the database of the URL in redis_addr; allowed is one of them");
  refuse(url->tls && !store.redis_tls, "store.redis_tls", "false contradicts rediss:// in redis_addr; leave it out");
  store.redis_addr = std::move(url->address);
  if (!url->username.empty()) store.redis_username = std::move(url->username);
  if (!url->password.empty()) store.redis_password = std::move(url->password);
  store.redis_db = url->db.value_or(store.redis_db);
  store.redis_tls = store.redis_tls || url->tls;
}

}  // namespace ghstats::config
