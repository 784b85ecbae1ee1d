#include "store/redis/feed.h"

#include <gtest/gtest.h>

#include <random>

#include "store/redis/codec.h"
#include "store/redis/value_codec.h"
#include "store/redis/wire_bytes.h"

namespace ghstats::store {
namespace {

using redis::Reply;

const OnSkipped kIgnore = [](const SkippedItem&) {};
const TimePoint kNow = from_unix_seconds(1'790'000'000);
const metrics::SeriesKey kRuns{metrics::Family::kScrapeRuns, {"acme", "success"}};

std::string item(char type, std::initializer_list<std::string> texts) {
  std::string out(1, type);
  WireWriter writer(out);
  for (const std::string& text : texts) writer.text(text, 4);
  return out;
}

// As a later version tells what this one does not know.
std::string later_item(char type, std::initializer_list<std::string> texts) {
  const std::string as_today = item(type, texts);
  return std::string{type, static_cast<char>(texts.size())} + as_today.substr(1);
}

std::string event_item(const ledger::Event& event) {
  std::string packed;
  WireWriter writer(packed);
  writer.text(pack_event_field(event), 2);
  writer.text(pack_event_value(event), 2);
  return item('E', {to_text(event.repo), packed});
}

const ledger::Event kReview{ledger::EventKind::kReview, RepoId{7}, "5", "ann", kNow, kNow};

std::string all_items() {
  return item('N', {"7", pack_name({RepoId{7}, "acme", "api"})}) + event_item(kReview) +
         item('V', {"cycle", pack_set({"cycle", {{kRuns, 2}}, Edition{5, "of today"}}).bytes}) +
         item('C', {"a", pack_series(kRuns), pack_real(3)}) +
         item('L', {"7", pack_loc({.repo = RepoId{7}, .users = {{"ann", 1, 2, {}}}})}) + item('F', {"b"}) +
         item('X', {"8"});
}

Reply text(std::string value) {
  return Reply(std::move(value));
}

Reply entry(std::string id, std::string before, std::string items) {
  return Reply(Reply::Array{
      text(std::move(id)), Reply(Reply::Array{text("p"), text(std::move(before)), text("d"), text(std::move(items))})});
}

std::vector<Reply> page(Reply entries) {
  return {text("# Server\r\nrun_id:abc\r\nport:1\r\n"), Reply(Reply::Array{text("x"), text("9"), text("4")}),
          std::move(entries)};
}

TEST(FeedReader, TellsEveryKindOfChange) {
  CounterMerge counters;
  FeedReader reader(counters, kIgnore);
  ASSERT_TRUE(reader.add(all_items()));
  const ChangeSet set = reader.take();
  ASSERT_EQ(set.repositories.size(), 1U);
  EXPECT_EQ(set.repositories[0].name, "api");
  ASSERT_EQ(set.events.size(), 1U);
  EXPECT_EQ(set.events[0].id, "5");
  ASSERT_EQ(set.value_sets.size(), 1U);
  EXPECT_EQ(set.value_sets[0], (ValueSet{"cycle", {{kRuns, 2}}, Edition{5, "of today"}}));
  ASSERT_EQ(set.counters.size(), 1U);
  EXPECT_EQ(set.counters[0].value, 3);
  ASSERT_EQ(set.loc_records.size(), 1U);
  EXPECT_EQ(set.ended_loc, std::vector{RepoId{8}});
  EXPECT_TRUE(reader.take().counters.empty());
}

TEST(ServerTime, IsReadWhereItIsOne) {
  const auto answer = [](std::string seconds, std::string micros) {
    return parse_server_time(Reply(Reply::Array{text(std::move(seconds)), text(std::move(micros))}));
  };
  EXPECT_EQ(answer("1790000000", "250000"), kNow + std::chrono::milliseconds{250});
  for (const std::string wrong : {"", "inf", "-1", "1e9", "99999999999999999999", "7258118401"}) {
    EXPECT_EQ(answer(wrong, "0"), std::nullopt) << wrong;
  }
  EXPECT_EQ(parse_server_time(text("1790000000")), std::nullopt);
  EXPECT_EQ(parse_server_time(Reply(Reply::Array{text("1790000000")})), std::nullopt);
}

TEST(FeedReader, TellsASumAgainWhenTheLastTryEndedBeforeAnybodyWasTold) {
  CounterMerge counters;
  const std::string items = item('C', {"a", pack_series(kRuns), pack_real(3)});
  ASSERT_TRUE(FeedReader(counters, kIgnore).add(items));
  FeedReader again(counters, kIgnore);
  ASSERT_TRUE(again.add(items));
  EXPECT_EQ(again.take().counters.size(), 1U);
}

TEST(FeedReader, OfARecordThatEndsAndComesBackTheLastWordCounts) {
  CounterMerge counters;
  FeedReader reader(counters, kIgnore);
  const std::string record = item('L', {"7", pack_loc({.repo = RepoId{7}})});
  const std::string end = item('X', {"7"});
  ASSERT_TRUE(reader.add(record + end));
  ASSERT_TRUE(reader.add(record));
  const ChangeSet set = reader.take();
  EXPECT_EQ(set.loc_records.size(), 1U);
  EXPECT_TRUE(set.ended_loc.empty());
}

TEST(FeedReader, RefusesWhatIsCutShort) {
  CounterMerge counters;
  const std::string items = event_item(kReview);
  for (std::size_t size = 1; size < items.size(); ++size) {
    EXPECT_EQ(FeedReader(counters, kIgnore).add(items.substr(0, size)).error().code, ErrorCode::kInvalidData) << size;
  }
  EXPECT_FALSE(FeedReader(counters, kIgnore).add("?"));
  const std::string later = later_item('Z', {"7", "more"});
  for (std::size_t size = 1; size < later.size(); ++size) {
    EXPECT_FALSE(FeedReader(counters, kIgnore).add(later.substr(0, size))) << size;
  }
}

struct Skips {
  std::vector<std::string> list;
  OnSkipped on_skipped = [this](const SkippedItem& item) {
    list.push_back(std::string(to_string(item.reason)) + " " + std::string(item.what) + " " + item.where);
  };
};

TEST(FeedReader, SkipsItemsAndKindsOfALaterVersionAndTellsTheRest) {
  CounterMerge counters;
  Skips skips;
  FeedReader reader(counters, skips.on_skipped);
  std::string event;
  WireWriter writer(event);
  writer.text(
      "\x7f"
      "12345678",
      2);
  writer.text(pack_event_value(kReview), 2);
  writer.text(
      "\x7e"
      "a field of another shape",
      2);
  writer.text("a value of another shape", 2);
  writer.text(pack_event_field(kReview), 2);
  writer.text(pack_event_value(kReview), 2);
  std::string loc = pack_loc({.repo = RepoId{9}});
  loc[12] = 77;  // its mode
  const std::string items = later_item('Z', {"7", "more", "and more", "still more"}) + item('E', {"7", event}) +
                            later_item('\x01', {}) + item('L', {"9", loc}) +
                            item('N', {"7", pack_name({RepoId{7}, "acme", "api"})});
  ASSERT_TRUE(reader.add(items));
  const ChangeSet set = reader.take();
  ASSERT_EQ(set.events.size(), 1U);
  EXPECT_EQ(set.events[0].id, "5");
  EXPECT_EQ(set.repositories.size(), 1U);
  EXPECT_TRUE(set.loc_records.empty());
  EXPECT_EQ(skips.list,
            (std::vector<std::string>{"unknown item of the change feed Z", "unknown event 7", "unknown event 7",
                                      "unknown item of the change feed \x01", "unknown lines of code 9"}));
}

TEST(FeedReader, SkipsADamagedItemAndTellsTheRest) {
  CounterMerge counters;
  Skips skips;
  FeedReader reader(counters, skips.on_skipped);
  const std::string items = item('N', {"seven", "x"}) + item('C', {"a", pack_series(kRuns), "short"}) +
                            item('L', {"7", "short"}) + event_item(kReview);
  ASSERT_TRUE(reader.add(items));
  const ChangeSet set = reader.take();
  EXPECT_EQ(set.events.size(), 1U);
  EXPECT_TRUE(set.counters.empty());
  EXPECT_EQ(skips.list,
            (std::vector<std::string>{"damaged item of the change feed N", "damaged item of the change feed C",
                                      "damaged item of the change feed L"}));
}

TEST(FeedReader, LivesThroughAnyBytes) {
  std::mt19937_64 random(3);
  const std::string good = all_items();
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = good;
    for (int change = 0; change < 3; ++change) bytes[random() % bytes.size()] = static_cast<char>(random());
    CounterMerge counters;
    FeedReader reader(counters, kIgnore);
    if (reader.add(bytes)) EXPECT_LE(reader.take().events.size(), bytes.size());
  }
}

TEST(FeedPage, IsTheHeadAndAPiece) {
  const auto read = parse_feed(page(Reply(Reply::Array{entry("9-1", "7", "items")})), {}, 3);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->server, (ServerIdentity{.incarnation = "x", .run_id = "abc"}));
  EXPECT_EQ(read->position, 9U);
  EXPECT_EQ(read->series, 4U);
  ASSERT_EQ(read->entries.size(), 1U);
  EXPECT_EQ(read->entries[0].before, 7U);
  EXPECT_EQ(read->entries[0].position, 9U);
  EXPECT_EQ(read->entries[0].items, "items");
}

TEST(FeedPage, LeavesFieldsOfALaterVersionAlone) {
  Reply later(Reply::Array{text("9-1"),
                           Reply(Reply::Array{text("v"), text("2"), text("d"), text("items"), text("p"), text("7")})});
  const auto read = parse_feed(page(Reply(Reply::Array{std::move(later)})), {}, 3);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->entries.at(0).before, 7U);
  EXPECT_EQ(read->entries.at(0).items, "items");
}

TEST(FeedPage, NamesTheNumberThatIsDamaged) {
  for (const char* damaged : {"inf", "", "-1", "9x", "18446744073709551615"}) {
    auto broken = page(Reply(Reply::Array{}));
    broken[1] = Reply(Reply::Array{text("x"), text(damaged), text("4")});
    const auto read = parse_feed(broken, {}, 3);
    ASSERT_FALSE(read) << damaged;
    EXPECT_EQ(read.error().message, "what Redis holds is damaged: position of ghstats:1:meta is no whole number");
    EXPECT_FALSE(parse_feed(page(Reply(Reply::Array{entry("9-1", damaged, "items")})), {}, 3));
  }
}

TEST(FeedPage, OfAnEmptyRedisOrWithoutInfo) {
  const auto empty = parse_feed(
      {text("run_id:abc\r\n"), Reply(Reply::Array{Reply(), Reply(), Reply()}), Reply(Reply::Array{})}, {}, 3);
  ASSERT_TRUE(empty);
  EXPECT_EQ(empty->position, 0U);
  EXPECT_TRUE(empty->server.incarnation.empty());
  auto forbidden = page(Reply(Reply::Array{}));
  forbidden[0] = Reply(redis::ServerError{"NOPERM no permission"});
  EXPECT_EQ(parse_feed(forbidden, {}, 3)->server.run_id, "connection-3");
  EXPECT_NE(parse_feed(forbidden, {}, 3)->server, parse_feed(forbidden, {}, 4)->server);
}

TEST(FeedPage, RefusesWhatIsNone) {
  for (const Reply& broken :
       {Reply(), text("x"), Reply(Reply::Array{text("x")}), Reply(Reply::Array{Reply(Reply::Array{text("9-1")})}),
        Reply(Reply::Array{Reply(Reply::Array{text("9-1"), Reply(Reply::Array{text("p")})})})}) {
    EXPECT_FALSE(parse_feed(page(broken), {}, 1));
  }
  auto wrong = page(Reply(Reply::Array{}));
  wrong[1] = Reply(redis::ServerError{"WRONGTYPE of key"});
  EXPECT_EQ(parse_feed(wrong, {}, 1).error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace ghstats::store
