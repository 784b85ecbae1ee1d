#include "redis/server_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ghstats::redis {

namespace {

// Some messages repeat the command's arguments.
constexpr std::size_t kMaxText = 300;

struct Rule {
  std::string_view beginning;
  ErrorCode code;
};

// The texts are those of Redis 5 to 7 (server.c, networking.c, acl.c, db.c, functions.c). Longer beginnings first.
constexpr std::array kRules{
    Rule{"READONLY", ErrorCode::kUnavailable},
    Rule{"LOADING", ErrorCode::kUnavailable},
    Rule{"MASTERDOWN", ErrorCode::kUnavailable},
    Rule{"OOM", ErrorCode::kUnavailable},
    Rule{"BUSYGROUP", ErrorCode::kConflict},
    Rule{"BUSYKEY", ErrorCode::kConflict},
    Rule{"BUSY", ErrorCode::kUnavailable},
    Rule{"MISCONF", ErrorCode::kUnavailable},
    Rule{"NOREPLICAS", ErrorCode::kUnavailable},
    Rule{"TRYAGAIN", ErrorCode::kUnavailable},
    Rule{"CLUSTERDOWN", ErrorCode::kUnavailable},
    Rule{"ERR max number of clients", ErrorCode::kUnavailable},
    Rule{"WRONGPASS", ErrorCode::kUnauthenticated},
    Rule{"NOAUTH", ErrorCode::kUnauthenticated},
    Rule{"ERR invalid password", ErrorCode::kUnauthenticated},
    Rule{"ERR AUTH", ErrorCode::kUnauthenticated},
    Rule{"ERR Client sent AUTH", ErrorCode::kUnauthenticated},
    Rule{"NOPERM", ErrorCode::kPermissionDenied},
    Rule{"DENIED", ErrorCode::kPermissionDenied},
    Rule{"NOSCRIPT", ErrorCode::kNotFound},
    Rule{"NOGROUP", ErrorCode::kNotFound},
    Rule{"NOMASTERLINK", ErrorCode::kNotFound},
    Rule{"ERR Function not found", ErrorCode::kNotFound},
    Rule{"WRONGTYPE", ErrorCode::kConflict},
    Rule{"EXECABORT", ErrorCode::kConflict},
    Rule{"MOVED", ErrorCode::kInvalidArgument},
    Rule{"ASK", ErrorCode::kInvalidArgument},
    Rule{"CROSSSLOT", ErrorCode::kInvalidArgument},
    Rule{"ERR SELECT is not allowed in cluster mode", ErrorCode::kInvalidArgument},
    Rule{"ERR DB index is out of range", ErrorCode::kInvalidArgument},
    Rule{"ERR invalid DB index", ErrorCode::kInvalidArgument},
    Rule{"ERR unknown command", ErrorCode::kInvalidArgument},
};

bool names_a_cluster(std::string_view prefix) {
  return prefix == "MOVED" || prefix == "ASK" || prefix == "CROSSSLOT";
}

// "OOM" must not match "OOMPH ...", "ERR AUTH" may go on.
bool begins(std::string_view text, std::string_view beginning) {
  if (!text.starts_with(beginning)) return false;
  const bool whole_prefix = beginning.find(' ') != std::string_view::npos;
  return whole_prefix || text.size() == beginning.size() || text[beginning.size()] == ' ';
}

}  // namespace

std::string_view ServerError::prefix() const {
  return std::string_view(text).substr(0, text.find(' '));
}

Error to_error(const ServerError& error) {
  const auto* rule =
      std::ranges::find_if(kRules, [&](const Rule& candidate) { return begins(error.text, candidate.beginning); });
  std::string message = error.text.substr(0, kMaxText);
  if (message.size() < error.text.size()) message += "...";
  while (message.ends_with('.') && !message.ends_with("...")) message.pop_back();
  if (names_a_cluster(error.prefix())) message = "Redis Cluster is not supported: " + message;
  return {rule != kRules.end() ? rule->code : ErrorCode::kInternal, std::move(message)};
}

bool is_read_only(const ServerError& error) {
  return error.prefix() == "READONLY";
}

}  // namespace ghstats::redis
