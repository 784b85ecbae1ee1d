// What the program makes of a server's refusal.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"
#include "redis/reply.h"

namespace ghstats::redis {

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

// The one reply to `command`, where an error is one.
Result<Reply> only_reply(std::string_view command, std::vector<Reply> replies);

// Whether the server is not, or no longer, the one that takes writes.
bool is_read_only(const ServerError& error);

// The same for a reply, an EXEC's elements included.
bool says_read_only(const Reply& reply);

}  // namespace ghstats::redis
