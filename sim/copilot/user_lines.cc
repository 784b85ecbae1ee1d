#include "sim/copilot/user_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace ghstats::sim::copilot {
namespace {

constexpr std::size_t kPieceBytes = 64UL << 10U;
constexpr std::string_view kPaddingBegins = R"(,"padding":")";
constexpr std::string_view kEnterpriseId = "1";  // that organisations belong to
constexpr std::string_view kDaySlot = "0000-00-00";

void append_number(std::string& out, std::int64_t number) {
  char digits[20];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
  out.append(std::begin(digits), end);
}

}  // namespace

Owner owner_of(const Account& org) {
  return {OwnerKind::kOrganization, org.login, org.id, std::string(kEnterpriseId)};
}

Owner owner_of(const Enterprise& enterprise) {
  return {OwnerKind::kEnterprise, enterprise.slug, enterprise.id, std::to_string(enterprise.id)};
}

std::string owner_fields(const Owner& owner, Day day) {
  const auto organization =
      owner.kind == OwnerKind::kOrganization ? fmt::format(R"("organization_id":"{}",)", owner.id) : std::string();
  return fmt::format(R"("enterprise_id":"{}",{}"etl_id":"green","entity_id_partition":{},"day_partition":"{}",)",
                     owner.enterprise_id, organization, owner.id, format_day(day));
}

Day first_day_of(const Report& report, const ReportSetup& setup, Day end) {
  return report.one_day ? end : end - std::chrono::days{setup.days - 1};
}

UserLines::UserLines(std::shared_ptr<const Activity> activity, const Owner& owner, const Report& report, Day end,
                     int shard)
    : activity_(std::move(activity)),
      shard_(shard),
      first_(first_day_of(report, activity_->setup(), end)),
      end_(end),
      tells_day_(report.one_day || !activity_->setup().one_line_per_user),
      day_(first_ - std::chrono::days{1}) {
  head_ = "{";
  if (!report.one_day) {
    head_ += fmt::format(R"("report_start_day":"{}","report_end_day":"{}",)",
                         format_day(end - std::chrono::days{kPeriodDays - 1}), format_day(end));
  }
  head_ += owner_fields(owner, end);
  if (tells_day_) {
    head_day_offsets_.push_back(head_.size() - kDaySlot.size() - 2);  // day_partition, with its quote and comma
    head_ += R"("day":")";
    head_day_offsets_.push_back(head_.size());
    head_ += fmt::format(R"({}",)", kDaySlot);
  }
  head_ += R"("user_id":)";
}

bool UserLines::next_line() {
  for (; user_ < activity_->users(); ++user_, day_ = first_ - std::chrono::days{1}) {
    while (day_ < end_) {
      day_ += std::chrono::days{1};
      const bool here = (user_ + day_.time_since_epoch().count()) % activity_->setup().shards == shard_;
      if (here && activity_->has_line(user_, day_)) return true;
    }
  }
  return false;
}

void UserLines::append_line(std::string& out) const {
  const auto day = format_day(day_);
  const auto set_day = [&](std::size_t at) { day.copy(out.data() + at, day.size()); };
  const auto begin = out.size();
  out += head_;
  for (const auto offset : head_day_offsets_) set_day(begin + offset);
  append_number(out, Activity::id(user_));
  out += R"(,"user_login":"dev-)";
  append_number(out, user_ + 1);
  out += R"(",)";
  const auto& usage = activity_->text(activity_->usage_of(user_, day_));
  const auto fields = out.size();
  out += usage.fields;
  for (const auto offset : usage.day_offsets) set_day(fields + offset);
}

bool UserLines::read(std::string& out) {
  const auto enough = out.size() + kPieceBytes;
  while (out.size() < enough) {
    if (padding_left_ < 0) {
      if (!next_line()) return false;
      append_line(out);
      padding_left_ = activity_->padding();
      if (padding_left_ > 0) out += kPaddingBegins;
    }
    const auto piece = std::min<std::int64_t>(padding_left_, kPieceBytes);
    out.append(static_cast<std::size_t>(piece), 'x');
    padding_left_ -= piece;
    if (padding_left_ > 0) continue;
    out += activity_->padding() > 0 ? "\"}\n" : "}\n";
    padding_left_ = -1;
  }
  return true;
}

}  // namespace ghstats::sim::copilot
