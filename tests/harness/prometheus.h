// A running Prometheus that scrapes one exporter.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "harness/process.h"

namespace ghstats::harness {

// "prometheus" or "promtool", from where './dev setup' puts Debian's package or from PATH; nothing when it is missing,
// but under CI that is an error.
std::optional<std::string> prometheus_program(const std::string& name);

// What `promtool check metrics` has to say about a page in text 0.0.4; empty when it has nothing to say or is missing.
std::string promtool_remarks(const std::string& page);

class Prometheus {
 public:
  // Scrapes `target` ("127.0.0.1:9090") every second into `folder`; returns when it answers queries.
  Prometheus(const std::filesystem::path& folder, const std::string& target);

  // The instant vector of a query, as on a page: "family{labels}", without the labels instance and job, to the value.
  [[nodiscard]] std::map<std::string, double> query(const std::string& expression) const;

 private:
  std::string url_;
  std::unique_ptr<Process> process_;
};

}  // namespace ghstats::harness
