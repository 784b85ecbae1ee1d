// Series and value sets as the store keeps them in Redis (docs/store.md). Parsing never trusts: kInvalidData.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "metrics/series.h"
#include "store/store.h"

namespace ghstats::store {

// Families by name, because their numbers change from version to version of this program.
std::string pack_series(const metrics::SeriesKey& key);
// None: of a family that this version does not know.
Result<std::optional<metrics::SeriesKey>> parse_series(std::string_view bytes);

struct PackedSet {
  std::string bytes;
  std::string ends;  // four bytes each: where the first sample begins and where each one ends; the server cuts there
};
// Sets with an edition, which may be of a million samples, take a third of the bytes: who has no word for editions has
// none for what is in such a set either, and skips it.
PackedSet pack_set(const ValueSet& set);
// Without samples of families that this version does not know.
Result<ValueSet> parse_set(std::string slot, std::string_view bytes);

// The rank, so that bytes sort as ranks, and the note; empty for none.
std::string pack_edition(const std::optional<Edition>& edition);

// By what is kept of a slot beside its samples; no series and no edition when that does not parse.
SlotEdition parse_slot(std::string slot, std::string_view bytes);

}  // namespace ghstats::store
