#include "harness/prometheus.h"

#include <boost/json.hpp>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "harness/http.h"

namespace ghstats::harness {
namespace {

std::string escape(std::string_view value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    out += c == '\n' ? std::string("\\n") : std::string(1, c);
  }
  return out;
}

// Boost.JSON keeps the order of the text, and Prometheus sorts labels by name, as our pages do.
std::string series_of(const boost::json::object& labels) {
  std::string name;
  std::string inside;
  for (const auto& [key, value] : labels) {
    const std::string_view text = value.as_string();
    if (key == "__name__") {
      name = text;
    } else if (key != "instance" && key != "job") {
      inside += (inside.empty() ? "" : ",") + std::string(key) + "=\"" + escape(text) + "\"";
    }
  }
  return inside.empty() ? name : name + "{" + inside + "}";
}

}  // namespace

std::optional<std::string> prometheus_program(const std::string& name) {
  // The one place that knows the folder is the script.
  const std::string script =
      ". '" GHSTATS_SOURCE_DIR "/tools/prometheus_path.sh'; PATH=$prometheus_bin:$PATH; command -v ";
  const auto found = run_command({"/bin/bash", "-c", script + name});
  if (found.exit_code != 0 && std::getenv("CI") != nullptr) {
    throw std::runtime_error(name + " is missing: './dev setup' gets it");
  }
  if (found.exit_code != 0) return std::nullopt;
  return found.out.substr(0, found.out.find('\n'));
}

std::string promtool_remarks(const std::string& page) {
  const auto promtool = prometheus_program("promtool");
  if (!promtool) return {};
  const auto verdict = run_command({*promtool, "check", "metrics"}, {}, page);
  std::string remarks = verdict.out + verdict.err;
  if (verdict.exit_code != 0) remarks += "exit code " + std::to_string(verdict.exit_code.value_or(-1));
  return remarks;
}

Prometheus::Prometheus(const std::filesystem::path& folder, const std::string& target) {
  const auto binary = prometheus_program("prometheus");
  if (!binary) throw std::runtime_error("prometheus is missing");
  const std::string address = "127.0.0.1:" + std::to_string(free_port());
  url_ = "http://" + address;
  const auto config = folder / "prometheus.yml";
  write_file(config,
             "global: {scrape_interval: 1s}\nscrape_configs:\n  - job_name: github-stats\n    static_configs: "
             "[{targets: ['" +
                 target + "']}]\n");
  process_ = std::make_unique<Process>(
      std::vector<std::string>{*binary, "--config.file=" + config.string(), "--web.listen-address=" + address,
                               "--storage.tsdb.path=" + (folder / "prometheus").string()},
      std::map<std::string, std::string>{}, folder / "prometheus.log");
  const bool ready = eventually(std::chrono::seconds{60}, [&] {
    if (!process_->running()) return true;
    try {
      return get(url_ + "/-/ready").status == 200;
    } catch (const std::runtime_error&) {
      return false;
    }
  });
  if (!ready || !process_->running()) throw std::runtime_error("prometheus did not start: " + process_->output());
}

std::map<std::string, double> Prometheus::query(const std::string& expression) const {
  const auto response = get(url_ + "/api/v1/query?query=" + http::percent_encode(expression));
  if (response.status != 200) throw std::runtime_error("query: " + response.body);
  const auto document = boost::json::parse(response.body);
  std::map<std::string, double> out;
  for (const auto& entry : document.at("data").at("result").as_array()) {
    const std::string value(entry.at("value").at(1).as_string());
    out[series_of(entry.at("metric").as_object())] = std::stod(value);
  }
  return out;
}

}  // namespace ghstats::harness
