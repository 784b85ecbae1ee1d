#include "store/redis/codec.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "ledger/event_table.h"

namespace ghstats::store {
namespace {

using namespace std::chrono_literals;
using ledger::Event;
using ledger::EventKind;
using metrics::Family;

const TimePoint kNow = from_unix_seconds(1'790'000'000);

Event event(EventKind kind, std::string id) {
  return {kind, RepoId{7}, std::move(id), "ann", kNow - 1h, kNow};
}

Event again(const Event& told) {
  return **parse_event(told.repo, pack_event_field(told), pack_event_value(told));
}

TEST(RedisCodec, EventsKeepEveryKindOfIdentity) {
  const std::string sha(40, 'a');
  const std::string sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  for (const Event& told : {event(EventKind::kCommit, sha), event(EventKind::kCommit, sha256),
                            event(EventKind::kReview, "18446744073709551615"), event(EventKind::kReview, "r-1"),
                            event(EventKind::kCommit, "not a sha"), event(EventKind::kIssueComment, "0")}) {
    const Event read = again(told);
    // A hashed id comes back as one that stands for it, as a ledger tells it.
    EXPECT_EQ(ledger::make_key(read, 0).id, ledger::make_key(told, 0).id) << told.id;
    EXPECT_EQ(pack_event_field(read), pack_event_field(told)) << told.id;
    if (told.id == sha || told.kind == EventKind::kIssueComment) EXPECT_EQ(read.id, told.id);
    EXPECT_EQ(read.kind, told.kind);
    EXPECT_EQ(read.user, told.user);
    EXPECT_EQ(read.at, told.at);
    EXPECT_EQ(read.version, told.version);
  }
  EXPECT_EQ(pack_event_field(event(EventKind::kCommit, sha)).size(), 21U);
  EXPECT_EQ(pack_event_field(event(EventKind::kReview, "1")).size(), 9U);
}

TEST(RedisCodec, TheSameIdentityIsTheSameField) {
  EXPECT_EQ(pack_event_field(event(EventKind::kCommit, std::string(40, 'A'))),
            pack_event_field(event(EventKind::kCommit, std::string(40, 'a'))));
  EXPECT_NE(pack_event_field(event(EventKind::kReview, "1")), pack_event_field(event(EventKind::kIssueComment, "1")));
}

TEST(RedisCodec, TellingsCompareByVersionThenTimeThenUser) {
  const Event told = event(EventKind::kReview, "1");
  Event newer = told;
  newer.version += 1s;
  newer.at -= 1h;
  Event later = told;
  later.at += 1s;
  later.user = "aaa";
  Event other = told;
  other.user = "bob";
  const std::string value = pack_event_value(told);
  EXPECT_LT(value, pack_event_value(newer));
  EXPECT_LT(value, pack_event_value(later));
  EXPECT_LT(value, pack_event_value(other));
}

TEST(RedisCodec, LinesOfCodeComeBackToTheNanosecond) {
  const LocRecord record{.repo = RepoId{7},
                         .mode = LocMode::kSampledCommitStats,
                         .incomplete = true,
                         .users = {{"ann", 5, 2, {}}, {"bob", -1, 0, kNow + 5ns}},
                         .valid_until = kNow + 7ns,
                         .week = kNow - 168h,
                         .phase = LocPhase::kFallback,
                         .asked_at = kNow + 1ns,
                         .refreshed_at = kNow - 1ns,
                         .zero_weeks = 3,
                         .statistics_not_before = kNow + 24h};
  EXPECT_EQ(*parse_loc(RepoId{7}, pack_loc(record)), record);
}

TEST(RedisCodec, TimesSortAsBytes) {
  const TimePoint earliest{-1s};
  EXPECT_LT(pack_time(earliest), pack_time(TimePoint{}));
  EXPECT_LT(pack_time(TimePoint{}), pack_time(kNow));
  EXPECT_LT(pack_time(kNow), pack_time(kNow + 1ns));
  EXPECT_EQ(parse_time(pack_time(earliest)), earliest);
}

TEST(RedisCodec, KindsModesAndPhasesOfALaterVersionAreNoError) {
  const auto later = parse_event(RepoId{7}, "\x2ax", "");
  ASSERT_TRUE(later);
  EXPECT_FALSE(later->has_value());
  for (const std::size_t at : {12U, 13U}) {  // mode, phase
    std::string record = pack_loc({.repo = RepoId{7}});
    record[at] = 9;
    ASSERT_TRUE(parse_loc(RepoId{7}, record));
    EXPECT_FALSE(parse_loc(RepoId{7}, record)->has_value());
  }
}

TEST(RedisCodec, ANumberIsDigitsAndExact) {
  EXPECT_EQ(parse_number("9007199254740991", "x"), 9007199254740991U);
  EXPECT_EQ(parse_number("0", "x"), 0U);
  for (const char* none :
       {"", "-1", "+1", " 1", "1 ", "1.5", "1e3", "0x10", "inf", "nan", "9007199254740992", "18446744073709551616"}) {
    EXPECT_EQ(parse_number(none, "epoch").error().message, "epoch is no whole number") << none;
  }
}

TEST(RedisCodec, WhatIsCutShortIsAnErrorWhereverItIsCut) {
  const std::string loc = pack_loc({.repo = RepoId{7}, .users = {{"ann", 5, 2, kNow}}});
  const std::size_t head = pack_loc({.repo = RepoId{7}}).size();
  for (std::size_t size = 0; size < loc.size(); ++size) {
    if (size == head) continue;  // a record without users
    EXPECT_FALSE(parse_loc(RepoId{7}, loc.substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_event(RepoId{7}, "", "0123456789"));
  EXPECT_FALSE(parse_event(RepoId{7}, "\x01x", "012345678"));
  EXPECT_FALSE(parse_name(RepoId{7}, "\x05x"));
  EXPECT_FALSE(parse_repo("7x"));
  EXPECT_FALSE(parse_real("1234567"));
  EXPECT_FALSE(parse_forgotten("12345"));
}

}  // namespace
}  // namespace ghstats::store
