#include "log/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "base/testing/fake_clock.h"
#include "base/time_format.h"
#include "log/testing/memory_sink.h"

namespace ghstats::log {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string text_of(const boost::json::object& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

class LogTest : public ::testing::Test {
 protected:
  Logger logger(Format format, Level level = Level::kDebug) {
    const auto clock = std::make_shared<ghstats::testing::FakeClock>(*parse_rfc3339("2026-11-23T04:41:29.123Z"));
    return Logger({level, format, clock, sink_}, "planner");
  }
  std::string only_line() {
    const auto lines = sink_->lines();
    EXPECT_THAT(lines, SizeIs(1));
    return lines.empty() ? "" : lines.front();
  }
  boost::json::object only_object() { return boost::json::parse(only_line()).as_object(); }

  std::shared_ptr<testing::MemorySink> sink_ = std::make_shared<testing::MemorySink>();
};

TEST_F(LogTest, JsonHoldsTimeLevelMessageComponentAndFieldsInThatOrder) {
  logger(Format::kJson).info("cycle done", {{"org", "acme"}, {"repos", 12}});
  EXPECT_EQ(only_line(), R"({"ts":"2026-11-23T04:41:29.123Z","level":"info","msg":"cycle done","component":"planner",)"
                         R"("org":"acme","repos":12})");
}

TEST_F(LogTest, TextIsForPeople) {
  logger(Format::kText).info("cycle done", {{"org", "acme"}, {"note", "two words"}, {"empty", ""}});
  logger(Format::kText).error("gone");
  EXPECT_THAT(sink_->lines(),
              ElementsAre("2026-11-23T04:41:29.123Z INFO  planner: cycle done org=acme note=\"two words\" empty=\"\"",
                          "2026-11-23T04:41:29.123Z ERROR planner: gone"));
}

TEST_F(LogTest, KeepsTheTypeOfEveryField) {
  const std::string text = "t";
  logger(Format::kJson)
      .warn("m", {{"view", std::string_view("v")},
                  {"string", text},
                  {"literal", "l"},
                  {"small", std::int64_t{-5}},
                  {"least", std::numeric_limits<std::int64_t>::min()},
                  {"most", std::numeric_limits<std::uint64_t>::max()},
                  {"short", static_cast<unsigned short>(7)},
                  {"ratio", 0.25},
                  {"on", true},
                  {"off", false}});
  const auto line = only_line();
  for (const char* part :
       {R"("view":"v")", R"("string":"t")", R"("literal":"l")", R"("small":-5)", R"("least":-9223372036854775808)",
        R"("most":18446744073709551615)", R"("short":7)", R"("ratio":0.25)", R"("on":true)", R"("off":false)"}) {
    EXPECT_THAT(line, ::testing::HasSubstr(part));
  }
  EXPECT_NO_THROW(boost::json::parse(line));
}

TEST_F(LogTest, TextKeepsTheTypeOfEveryField) {
  logger(Format::kText).warn("m", {{"i", -5}, {"u", 7U}, {"d", 0.5}, {"b", true}, {"nan", std::nan("")}});
  EXPECT_EQ(only_line(), "2026-11-23T04:41:29.123Z WARN  planner: m i=-5 u=7 d=0.5 b=true nan=NaN");
}

TEST_F(LogTest, NumbersThatJsonCannotHoldBecomeStrings) {
  const double infinity = std::numeric_limits<double>::infinity();
  logger(Format::kJson).info("m", {{"a", std::nan("")}, {"b", infinity}, {"c", -infinity}, {"d", 1e300}});
  const auto object = only_object();
  EXPECT_EQ(text_of(object, "a"), "NaN");
  EXPECT_EQ(text_of(object, "b"), "+Inf");
  EXPECT_EQ(text_of(object, "c"), "-Inf");
  EXPECT_DOUBLE_EQ(object.at("d").as_double(), 1e300);
}

TEST_F(LogTest, NoValueForgesAJsonLine) {
  const std::string evil = "x\"}\n{\"ts\":\"2026-11-23T04:41:29.123Z\",\"level\":\"info\",\"msg\":\"forged\"}\r\n\t\\";
  logger(Format::kJson).info(evil, {{"value", evil}, {evil, 1}});
  EXPECT_EQ(only_line().find_first_of("\n\r\t"), std::string::npos);
  const auto object = only_object();
  EXPECT_EQ(text_of(object, "msg"), evil);
  EXPECT_EQ(text_of(object, "value"), evil);
  EXPECT_TRUE(object.contains(evil));
  EXPECT_THAT(object, SizeIs(6));
}

TEST_F(LogTest, NoValueForgesATextLine) {
  logger(Format::kText)
      .info("a\n2026-11-23T04:41:29.123Z ERROR main: forged",
            {{"value", "x\r\n2026 y=z"}, {"quote", "a\" admin=\"true"}, {"k ey\n", "v"}});
  EXPECT_EQ(only_line(),
            "2026-11-23T04:41:29.123Z INFO  planner: a\\n2026-11-23T04:41:29.123Z ERROR main: forged "
            R"(value="x\r\n2026 y=z" quote="a\" admin=\"true" "k ey\n"=v)");
}

TEST_F(LogTest, AFieldCannotReplaceTheLinesOwnKeys) {
  logger(Format::kJson).info("real", {{"msg", "fake"}, {"level", "error"}, {"ts", "0"}, {"component", "c"}});
  const auto object = only_object();
  EXPECT_EQ(text_of(object, "msg"), "real");
  EXPECT_EQ(text_of(object, "field.msg"), "fake");
  EXPECT_EQ(text_of(object, "level"), "info");
  EXPECT_THAT(object, SizeIs(8));
}

TEST_F(LogTest, NoUrlsUserInfoIsWritten) {
  const std::string url = "cannot reach redis://me:SECRET@host:6379";
  logger(Format::kJson).warn(url, {{"error", url}});
  logger(Format::kText).warn(url, {{"error", url}});
  for (const std::string& line : sink_->lines()) {
    EXPECT_THAT(line, ::testing::Not(::testing::HasSubstr("SECRET")));
    EXPECT_THAT(line, ::testing::HasSubstr("redis://<redacted>@host:6379"));
  }
  EXPECT_THAT(sink_->lines(), SizeIs(2));
}

TEST_F(LogTest, EveryControlCharacterIsEscaped) {
  std::string all;
  for (char c = 0; c < 0x20; ++c) all += c;
  all += '\x7f';
  all += "\u0085\u009b\u2028\u2029\u202e\u2066";  // next line, CSI, separators, direction overrides
  logger(Format::kJson).info(all, {{"v", all}});
  logger(Format::kText).info(all, {{"v", all}});
  const auto lines = sink_->lines();
  EXPECT_EQ(text_of(boost::json::parse(lines[0]).as_object(), "v"), all);
  for (const std::string& line : lines) {
    for (const char c : line) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << int{c} << " in " << line;
  }
}

TEST_F(LogTest, BytesThatAreNotUtf8AreShownAsSuch) {
  // Overlong '/', a lone continuation, a surrogate, beyond U+10FFFF, a cut sequence; between them good text.
  const std::string bad =
      "a\xc0\xaf"
      "b\x80"
      "c\xed\xa0\x80"
      "d\xf4\x90\x80\x80"
      "\u00e9\U0001F600"
      "e\xe2\x82";
  logger(Format::kJson).info("m", {{"v", bad}});
  logger(Format::kText).info("m", {{"v", bad}});
  const auto lines = sink_->lines();
  EXPECT_EQ(text_of(boost::json::parse(lines[0]).as_object(), "v"),
            "a\ufffd\ufffd"
            "b\ufffd"
            "c\ufffd\ufffd\ufffd"
            "d\ufffd\ufffd\ufffd\ufffd"
            "\u00e9\U0001F600"
            "e\ufffd\ufffd");
  EXPECT_THAT(lines[1], ::testing::EndsWith(R"(v="a\xc0\xafb\x80c\xed\xa0\x80d\xf4\x90\x80\x80é😀e\xe2\x82")"));
}

TEST_F(LogTest, LinesBelowTheLevelAreNotWritten) {
  const auto log = logger(Format::kText, Level::kWarn);
  EXPECT_FALSE(log.enabled(Level::kInfo));
  EXPECT_TRUE(log.enabled(Level::kWarn));
  log.debug("1");
  log.info("2");
  EXPECT_THAT(sink_->lines(), IsEmpty());
  log.warn("3");
  log.error("4");
  EXPECT_THAT(sink_->lines(), SizeIs(2));
}

TEST_F(LogTest, AnotherComponentSharesSinkAndLevel) {
  const auto log = logger(Format::kText, Level::kWarn).component("store");
  log.info("hidden");
  log.warn("shown");
  EXPECT_EQ(only_line(), "2026-11-23T04:41:29.123Z WARN  store: shown");
}

}  // namespace
}  // namespace ghstats::log
