// What Sentinels say, and whom to believe. No I/O.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "net/endpoint.h"
#include "redis/command.h"
#include "redis/reply.h"

namespace ghstats::redis {

struct SentinelAnswer {
  net::Endpoint master;
  std::int64_t epoch = 0;  // of the configuration: every failover has a higher one (Sentinel, "Configuration epochs")

  friend bool operator==(const SentinelAnswer&, const SentinelAnswer&) = default;
};

// What to ask one of them.
std::vector<Command> sentinel_questions(const std::string& master_set);

// kInvalidArgument: it does not watch that set. A Sentinel that may not tell the epoch (NOPERM) has epoch 0.
Result<SentinelAnswer> read_sentinel_answer(const std::string& master_set, const std::vector<Reply>& replies);

// The answer of the highest epoch: right after a failover, or behind a broken network, some Sentinels still name the
// old master, which may be alive and would lose what is written to it. For the same reason an answer older than
// `known_epoch` counts only when more than half of the `configured` Sentinels answered (they may have been set up
// anew). kUnavailable otherwise. `answers` is not empty.
Result<SentinelAnswer> choose_master(const std::vector<SentinelAnswer>& answers, std::size_t configured,
                                     std::int64_t known_epoch);

// One error out of those of all Sentinels: the code that helps most, every message.
Error no_sentinel_answered(const std::vector<Error>& errors);

}  // namespace ghstats::redis
