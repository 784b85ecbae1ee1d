// From bytes to replies.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "redis/reply.h"

struct redisReader;  // hiredis; NOLINT(readability-identifier-naming): its name

namespace ghstats::redis {

struct ReplyLimits {
  // Memory that one reply may take: its strings, and sizeof(Reply) for every element. Redis itself allows strings of
  // 512 MiB; who asks for that much at once should page.
  std::size_t max_bytes = 64UL << 20U;
};

// hiredis 0.14's reader, as a codec only: RESP2, arrays nested at most seven deep.
class Decoder {
 public:
  explicit Decoder(ReplyLimits limits = {});
  ~Decoder();
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  // Copies. After an error nothing more can be decoded.
  Status feed(std::string_view bytes);

  // The next whole reply; none when bytes are missing. kInvalidData: not RESP2. kTooLarge: beyond the limits. Both are
  // final: where the next reply begins is unknown.
  Result<std::optional<Reply>> next();

 private:
  friend struct DecoderCallbacks;
  struct FreeReader {
    void operator()(redisReader* reader) const;
  };

  bool charge(std::size_t bytes);
  std::unexpected<Error> broken();

  const ReplyLimits limits_;
  std::size_t charged_ = 0;  // for the reply being read
  bool too_large_ = false;
  bool malformed_ = false;
  std::unique_ptr<redisReader, FreeReader> reader_;
};

}  // namespace ghstats::redis
