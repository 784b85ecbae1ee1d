#include "store/redis/coverage_codec.h"

#include "store/redis/codec.h"
#include "store/redis/wire_bytes.h"

namespace ghstats::store {
namespace {

using kinds::Aspect;

// First in a member and in a header: of what follows. A version that writes another one writes both with it, so that
// whoever does not know the one does not go on from the other.
constexpr std::uint64_t kForm = 1;

// Bytes outlive versions of the program. A family more is a bit more; an aspect more is another form.
static_assert(kinds::kAspects.size() == 3 && index_of(Aspect::kCommits) == 0 && index_of(Aspect::kPulls) == 1 &&
              index_of(Aspect::kIssues) == 2);
constexpr std::uint64_t kAspectBits = 7;
constexpr int kFamilyBytes = 4;
static_assert(kinds::kCollectionFamilies <= 8 * kFamilyBytes);
constexpr int kSerialBytes = 7;
constexpr std::uint64_t kTooGreat = std::uint64_t{1} << 53U;  // what the server can count with

constexpr std::uint64_t bit(std::size_t at) {
  return std::uint64_t{1} << at;
}

}  // namespace

std::string pack_member(const Member& member) {
  std::uint64_t behind = 0;
  std::uint64_t claimed = 0;
  for (std::size_t i = 0; i < kinds::kAspects.size(); ++i) {
    if (member.behind[i]) behind |= bit(i);
    if (member.until[i]) claimed |= bit(i);
  }
  std::string out;
  WireWriter writer(out);
  writer.number(kForm, 1);
  writer.number(behind, 1);
  writer.number(claimed, 1);
  for (const auto& until : member.until) {
    if (until) writer.time(*until);
  }
  return out;
}

std::optional<Member> parse_member(std::string_view bytes) {
  WireReader reader(bytes);
  const std::uint64_t form = reader.number(1);
  const std::uint64_t behind = reader.number(1);
  const std::uint64_t claimed = reader.number(1);
  if (form != kForm || behind > kAspectBits || claimed > kAspectBits) return std::nullopt;
  Member out;
  for (std::size_t i = 0; i < kinds::kAspects.size(); ++i) {
    out.behind[i] = (behind & bit(i)) != 0;
    if ((claimed & bit(i)) != 0) out.until[i] = reader.time();
  }
  if (!reader.ok() || !reader.at_end()) return std::nullopt;
  return out;
}

std::string pack_claimed(const CoverageClaim& claim) {
  std::uint64_t families = 0;
  for (std::size_t i = 0; i < claim.families.size(); ++i) {
    if (claim.families[i]) families |= bit(i);
  }
  std::string out;
  WireWriter writer(out);
  writer.number(families, kFamilyBytes);
  writer.number(claim.until ? 1 : 0, 1);
  writer.time(claim.until.value_or(TimePoint{}));
  return out;
}

std::optional<CoverageRecord> parse_coverage(std::string_view header, std::string_view incarnation) {
  constexpr int kSecondsBytes = 5;
  WireReader reader(header);
  if (reader.number(1) != kForm) return std::nullopt;
  reader.number(kSecondsBytes);
  CoverageRecord out;
  out.serial = reader.number(kSerialBytes);
  const std::uint64_t families = reader.number(kFamilyBytes);  // those of later versions are left out
  const std::uint64_t claims = reader.number(1);
  const TimePoint until = reader.time();
  const bool is_good = reader.ok() && out.serial != 0 && out.serial < kTooGreat && claims <= 1;
  if (!is_good || incarnation.empty() || reader.rest() != incarnation) return std::nullopt;
  for (std::size_t i = 0; i < out.families.size(); ++i) out.families[i] = (families & bit(i)) != 0;
  if (claims == 1) out.coverage.until = until;
  return out;
}

void add_note(redis::Command& commit, const std::optional<CoverageNote>& note, bool complete, TimePoint now) {
  commit.add(note ? 1 : 0);
  if (!note) return;
  commit.add(note->org).add(first_serial(now)).add(complete ? 1 : 0).add(note->claim ? 1 : 0);
  if (!note->claim) return;
  const CoverageClaim& claim = *note->claim;
  commit.add(claim.serial).add(pack_claimed(claim));
  commit.add(claim.changed.size());
  for (const auto& [repo, member] : claim.changed) commit.add(to_text(repo)).add(pack_member(member));
  commit.add(claim.left.size());
  for (const RepoId repo : claim.left) commit.add(to_text(repo));
}

}  // namespace ghstats::store
