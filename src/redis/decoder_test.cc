#include "redis/decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace ghstats::redis {
namespace {

Reply text(std::string value) {
  return Reply(std::move(value));
}
Reply number(std::int64_t value) {
  return Reply(value);
}

struct Decoded {
  std::vector<Reply> replies;
  std::optional<ErrorCode> error;
};

// Feeds `bytes` in pieces of `piece`.
Decoded decode(std::string_view bytes, std::size_t piece = SIZE_MAX, ReplyLimits limits = {}) {
  Decoder decoder(limits);
  Decoded out;
  while (!bytes.empty() && !out.error) {
    const auto now = bytes.substr(0, piece);
    bytes.remove_prefix(now.size());
    if (const auto fed = decoder.feed(now); !fed) out.error = fed.error().code;
    while (!out.error) {
      auto next = decoder.next();
      if (!next) out.error = next.error().code;
      if (!next || !*next) break;
      out.replies.push_back(std::move(**next));
    }
  }
  return out;
}

const std::string kEverything =
    "+OK\r\n:-42\r\n$5\r\na\r\nbc\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n-ERR no such thing\r\n:9223372036854775807\r\n"
    "*4\r\n*2\r\n:1\r\n*1\r\n$3\r\nxyz\r\n$-1\r\n-MOVED 1 a:1\r\n+last\r\n";

std::vector<Reply> everything() {
  return {text("OK"),
          number(-42),
          text("a\r\nbc"),
          text(""),
          Reply(),
          Reply(),
          Reply(Reply::Array{}),
          Reply(ServerError{"ERR no such thing"}),
          number(INT64_MAX),
          Reply(Reply::Array{Reply(Reply::Array{number(1), Reply(Reply::Array{text("xyz")})}), Reply(),
                             Reply(ServerError{"MOVED 1 a:1"}), text("last")})};
}

TEST(Decoder, ReadsEveryKindWhereverThePiecesEnd) {
  for (std::size_t piece = 1; piece <= kEverything.size(); ++piece) {
    const auto decoded = decode(kEverything, piece);
    ASSERT_FALSE(decoded.error) << piece;
    ASSERT_EQ(decoded.replies, everything()) << piece;
  }
}

TEST(Decoder, InventsNothingWhenTheEndIsMissing) {
  const auto all = everything();
  for (std::size_t size = 0; size < kEverything.size(); ++size) {
    const auto decoded = decode(std::string_view(kEverything).substr(0, size));
    ASSERT_FALSE(decoded.error);
    ASSERT_LT(decoded.replies.size(), all.size());
    ASSERT_TRUE(std::equal(decoded.replies.begin(), decoded.replies.end(), all.begin())) << size;
  }
}

TEST(Decoder, RefusesWhatIsNotTheProtocol) {
  for (const char* bytes :
       {"HTTP/1.1 400 Bad Request\r\n", "%1\r\n+a\r\n+b\r\n", ":12x\r\n", "$5\r\nhelloXX", "$-2\r\n", "*-2\r\n",
        "$abc\r\n", "*1\r\n?\r\n", "_\r\n", "\r\n", "$99999999999999999999\r\n", "*9999999999\r\n",
        "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n"}) {
    const auto decoded = decode(bytes);
    EXPECT_EQ(decoded.error, ErrorCode::kInvalidData) << bytes;
    EXPECT_TRUE(decoded.replies.empty()) << bytes;
  }
}

TEST(Decoder, StaysBrokenOnceItIs) {
  Decoder decoder;
  ASSERT_TRUE(decoder.feed("?\r\n"));
  ASSERT_FALSE(decoder.next());
  EXPECT_FALSE(decoder.feed("+OK\r\n"));
  EXPECT_FALSE(decoder.next());
}

TEST(Decoder, BoundsTheMemoryOfOneReplyAndNotOfMany) {
  const ReplyLimits limits{.max_bytes = 1000};
  const std::string fits = "$900\r\n" + std::string(900, 'x') + "\r\n";
  std::string many;
  for (int i = 0; i < 50; ++i) many += fits;
  EXPECT_EQ(decode(many, 64, limits).replies.size(), 50U);

  // A string is refused before the whole of it has arrived, a list before any of it has.
  EXPECT_EQ(decode("$100000\r\n" + std::string(1500, 'x'), 64, limits).error, ErrorCode::kTooLarge);
  EXPECT_EQ(decode("*2147483647\r\n", 64, limits).error, ErrorCode::kTooLarge);
  EXPECT_EQ(decode("*2\r\n" + fits + fits, 64, limits).error, ErrorCode::kTooLarge);
  std::string nested = "*5\r\n";
  for (int i = 0; i < 5; ++i) nested += "*6\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n:1\r\n";
  EXPECT_EQ(decode(nested, 64, limits).error, ErrorCode::kTooLarge);
}

TEST(Decoder, SurvivesAnyBytes) {
  std::mt19937 engine(11);
  const std::string alphabet = "+-:$*0123456789\r\n\r\nab";
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(engine() % 60, ' ');
    for (char& c : bytes) c = alphabet[engine() % alphabet.size()];
    (void)decode(bytes, 1 + engine() % 7, ReplyLimits{.max_bytes = 4096});
  }
  // One byte of a good answer changed: an error or something else, never a crash.
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = kEverything;
    bytes[engine() % bytes.size()] = static_cast<char>(engine() % 256);
    (void)decode(bytes, 1 + engine() % 50, ReplyLimits{.max_bytes = 4096});
  }
}

}  // namespace
}  // namespace ghstats::redis
