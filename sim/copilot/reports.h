// Who has reports of Copilot usage, how they are made, where they lie, and what has been asked of them.
#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/copilot/download_fault.h"
#include "sim/copilot/signed_link.h"
#include "sim/copilot/user_lines.h"

namespace ghstats::sim::copilot {

using StatusCounts = std::map<int, std::int64_t>;

// An organisation or enterprise with Copilot.
struct Subscription {
  Owner owner;
  std::shared_ptr<const Activity> activity;  // downloads that have begun go on with the one they began with
  std::vector<DownloadFault> faults;
  std::map<std::string, StatusCounts> links;      // asked for, by report
  std::map<std::string, StatusCounts> downloads;  // by report, refused ones included if their path names one

  [[nodiscard]] const ReportSetup& setup() const { return activity->setup(); }
};

// Of everything that was asked of the report host.
struct HostTally {
  StatusCounts statuses;
  std::int64_t with_authorization = 0;
  std::int64_t bytes_sent = 0;  // of bodies, as they went over the wire
};

// A file of a report.
struct ReportFile {
  Subscription* subscription = nullptr;
  Report report;
  Day end;
  int shard = 0;
};

// Not thread-safe.
class Reports {
 public:
  // Where the report host listens.
  void set_port(std::uint16_t port) { port_ = port; }

  // Without regard to case; null for who has no Copilot.
  Subscription* find(OwnerKind kind, std::string_view owner);
  // Replaces the reports of who has some, and leaves their faults and counts alone.
  Subscription& set_up(Owner owner, ReportSetup setup);
  void clear();

  // Addresses of a report's files. `api_base`: the client's way to the API, whose host name is the report host's, too.
  [[nodiscard]] std::vector<std::string> links(const ReportFile& report, std::string_view api_base,
                                               TimePoint now) const;
  [[nodiscard]] const LinkSigner& signer() const { return signer_; }
  // What the path of a link stands for; without a subscription if it stands for nothing.
  ReportFile find_file(std::string_view path);

  HostTally& tally() { return tally_; }
  // {"owners": [setup, "faults", "links", "downloads"], "host": the tally}
  [[nodiscard]] boost::json::value to_json() const;

 private:
  std::map<std::pair<OwnerKind, std::string>, Subscription> subscriptions_;  // by name in lower case
  LinkSigner signer_;
  HostTally tally_;
  std::uint16_t port_ = 0;
};

}  // namespace ghstats::sim::copilot
