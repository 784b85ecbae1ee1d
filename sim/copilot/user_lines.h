// A file of a report by user, line after line.
#pragma once

#include <memory>
#include <string>

#include "sim/copilot/activity.h"
#include "sim/world/objects.h"

namespace ghstats::sim::copilot {

// Whose reports they are.
struct Owner {
  OwnerKind kind = OwnerKind::kOrganization;
  std::string name;  // login or slug
  std::uint64_t id = 0;
  std::string enterprise_id;  // of an organisation: the one that it belongs to
};

Owner owner_of(const Account& org);
Owner owner_of(const Enterprise& enterprise);

// `"enterprise_id":"1","organization_id":"2","etl_id":"green","entity_id_partition":2,"day_partition":"2025-10-01",`
std::string owner_fields(const Owner& owner, Day day);

// The first day of a report that ends with `end` of which there are lines.
Day first_day_of(const Report& report, const ReportSetup& setup, Day end);

class UserLines {
 public:
  // `end`: the report's last day, or its only one.
  UserLines(std::shared_ptr<const Activity> activity, const Owner& owner, const Report& report, Day end, int shard);

  // Appends more of the file, tens of kilobytes at a time however long it is and its lines are; false: it has ended.
  bool read(std::string& out);

 private:
  bool next_line();
  void append_line(std::string& out) const;

  std::shared_ptr<const Activity> activity_;
  int shard_;
  Day first_;
  Day end_;
  bool tells_day_;
  std::string head_;  // of every line
  std::vector<std::size_t> head_day_offsets_;
  std::int64_t user_ = 0;
  Day day_;
  std::int64_t padding_left_ = -1;  // of the line that has begun; -1: none has
};

}  // namespace ghstats::sim::copilot
