#include "store/redis/coverage_codec.h"

#include <gtest/gtest.h>

#include "store/redis/wire_bytes.h"

namespace ghstats::store {
namespace {

using namespace std::chrono_literals;

const TimePoint kNow = from_unix_seconds(1'790'000'000) + 5ns;

std::string header_of(const CoverageClaim& claim, std::uint64_t serial, std::string_view name, std::uint64_t form = 1) {
  std::string out;
  WireWriter writer(out);
  writer.number(form, 1);
  writer.number(1'790'000'000, 5);
  writer.number(serial, 7);
  return out + pack_claimed(claim) + std::string(name);
}

CoverageClaim claim_until(std::optional<TimePoint> until) {
  return {.serial = 0, .until = until, .families = kinds::kDefaultFamilies, .changed = {}, .left = {}};
}

TEST(CoverageCodec, AMemberThatIsNotWholeIsNone) {
  Member member;
  member.behind = {true, false, true};
  member.until = {kNow, std::nullopt, from_unix_seconds(-1)};
  const std::string bytes = pack_member(member);
  EXPECT_EQ(parse_member(bytes), member);
  EXPECT_EQ(pack_member({}).size(), 3U) << "nearly all are like that";
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(parse_member(bytes.substr(0, size))) << size;
  EXPECT_FALSE(parse_member(bytes + "x"));
  for (const std::size_t at : {0U, 1U, 2U}) {
    std::string other = bytes;
    other[at] = '\x08';
    EXPECT_FALSE(parse_member(other)) << "of a later version: " << at;
  }
}

TEST(CoverageCodec, AHeaderThatIsNotWholeIsNone) {
  for (const std::optional<TimePoint>& until : {std::optional<TimePoint>(), std::optional(kNow)}) {
    const std::string header = header_of(claim_until(until), 12, "name");
    const auto record = parse_coverage(header, "name");
    ASSERT_TRUE(record);
    EXPECT_EQ(record->serial, 12U);
    EXPECT_EQ(record->coverage.until, until);
    EXPECT_EQ(record->families, kinds::kDefaultFamilies);
    for (std::size_t size = 0; size < header.size(); ++size) {
      EXPECT_FALSE(parse_coverage(header.substr(0, size), "name")) << size;
      EXPECT_FALSE(parse_coverage(header.substr(0, size), "")) << size;
    }
    EXPECT_FALSE(parse_coverage(header, "nam"));
    EXPECT_FALSE(parse_coverage(header, "another name"));
  }
}

TEST(CoverageCodec, AHeaderOfALaterVersionOrWithAnImpossibleSerialIsNone) {
  const CoverageClaim claim = claim_until(kNow);
  EXPECT_FALSE(parse_coverage(header_of(claim, 12, "name", 2), "name"));
  EXPECT_FALSE(parse_coverage(header_of(claim, 0, "name"), "name"));
  EXPECT_FALSE(parse_coverage(header_of(claim, std::uint64_t{1} << 53U, "name"), "name"));
  EXPECT_TRUE(parse_coverage(header_of(claim, (std::uint64_t{1} << 53U) - 1, "name"), "name"));
  std::string strange = header_of(claim, 12, "name");
  strange[17] = '\x02';
  EXPECT_FALSE(parse_coverage(strange, "name"));
  // A family that this version does not know.
  std::string later = header_of(claim, 12, "name");
  later[13] = '\x80';
  EXPECT_EQ(parse_coverage(later, "name")->families, claim.families);
}

TEST(CoverageCodec, NoRecordBeginsWithNothing) {
  EXPECT_EQ(first_serial(from_unix_seconds(1'790'000'000) + 3us), 1'790'000'000'000'003U);
  EXPECT_EQ(first_serial(TimePoint{}), 1U);
  EXPECT_EQ(first_serial(from_unix_seconds(-7)), 1U);
  EXPECT_LT(first_serial(TimePoint::max()), std::uint64_t{1} << 53U);
}

}  // namespace
}  // namespace ghstats::store
