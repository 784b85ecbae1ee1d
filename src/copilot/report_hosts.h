// From where reports may be downloaded.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace ghstats::copilot {

class ReportHosts {
 public:
  // `patterns`: copilot.report_hosts_allowlist. "reports.example.com" is that host; a "*" inside stands for a label or
  // a part of one ("copilot-reports.*.ghe.com"), "*." in front for one or more labels ("*.azurefd.net"). Without case.
  // `api_base_url`: when it is http on loopback, as of a simulator, so may be the reports, of any scheme and port.
  ReportHosts(std::vector<std::string> patterns, std::string_view api_base_url);

  // Fine: https on port 443 of a listed host, without user information. An address is no name: it is listed as it is or
  // not at all. Otherwise kPermissionDenied, which names the host and what to do, and never path or query.
  [[nodiscard]] Status check(std::string_view url) const;

 private:
  [[nodiscard]] bool lists(std::string_view host) const;

  std::vector<std::string> patterns_;  // in lower case
  bool allows_loopback_;
};

}  // namespace ghstats::copilot
