#include "http/occupancy.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace ghstats::http {
namespace {

using namespace std::chrono_literals;
using Id = Occupancy::Id;

const SteadyPoint kStart{1h};

// Fills the places of one holder, one connection a second; returns the moment after.
SteadyPoint fill(Occupancy& occupancy, const std::string& holder, int count, std::vector<Id>* ids = nullptr) {
  SteadyPoint now = kStart;
  for (int i = 0; i < count; ++i, now += 1s) {
    const auto admission = occupancy.arrive(holder, now);
    EXPECT_TRUE(admission.admitted);
    EXPECT_FALSE(admission.gives_way);
    if (ids != nullptr) ids->push_back(*admission.admitted);
  }
  return now;
}

TEST(Occupancy, TheConnectionThatOwesARequestLongestGivesWay) {
  Occupancy occupancy(3);
  std::vector<Id> ids;
  const SteadyPoint now = fill(occupancy, "a", 3, &ids);
  occupancy.owes_request(ids[0], now);  // asked and was answered meanwhile
  EXPECT_EQ(occupancy.arrive("a", now).gives_way, ids[1]);
  EXPECT_EQ(occupancy.arrive("a", now).gives_way, ids[2]);
  EXPECT_EQ(occupancy.size(), 3U);
}

TEST(Occupancy, AConnectionThatWaitsForTheServerNeverGivesWay) {
  Occupancy occupancy(2);
  std::vector<Id> ids;
  const SteadyPoint now = fill(occupancy, "a", 2, &ids);
  occupancy.waits_for_server(ids[0]);
  EXPECT_EQ(occupancy.arrive("b", now).gives_way, ids[1]);
  occupancy.waits_for_server(3);
  EXPECT_FALSE(occupancy.arrive("c", now + 1h).admitted);
  EXPECT_FALSE(occupancy.evict(now + 1h));
  occupancy.leave(ids[0]);
  EXPECT_TRUE(occupancy.arrive("c", now).admitted);
}

TEST(Occupancy, TheLastThatWaitsForItsTurnGivesWayToAHolderOfNone) {
  Occupancy occupancy(3);
  std::vector<Id> ids;
  const SteadyPoint now = fill(occupancy, "crowd", 3, &ids);
  occupancy.waits_for_turn(ids[0], now);
  occupancy.waits_for_turn(ids[1], now + 1s);
  occupancy.waits_for_server(ids[2]);
  EXPECT_FALSE(occupancy.arrive("crowd", now + 1h).admitted) << "it gains nothing";
  const auto admission = occupancy.arrive("prometheus", now + 1h);
  EXPECT_EQ(admission.gives_way, ids[1]);
  EXPECT_TRUE(admission.admitted);
  // Whoever keeps us waiting goes first.
  occupancy.owes_request(ids[2], now + 1h);
  EXPECT_EQ(occupancy.arrive("another", now + 1h).gives_way, ids[2]);
}

TEST(Occupancy, TheHolderOfMostGivesWayToOneThatHoldsNone) {
  Occupancy occupancy(4);
  const auto patient = *occupancy.arrive("prometheus", kStart - 1h).admitted;
  std::vector<Id> ids;
  const SteadyPoint now = fill(occupancy, "crowd", 3, &ids);
  EXPECT_EQ(occupancy.arrive("b", now).gives_way, ids[0]);
  EXPECT_EQ(occupancy.arrive("c", now).gives_way, ids[1]);
  // Everybody holds one now: the longest wait decides.
  EXPECT_EQ(occupancy.arrive("d", now).gives_way, patient);
}

TEST(Occupancy, AFloodDisplacesOnlyItself) {
  Occupancy occupancy(10);
  const auto patient = *occupancy.arrive("prometheus", kStart).admitted;
  SteadyPoint now = kStart;
  for (int i = 0; i < 1000; ++i, now += 1s) {
    const auto admission = occupancy.arrive("crowd", now);
    EXPECT_TRUE(admission.admitted);
    EXPECT_NE(admission.gives_way, patient);
  }
  EXPECT_EQ(occupancy.size(), 10U);
}

TEST(Occupancy, AHolderGainsNothingFromOneThatHasAsFew) {
  Occupancy occupancy(4);
  const SteadyPoint now = fill(occupancy, "a", 2);
  const auto first = *occupancy.arrive("b", now + 1h).admitted;
  ASSERT_TRUE(occupancy.arrive("b", now + 2h).admitted);
  // a's wait longer, but b would then hold three and a one.
  EXPECT_EQ(occupancy.arrive("b", now + 3h).gives_way, first);
}

TEST(Occupancy, AnAnswerThatStallsGivesWayAndOneThatMovesDoesNot) {
  Occupancy occupancy(2);
  std::vector<Id> ids;
  const SteadyPoint now = fill(occupancy, "a", 2, &ids);
  occupancy.takes_answer(ids[0], now - 100ms);
  occupancy.takes_answer(ids[1], now);
  EXPECT_FALSE(occupancy.arrive("a", now).admitted);
  EXPECT_EQ(occupancy.arrive("a", now + 200ms).gives_way, ids[0]);
}

TEST(Occupancy, AHolderOfNoneIsLetInEvenWhileAllAnswersMove) {
  Occupancy occupancy(2);
  std::vector<Id> ids;
  const SteadyPoint now = fill(occupancy, "a", 2, &ids);
  occupancy.takes_answer(ids[0], now);
  occupancy.takes_answer(ids[1], now - 1ms);
  const auto admission = occupancy.arrive("b", now);
  EXPECT_EQ(admission.gives_way, ids[1]);
  // Unless the others hold but one each, too.
  occupancy.takes_answer(*admission.admitted, now);
  EXPECT_FALSE(occupancy.arrive("c", now).admitted);
}

TEST(Occupancy, EvictsForLackOfDescriptorsThoughThereArePlaces) {
  Occupancy occupancy(100);
  ASSERT_TRUE(occupancy.arrive("prometheus", kStart - 1h).admitted);
  std::vector<Id> ids;
  const SteadyPoint now = fill(occupancy, "crowd", 2, &ids);
  EXPECT_EQ(occupancy.evict(now), ids[0]);
  EXPECT_EQ(occupancy.size(), 2U);
  EXPECT_TRUE(occupancy.evict(now));
  EXPECT_TRUE(occupancy.evict(now));
  EXPECT_FALSE(occupancy.evict(now));
}

TEST(Occupancy, WhoGaveWayIsForgotten) {
  Occupancy occupancy(1);
  const auto first = *occupancy.arrive("a", kStart).admitted;
  const auto second = occupancy.arrive("a", kStart + 1s);
  ASSERT_EQ(second.gives_way, first);
  occupancy.waits_for_server(first);
  occupancy.leave(first);
  EXPECT_EQ(occupancy.size(), 1U);
  EXPECT_EQ(occupancy.arrive("a", kStart + 2s).gives_way, second.admitted);
}

TEST(ReadingPace, ByteByByteGetsLateAndWholeBuffersDoNot) {
  ReadingPace slow(kStart);
  for (int second = 1; second <= 60; ++second) slow.took(1, kStart + std::chrono::seconds(second));
  EXPECT_LT(slow.late_since(), kStart + 1s);
  slow.took(std::numeric_limits<std::size_t>::max(), kStart + 60s);
  EXPECT_EQ(slow.late_since(), kStart + 60s);
  ReadingPace half(kStart);
  half.took(static_cast<std::size_t>(ReadingPace::kBytesPerSecond), kStart + 2s);
  EXPECT_EQ(half.late_since(), kStart + 1s);
}

TEST(PlacesFor, LeavesDescriptorsToTheRestOfTheProgram) {
  EXPECT_EQ(places_for(512, 1'048'576), 512U);
  EXPECT_EQ(places_for(512, 1024), 512U);
  EXPECT_EQ(places_for(512, 300), 172U);
  EXPECT_EQ(places_for(512, 64), 32U);
  EXPECT_EQ(places_for(512, 0), 1U);
  EXPECT_EQ(places_for(512, std::numeric_limits<std::size_t>::max()), 512U);
}

TEST(HolderOf, IsTheIpv4AddressOrTheIpv6Network) {
  const auto holder = [](const char* text) { return holder_of(boost::asio::ip::make_address(text)); };
  EXPECT_NE(holder("127.0.0.1"), holder("127.0.0.2"));
  EXPECT_EQ(holder("::ffff:127.0.0.1"), holder("127.0.0.1"));
  EXPECT_EQ(holder("2001:db8:1:2::3"), holder("2001:db8:1:2:ffff::4"));
  EXPECT_NE(holder("2001:db8:1:2::3"), holder("2001:db8:1:3::3"));
}

}  // namespace
}  // namespace ghstats::http
