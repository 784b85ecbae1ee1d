#include "log/fd_sink.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <map>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/testing/fake_clock.h"
#include "base/time_format.h"

namespace ghstats::log {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr Duration kPatience = 60s;

std::unique_ptr<FdSink> make_sink(int fd, Format format = Format::kJson) {
  return std::make_unique<FdSink>(
      fd, format, std::make_shared<ghstats::testing::FakeClock>(*parse_rfc3339("2026-11-23T04:41:29.123Z")));
}

class Pipe {
 public:
  Pipe() { EXPECT_EQ(::pipe(ends_.data()), 0); }
  ~Pipe() {
    close_writer();
    ::close(ends_[0]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  // What can be read until `limit` bytes or the end.
  [[nodiscard]] std::string read(std::size_t limit = std::string::npos) const {
    std::string out;
    std::array<char, 4096> buffer{};
    while (out.size() < limit) {
      const ssize_t n = ::read(ends_[0], buffer.data(), std::min(buffer.size(), limit - out.size()));
      if (n <= 0) break;
      out.append(buffer.data(), static_cast<std::size_t>(n));
    }
    return out;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out.push_back(line);
  return out;
}

TEST(FdSink, ConcurrentWritersNeverMixTheirLines) {
  constexpr int kWriters = 8;
  constexpr int kLines = 200;
  Pipe pipe;
  // Non-blocking and far more than a pipe holds: partial writes are the rule.
  ASSERT_EQ(::fcntl(pipe.writer(), F_SETFL, O_NONBLOCK), 0);
  const auto sink = make_sink(pipe.writer());
  std::string received;
  std::thread reader([&] { received = pipe.read(); });
  {
    std::vector<std::jthread> writers;
    for (int w = 0; w < kWriters; ++w) {
      writers.emplace_back([&sink, w] {
        // Longer than PIPE_BUF, where the kernel promises nothing.
        const std::string line(static_cast<std::size_t>(6000 + w), static_cast<char>('a' + w));
        for (int i = 0; i < kLines; ++i) {
          sink->write(line);
          sink->flush(kPatience);
        }
      });
    }
  }
  pipe.close_writer();
  reader.join();

  std::map<char, int> seen;
  for (const std::string& line : lines_of(received)) {
    ASSERT_FALSE(line.empty());
    ASSERT_EQ(line, std::string(static_cast<std::size_t>(6000 + line[0] - 'a'), line[0]));
    ++seen[line[0]];
  }
  EXPECT_THAT(seen, SizeIs(kWriters));
  for (const auto& [writer, count] : seen) EXPECT_EQ(count, kLines) << writer;
}

// The descriptor is a blocking one, as stderr is: a write to it would not return.
TEST(FdSink, AReaderThatStopsReadingDoesNotStopTheProgramNorTearTheNextLine) {
  Pipe pipe;
  const auto sink = make_sink(pipe.writer());
  const std::string big(1U << 20U, 'x');
  for (int i = 0; i < 50; ++i) sink->write(big);  // one that waited for the reader would wait for ever
  EXPECT_GE(sink->lines_dropped(), 48U);          // one in the writer's hand, one waiting

  std::string received;
  std::thread reader([&] { received = pipe.read(); });
  sink->flush(kPatience);
  sink->write("after");
  sink->flush(kPatience);
  pipe.close_writer();
  reader.join();
  EXPECT_THAT(received, EndsWith("\nafter\n"));
  const auto lines = lines_of(received);
  const std::uint64_t dropped = sink->lines_dropped();
  ASSERT_THAT(lines, SizeIs(50 - dropped + 2));
  EXPECT_EQ(lines[0], big);
  EXPECT_EQ(lines[lines.size() - 2],
            R"({"ts":"2026-11-23T04:41:29.123Z","level":"warn","msg":"log lines were dropped: their reader did not )"
            R"(keep up","component":"log","lines":)" +
                std::to_string(dropped) + "}");
}

TEST(FdSink, LinesFlowAgainAfterAStallWithOneLineForTheGap) {
  Pipe pipe;
  const auto sink = make_sink(pipe.writer(), Format::kText);
  constexpr int kLines = 40'000;  // some 4 MB
  for (int i = 0; i < kLines; ++i) sink->write("line " + std::to_string(i) + std::string(90, '.'));
  const std::uint64_t dropped = sink->lines_dropped();
  EXPECT_GT(dropped, 10'000U);
  std::string received;
  std::thread reader([&] { received = pipe.read(); });
  sink->flush(kPatience);
  sink->write("last");
  sink->flush(kPatience);
  pipe.close_writer();
  reader.join();
  const auto lines = lines_of(received);
  ASSERT_THAT(lines, SizeIs(kLines - dropped + 2));
  // What was kept is the oldest, in order.
  for (std::size_t i = 0; i < lines.size() - 2; ++i) {
    ASSERT_THAT(lines[i], StartsWith("line " + std::to_string(i) + "."));
  }
  EXPECT_THAT(lines[lines.size() - 2], EndsWith("lines=" + std::to_string(dropped)));
  EXPECT_EQ(lines.back(), "last");
  EXPECT_EQ(sink->lines_dropped(), dropped);
}

TEST(FdSink, ItsEndDoesNotWaitForAReaderThatDoesNotRead) {
  Pipe pipe;
  auto sink = make_sink(pipe.writer());
  for (int i = 0; i < 10'000; ++i) sink->write(std::string(100, 'x'));
  sink.reset();  // one that waited for the reader would wait for ever
}

TEST(FdSink, TheLastLinesGoOutBeforeItEnds) {
  Pipe pipe;
  auto sink = make_sink(pipe.writer());
  for (int i = 0; i < 100; ++i) sink->write("line " + std::to_string(i));
  sink.reset();
  pipe.close_writer();
  const auto lines = lines_of(pipe.read());
  ASSERT_THAT(lines, SizeIs(100));
  EXPECT_EQ(lines.back(), "line 99");
}

TEST(FdSink, WhatTheDescriptorRefusesIsCountedAsDropped) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  auto sink = make_sink(full);
  for (int i = 0; i < 3; ++i) sink->write("line");
  sink->flush(kPatience);
  EXPECT_EQ(sink->lines_dropped(), 3U);
  sink.reset();
  ::close(full);
}

}  // namespace
}  // namespace ghstats::log
