// Frames and methods: what is encoded is decoded, and nothing that a server may send can hurt.
#include <gmock/gmock.h>

#include <boost/asio/io_context.hpp>
#include <random>

#include "amqp/channel.h"
#include "amqp/client_method.h"
#include "amqp/frame.h"
#include "amqp/handshake.h"
#include "amqp/testing/server_frames.h"
#include "async/task_group.h"
#include "async/testing/run.h"

namespace ghstats::amqp {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
namespace server = testing::server;

constexpr std::size_t kFrameMax = 131072;

TEST(FrameReader, CutsBytesIntoFramesWhereverTheyAreSplit) {
  const std::string bytes = say::heartbeat() + server::body(7, std::string(300, 'x')) + server::open_ok();
  for (std::size_t chunk = 1; chunk < 20; ++chunk) {
    FrameReader reader;
    std::vector<std::pair<FrameType, std::size_t>> seen;
    for (std::size_t at = 0; at < bytes.size(); at += chunk) {
      reader.feed(std::string_view(bytes).substr(at, chunk));
      for (;;) {
        const auto frame = reader.next();
        ASSERT_TRUE(frame);
        if (!*frame) break;
        seen.emplace_back((*frame)->type, (*frame)->payload.size());
      }
    }
    ASSERT_EQ(seen.size(), 3U);
    EXPECT_EQ(seen[1], (std::pair<FrameType, std::size_t>{FrameType::kBody, 300}));
  }
}

TEST(FrameReader, RefusesAFrameWithoutItsEnd) {
  std::string bytes = server::open_ok();
  bytes.back() = 'x';
  FrameReader reader;
  reader.feed(bytes);
  EXPECT_EQ(reader.next().error().code, ErrorCode::kInvalidData);
}

TEST(FrameReader, AllocatesNothingForASizeThatIsOnlyAnnounced) {
  FrameReader reader;
  reader.feed(std::string("\x01\0\0\xFF\xFF\xFF\xFF", 7));
  EXPECT_THAT(reader.next().error().message, HasSubstr("a frame of 4294967295 bytes, agreed were 4096"));
}

TEST(Publish, SplitsABodyIntoFramesThatAreNeverTooLarge) {
  const std::string body(10'000, 'b');
  const auto bytes = say::publish(3, {.exchange = "x", .routing_key = "k", .message = {.body = body}}, 4096);
  ASSERT_TRUE(bytes);
  FrameReader reader;
  reader.feed(*bytes);
  std::string together;
  int frames = 0;
  for (auto frame = reader.next(); frame && *frame; frame = reader.next()) {
    ++frames;
    EXPECT_EQ((*frame)->channel, 3);
    if ((*frame)->type == FrameType::kBody) together += (*frame)->payload;
  }
  EXPECT_EQ(frames, 5);
  EXPECT_EQ(together, body);
}

TEST(MethodDecoder, ReadsBackPropertiesOfEveryKind) {
  const Properties properties{
      .content_type = "t", .headers = {{"list", Array{1, Table{{"a", "b"}}}}}, .persistent = true, .message_id = "m"};
  FrameReader reader;
  reader.feed(server::header(1, 77, properties));
  MethodDecoder decoder;
  const auto header = decoder.header((**reader.next()).payload);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->body_size, 77U);
  EXPECT_EQ(header->properties, properties);
}

// A sender of messages chooses how deep its headers are; RabbitMQ lets them through.
TEST(MethodDecoder, SurvivesHeadersAsDeepAsAFrameAllows) {
  const auto big_endian = [](std::size_t number, int bytes) {
    std::string out;
    for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i));
    return out;
  };
  constexpr std::size_t kLevels = 26'000;
  std::string arrays;  // 'A', size, what is inside
  for (std::size_t level = 0; level < kLevels; ++level) arrays += "A" + big_endian((kLevels - level - 1) * 5, 4);
  const std::string table = std::string("\x01k") + arrays;
  const std::string payload = big_endian(60, 2) + big_endian(0, 2) + big_endian(0, 8) + big_endian(1 << 13, 2) +
                              big_endian(table.size(), 4) + table;
  ASSERT_LT(payload.size(), kFrameMax);
  MethodDecoder decoder;
  const auto header = decoder.header(payload);
  if (header) EXPECT_EQ(header->properties.headers.size(), 1U);
}

// Every byte that a server says in a session, with some of them wrong.
class FakeWire final : public Wire {
 public:
  void send(std::string_view) override {}
  [[nodiscard]] std::size_t frame_max() const override { return kFrameMax; }
  [[nodiscard]] std::size_t max_body_bytes() const override { return 100'000; }
  [[nodiscard]] bool congested() const override { return false; }
  [[nodiscard]] const std::optional<std::string>& blocked() const override { return blocked_; }
  [[nodiscard]] const boost::asio::any_io_executor& executor() const override { return executor_; }

  boost::asio::io_context io;

 private:
  std::optional<std::string> blocked_;
  boost::asio::any_io_executor executor_ = io.get_executor();
};

const Message kMessage{.body = "a body",
                       .properties = {.headers = {{"text", "x"}, {"list", Array{1, 2.5, true, Table{{"t", "u"}}}}},
                                      .persistent = true,
                                      .timestamp = from_unix_seconds(1'700'000'000)}};

std::string a_whole_session() {
  return server::start() + server::tune(2047, kFrameMax, 60) + server::open_ok() + server::open_channel_ok(1) +
         server::select_confirms_ok(1) + server::declare_queue_ok(1, "queue", 3) + server::returned(1, "k", kMessage) +
         server::ack(1, 1, true) + server::get_ok(1, 2, kMessage) + server::prefetch_ok(1) +
         server::consume_ok(1, "tag") + server::deliver(1, 1, kMessage) + server::blocked("low on memory") +
         server::flow(1, false) + server::cancel(1, "tag") + server::deliver(1, 3, kMessage) +
         server::close_channel(1, 404, "NOT_FOUND") + server::close(320, "bye");
}
constexpr int kFrames = 26;

// The client's half of that session; how much of it succeeded.
async::Task<> use(std::shared_ptr<Channel> channel, int& done) {
  const auto opened = co_await channel->open(20s);
  if (opened) ++done;
  const auto selected = co_await channel->select_confirms(20s);
  if (selected) ++done;
  const auto declared = co_await channel->declare_queue({.name = "queue"}, 20s);
  if (declared) ++done;
  const auto published = co_await channel->publish({.routing_key = "k", .message = kMessage}, 20s);
  if (!published && published.error().code == ErrorCode::kNotFound) ++done;
  const auto got = co_await channel->get("queue", 20s);
  if (got && *got) ++done;
  const auto consuming = co_await channel->consume("queue", {}, 20s);
  if (consuming) ++done;
  const auto delivered = co_await channel->next();
  if (delivered) ++done;
}
constexpr int kSteps = 7;

struct Played {
  int frames = 0;  // that were taken before something was wrong
  int steps = 0;
};

// As Connection does it.
Status take(const Frame& frame, MethodDecoder& decoder, Handshake& handshake, Channel& channel) {
  if (frame.type == FrameType::kBody) return channel.receive_body(frame.payload);
  if (frame.type == FrameType::kHeader) {
    auto header = decoder.header(frame.payload);
    return header ? channel.receive(*std::move(header)) : std::unexpected(header.error());
  }
  auto method = decoder.method(frame.payload);
  if (!method) return std::unexpected(method.error());
  if (frame.channel != 0) return channel.receive(*std::move(method));
  if (handshake.done()) return {};
  const auto said = handshake.on_method(*method);
  return said ? Status{} : std::unexpected(said.error());
}

Played play(const std::string& bytes) {
  FakeWire wire;
  const auto channel = std::make_shared<Channel>(std::uint16_t{1}, wire);
  Played played;
  async::TaskGroup group(wire.io.get_executor());
  group.spawn([&] { return use(channel, played.steps); });
  FrameReader reader;
  reader.set_frame_max(kFrameMax);
  MethodDecoder decoder;
  Handshake handshake({});
  reader.feed(bytes);
  for (;; ++played.frames) {
    wire.io.restart();
    wire.io.poll();
    const auto frame = reader.next();
    if (!frame || !*frame || !take(**frame, decoder, handshake, *channel)) break;
  }
  channel->lose({ErrorCode::kUnavailable, "the end"});
  async::testing::run(wire.io, group.join());
  return played;
}

TEST(Codec, NothingThatAServerMaySayHurts) {
  const std::string good = a_whole_session();
  const Played all = play(good);
  ASSERT_EQ(all.frames, kFrames);
  ASSERT_EQ(all.steps, kSteps);
  std::mt19937 random(20260101);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same every time
  const auto below = [&](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  constexpr int kTimes = 3'000;
  int cut_short = 0;
  for (int i = 0; i < kTimes; ++i) {
    std::string bad = good;
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
      const std::size_t at = below(bad.size());
      switch (below(4)) {
        case 0:
          bad[at] = static_cast<char>(below(256));
          break;
        case 1:
          bad.erase(at, 1 + below(8));
          break;
        case 2:
          bad.insert(at, 1 + below(8), static_cast<char>(below(256)));
          break;
        default:
          bad[at] = static_cast<char>(bad[at] ^ static_cast<char>(1U << below(8)));
      }
    }
    if (play(bad).frames < kFrames) ++cut_short;
  }
  EXPECT_GT(cut_short, kTimes / 2);
}

}  // namespace
}  // namespace ghstats::amqp
