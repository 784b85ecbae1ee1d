#include "sim/copilot/reports.h"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <charconv>

#include "sim/rest/query.h"
#include "sim/world/world.h"

namespace ghstats::sim::copilot {
namespace {

namespace json = boost::json;

constexpr std::string_view kFolder = "copilot-usage-reports";
constexpr std::string_view kPart = "part-";
constexpr std::size_t kPartDigits = 5;

int files_of(const ReportFile& file) {
  return file.report.of_users ? file.subscription->setup().shards : 1;
}

std::string path_of(const ReportFile& file, int shard) {
  const auto& owner = file.subscription->owner;
  const auto day = format_day(file.end);
  const auto seed = file.subscription->setup().seed * 0x9e3779b97f4a7c15ULL + owner.id;
  return fmt::format("/{}/{}/{}/{}/{}/{}{:05}-{:016x}-c000.ndjson{}", kFolder, name_of(owner.kind), owner.name,
                     name_of(file.report), day, kPart, shard, seed,
                     file.subscription->setup().gzip == Gzip::kFile ? ".gz" : "");
}

// "http://host:port/api/v3" -> "http://host"
std::string_view host_of(std::string_view api_base) {
  const auto begin = api_base.find("//") + 2;
  auto end = std::min(api_base.find('/', begin), api_base.size());
  const auto colon = api_base.rfind(':', end);
  const auto bracket = api_base.rfind(']', end);
  const bool has_port =
      colon != std::string_view::npos && colon >= begin && (bracket == std::string_view::npos || colon > bracket);
  return api_base.substr(0, has_port ? colon : end);
}

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    segments.push_back(path.substr(0, path.find('/')));
    path.remove_prefix(segments.back().size());
  }
  return segments;
}

json::object render(const StatusCounts& counts) {
  json::object out;
  for (const auto& [status, count] : counts) out[std::to_string(status)] = count;
  return out;
}

json::object render(const std::map<std::string, StatusCounts>& by_report) {
  json::object out;
  for (const auto& [report, counts] : by_report) out[report] = render(counts);
  return out;
}

}  // namespace

Subscription* Reports::find(OwnerKind kind, std::string_view owner) {
  const auto it = subscriptions_.find({kind, lower_case(owner)});
  return it == subscriptions_.end() ? nullptr : &it->second;
}

Subscription& Reports::set_up(Owner owner, ReportSetup setup) {
  auto& subscription = subscriptions_[{owner.kind, lower_case(owner.name)}];
  subscription.owner = std::move(owner);
  subscription.activity = std::make_shared<const Activity>(std::move(setup));
  return subscription;
}

void Reports::clear() {
  subscriptions_.clear();
  tally_ = {};
}

std::vector<std::string> Reports::links(const ReportFile& report, std::string_view api_base, TimePoint now) const {
  std::vector<std::string> links;
  for (int shard = 0; shard < files_of(report); ++shard) {
    const auto path = path_of(report, shard);
    links.push_back(fmt::format("{}:{}{}?{}", host_of(api_base), port_, path,
                                signer_.sign(path, now, now + report.subscription->setup().link_lifetime)));
  }
  return links;
}

ReportFile Reports::find_file(std::string_view path) {
  const auto segments = segments_of(path);
  if (segments.size() != 6 || segments[0] != kFolder || !segments[5].starts_with(kPart)) return {};
  const auto kind = find_owner_kind(segments[1]);
  auto* const subscription = kind ? find(*kind, percent_decode(segments[2])) : nullptr;
  const auto report = kind ? find_report(*kind, segments[3]) : std::nullopt;
  const auto end = parse_day(segments[4]);
  if (subscription == nullptr || !report || !end) return {};
  ReportFile file{subscription, *report, *end, 0};
  const auto digits = segments[5].substr(kPart.size(), kPartDigits);
  const auto [rest, error] = std::from_chars(digits.data(), digits.data() + digits.size(), file.shard);
  if (error != std::errc{} || file.shard < 0 || file.shard >= files_of(file)) return {};
  return file;
}

json::value Reports::to_json() const {
  json::array owners;
  for (const auto& [key, subscription] : subscriptions_) {
    json::object one{{"owner_kind", name_of(subscription.owner.kind)}, {"owner", subscription.owner.name}};
    for (auto& [name, value] : copilot::to_json(subscription.setup())) one[name] = std::move(value);
    one["faults"] = copilot::to_json(subscription.faults);
    one["links"] = render(subscription.links);
    one["downloads"] = render(subscription.downloads);
    owners.push_back(std::move(one));
  }
  return json::object{{"owners", std::move(owners)},
                      {"host",
                       {{"port", port_},
                        {"downloads", render(tally_.statuses)},
                        {"with_authorization", tally_.with_authorization},
                        {"bytes_sent", tally_.bytes_sent}}}};
}

}  // namespace ghstats::sim::copilot
