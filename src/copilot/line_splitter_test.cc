#include "copilot/line_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace ghstats::copilot {
namespace {

using ::testing::ElementsAre;

struct Taken {
  std::vector<std::string> lines;
  LineSplitter::Take take = [this](std::string& line) {
    lines.push_back(line);
    line.append(64, 'x');  // whoever takes it may do with it what he likes
  };
};

std::vector<std::string> lines_of(std::string_view body, std::size_t piece, std::size_t max_line_bytes = 100) {
  LineSplitter splitter(max_line_bytes);
  Taken taken;
  for (std::size_t i = 0; i < body.size(); i += piece) splitter.push(body.substr(i, piece), taken.take);
  splitter.finish(taken.take);
  return taken.lines;
}

TEST(LineSplitter, FindsTheSameLinesHoweverTheBodyIsCut) {
  constexpr std::string_view kBody =
      "{\"a\":12345}\n{\"b\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"}\r\n\n  \t\r\n{\"c\":1e3}";
  for (std::size_t piece = 1; piece <= kBody.size(); ++piece) {
    EXPECT_THAT(lines_of(kBody, piece),
                ElementsAre("{\"a\":12345}", "{\"b\":\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"}", "{\"c\":1e3}"))
        << piece;
  }
}

TEST(LineSplitter, NeedsNoNewlineAtTheEnd) {
  EXPECT_THAT(lines_of("a\nb", 2), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of("a\nb\n", 2), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of("a\nb\r", 2), ElementsAre("a", "b"));
  EXPECT_THAT(lines_of("", 1), ElementsAre());
}

TEST(LineSplitter, KeepsAReturnWithinALine) {
  EXPECT_THAT(lines_of("a\rb\r\r\nc", 1), ElementsAre("a\rb\r", "c"));
}

TEST(LineSplitter, LeavesOutAndCountsWhatIsTooLong) {
  constexpr std::string_view kBody = "1234\n12345\r\n123456\n1234567890\nab\n123456789";
  for (std::size_t piece = 1; piece <= kBody.size(); ++piece) {
    LineSplitter splitter(5);
    Taken taken;
    for (std::size_t i = 0; i < kBody.size(); i += piece) splitter.push(kBody.substr(i, piece), taken.take);
    splitter.finish(taken.take);
    EXPECT_THAT(taken.lines, ElementsAre("1234", "12345", "ab")) << piece;
    EXPECT_EQ(splitter.too_long(), 3U) << piece;
  }
}

TEST(LineSplitter, CountsALineThatIsTooLongBeforeItEnds) {
  LineSplitter splitter(5);
  Taken taken;
  for (int i = 0; i < 1000; ++i) splitter.push("123456", taken.take);
  EXPECT_EQ(splitter.too_long(), 1U);
  splitter.push("\n", taken.take);
  EXPECT_EQ(splitter.too_long(), 1U);
  EXPECT_THAT(taken.lines, ElementsAre());
}

TEST(LineSplitter, DoesNotJoinTheLinesOfTwoBodies) {
  LineSplitter splitter(5);
  Taken taken;
  splitter.push("a", taken.take);
  splitter.finish(taken.take);
  splitter.push("b\n1234567", taken.take);
  splitter.finish(taken.take);
  splitter.push("c", taken.take);
  splitter.finish(taken.take);
  EXPECT_THAT(taken.lines, ElementsAre("a", "b", "c"));
  EXPECT_EQ(splitter.too_long(), 1U);
}

}  // namespace
}  // namespace ghstats::copilot
