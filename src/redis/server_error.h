// What the program makes of a server's refusal.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace ghstats::redis {

// Why the server refused a command, in its own words: "WRONGTYPE Operation against a key holding the wrong kind...".
struct ServerError {
  std::string text;

  // The first word, which programs may look at: "WRONGTYPE".
  [[nodiscard]] std::string_view prefix() const;
  friend bool operator==(const ServerError&, const ServerError&) = default;
};

// The message is the server's, shortened to a line that a log can bear.
//   kUnavailable       READONLY, LOADING, MASTERDOWN, OOM, BUSY, MISCONF, NOREPLICAS, TRYAGAIN, CLUSTERDOWN, too many
//                      clients: the same command may work later
//   kUnauthenticated   WRONGPASS, NOAUTH, a password where none is set
//   kPermissionDenied  NOPERM, DENIED (protected mode)
//   kNotFound          NOSCRIPT, NOGROUP, NOMASTERLINK, no such function
//   kConflict          WRONGTYPE, BUSYGROUP, BUSYKEY, EXECABORT
//   kInvalidArgument   MOVED, ASK, CROSSSLOT (a cluster), no such database, a command that this server does not know
//   kInternal          any other: we asked for something wrong. Scripts' own errors are told apart by their prefix
Error to_error(const ServerError& error);

// Whether the server is not, or no longer, the one that takes writes.
bool is_read_only(const ServerError& error);

}  // namespace ghstats::redis
