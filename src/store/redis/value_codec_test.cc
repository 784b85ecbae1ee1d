#include "store/redis/value_codec.h"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "store/redis/codec.h"
#include "store/redis/wire_bytes.h"

namespace ghstats::store {
namespace {

using metrics::Family;

const std::vector<metrics::Sample> kSamples = {{{Family::kScrapeDuration, {"acme"}}, 1.5},
                                               {{Family::kLeaderCycleLastRun, {}}, -0.25},
                                               {{Family::kRateLimitRemaining, {"acme", ""}}, 3},
                                               {{Family::kScrapeDuration, {std::string(300, 'x')}}, 4},
                                               {{Family::kScrapeDuration, {std::string(61'000, 'y')}}, 5},
                                               {{Family::kScrapeDuration, {"acme"}}, 6}};
const std::optional<Edition> kEditions[] = {std::nullopt, Edition{-5, "of today"}, Edition{7, ""}};

// As a version without editions reads them: families by name, and none of it that it does not know.
std::vector<metrics::Sample> read_by_an_earlier_version(std::string_view bytes) {
  std::vector<metrics::Sample> out;
  WireReader reader(bytes);
  while (!reader.at_end()) {
    const std::string_view start = reader.rest();
    reader.text(1);
    for (std::uint64_t labels = reader.number(1); labels > 0; --labels) reader.text(2);
    const auto key = parse_series(start.substr(0, start.size() - reader.rest().size()));
    const double value = reader.real();
    if (!reader.ok() || !key) throw std::runtime_error("damaged");
    if (*key) out.push_back({**key, value});
  }
  return out;
}

TEST(ValueCodec, SetsComeBackAndCanBeCutAtTheirEnds) {
  for (const auto& edition : kEditions) {
    const PackedSet packed = pack_set({"slot", kSamples, edition});
    EXPECT_EQ(*parse_set("slot", packed.bytes), (ValueSet{"slot", kSamples, edition}));
    WireReader ends(packed.ends);
    for (std::size_t samples = 0; samples <= kSamples.size(); ++samples) {
      const auto cut = parse_set("slot", packed.bytes.substr(0, ends.number(4)));
      ASSERT_TRUE(cut);
      EXPECT_EQ(cut->edition, edition);
      EXPECT_EQ(cut->samples, std::vector(kSamples.begin(), kSamples.begin() + static_cast<std::ptrdiff_t>(samples)));
    }
    EXPECT_TRUE(ends.ok() && ends.at_end());
  }
}

TEST(ValueCodec, AnEarlierVersionReadsSetsWithoutAnEditionAndSkipsTheOthers) {
  EXPECT_EQ(read_by_an_earlier_version(pack_set({"slot", kSamples}).bytes), kSamples);
  std::vector<metrics::Sample> short_ones = kSamples;
  short_ones.erase(short_ones.begin() + 4);  // too long to be shortened
  EXPECT_TRUE(read_by_an_earlier_version(pack_set({"slot", short_ones, Edition{7, "x"}}).bytes).empty());
}

// 100,000 users are 700,000 samples, which have to fit into one reply of 64 MiB.
TEST(ValueCodec, ASampleOfAUsersReportTakesLessThan40Bytes) {
  ValueSet set{.slot = "copilot/org/acme/users", .samples = {}, .edition = Edition{1, ""}};
  for (int user = 0; user < 1000; ++user) {
    for (int family = 0; family < 7; ++family) {
      const auto id = static_cast<Family>(static_cast<int>(Family::kCopilotInteractions) + family);
      set.samples.push_back(
          {{id, {"acme-corporation", "*", "some-login-" + std::to_string(user), "users", "28d", "", "", "", "", ""}},
           5});
    }
  }
  const std::size_t bytes = pack_set(set).bytes.size();
  EXPECT_LT(bytes, 40 * set.samples.size());
  EXPECT_EQ(*parse_set(set.slot, pack_set(set).bytes), set);
  set.edition.reset();
  EXPECT_GT(pack_set(set).bytes.size(), 3 * bytes);
}

TEST(ValueCodec, FamiliesOfANewerVersionAreLeftOut) {
  std::string bytes = pack_series({Family::kScrapeRuns, {"acme", "success"}});
  ASSERT_TRUE(parse_series(bytes)->has_value());
  bytes[3] = 'x';  // another name
  EXPECT_FALSE(parse_series(bytes)->has_value());
  const std::string samples = bytes + pack_real(1) + pack_set({"slot", {kSamples[0]}}).bytes;
  EXPECT_EQ(parse_set("slot", samples)->samples, std::vector{kSamples[0]});
  // Forms of a series that only later versions have.
  const std::string later = std::string("\0\3\0\1a\0\1b\0\1c", 11) + pack_real(0);
  EXPECT_EQ(parse_set("slot", later + samples)->samples, std::vector{kSamples[0]});
  std::string shortened = pack_set({"slot", {kSamples[0], kSamples[2]}, Edition{1, ""}}).bytes;
  shortened.replace(shortened.find("gh_"), 3, "xy_");
  EXPECT_EQ(parse_set("slot", shortened)->samples, std::vector{kSamples[2]});
}

TEST(ValueCodec, WhatIsCutShortIsAnErrorWhereverItIsCut) {
  for (const auto& edition : kEditions) {
    const PackedSet packed = pack_set({"slot", {kSamples[0], kSamples[5]}, edition});
    for (std::size_t size = 1; size < packed.bytes.size(); ++size) {
      std::string end;
      WireWriter(end).number(size, 4);
      bool is_end = false;
      for (std::size_t at = 0; at < packed.ends.size(); at += 4) is_end |= packed.ends.substr(at, 4) == end;
      EXPECT_EQ(parse_set("slot", packed.bytes.substr(0, size)).has_value(), is_end) << size;
    }
  }
}

TEST(ValueCodec, ANumberOfATextThatWasNotThereIsAnError) {
  const auto series_of = [](std::string_view texts) {
    std::string bytes("\0\1", 2);
    WireWriter writer(bytes);
    writer.text(texts, 2);
    writer.real(1);
    return bytes;
  };
  const std::string_view name("\0\1x", 3);
  EXPECT_TRUE(parse_set("slot", series_of(name)));
  EXPECT_TRUE(parse_set("slot", series_of(std::string(name) + '\1')));
  for (const std::string& wrong : {std::string(), std::string("\1", 1), std::string(name) + '\2',
                                   std::string("\0\2x", 3), std::string(name) + "\xff\xff\xff\xff\xff"}) {
    EXPECT_EQ(parse_set("slot", series_of(wrong)).error().code, ErrorCode::kInvalidData) << wrong.size();
  }
}

TEST(ValueCodec, WhatIsKeptOfASlotIsReadAsFarAsItGoes) {
  std::string stored;
  WireWriter writer(stored);
  writer.number(1'790'000'000, 5);
  writer.number(12, 4);
  EXPECT_EQ(parse_slot("a", stored), (SlotEdition{"a", std::nullopt, 12})) << "of a set that was cut";
  stored += "8 bytes.";
  EXPECT_EQ(parse_slot("a", stored), (SlotEdition{"a", std::nullopt, 12}));
  for (const std::int64_t rank : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1}, std::int64_t{20}}) {
    const Edition edition{rank, "2025-10-28"};
    EXPECT_EQ(parse_slot("a", stored + pack_edition(edition)), (SlotEdition{"a", edition, 12}));
  }
  EXPECT_EQ(parse_slot("a", stored + "1234567"), (SlotEdition{"a", std::nullopt, 12}));
  EXPECT_EQ(parse_slot("a", stored.substr(0, 8)), SlotEdition{"a"});
}

}  // namespace
}  // namespace ghstats::store
