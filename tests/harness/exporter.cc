#include "harness/exporter.h"

#include <fmt/ranges.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

#include "base/time_format.h"
#include "harness/http.h"

namespace ghstats::harness {
namespace {

// Debian's package faketime; the multiarch folder differs by machine.
std::string faketime_library() {
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib")) {
    const auto candidate = entry.path() / "faketime" / "libfaketimeMT.so.1";
    if (std::filesystem::exists(candidate)) return candidate.string();
  }
  throw std::runtime_error("libfaketimeMT.so.1 is missing: './dev setup' installs the package faketime");
}

// The port in the log line "serving".
std::optional<std::uint16_t> port_in(const std::string& log) {
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    boost::system::error_code error;
    const auto value = boost::json::parse(line, error);
    if (error || !value.is_object()) continue;
    const auto* message = value.as_object().if_contains("msg");
    const auto* port = value.as_object().if_contains("port");
    if (message == nullptr || port == nullptr || *message != "serving") continue;
    return port->to_number<std::uint16_t>();
  }
  return std::nullopt;
}

}  // namespace

TimePoint faketime_start() {
  using std::chrono::days;
  return std::chrono::floor<days>(std::chrono::system_clock::now()) + days{30};
}

std::string config_for(const Simulator& simulator, const std::vector<std::string>& orgs, const std::string& more,
                       const std::string& github, const std::string& retry, const std::string& scrape_interval) {
  std::string out =
      "server: {listen_addr: \"127.0.0.1:0\", log_level: debug}\ngithub:\n  api_base_url: " + simulator.url() +
      (github.empty() ? "" : "\n  " + github);
  // What most tests count and disturb is REST; tests/CMakeLists.txt has those about truth run once more with others.
  const char* collection = std::getenv("GHSTATS_TEST_COLLECTION");
  if (github.find("collection:") == std::string::npos) {
    std::string keys = std::string("collection: ") + (collection == nullptr ? "sweep" : collection);
    if (const auto comma = keys.find(", "); comma != std::string::npos) keys.replace(comma, 2, "\n  ");
    out += "\n  " + keys;
  }
  out += "\n  orgs:\n";
  for (const auto& org : orgs) {
    out += "    - {org: " + org + ", app_id: 1, private_key_path: " + simulator.app_key() +
           ", scrape_interval: " + scrape_interval + ", per_org_concurrency: 4}\n";
  }
  return out + "retry: {initial_backoff: 10ms, max_backoff: 50ms" + (retry.empty() ? "" : ", " + retry) + "}\n" + more;
}

Exporter::Exporter(const std::filesystem::path& folder, Options options) : folder_(folder) {
  const auto config = folder / "exporter.yaml";
  const auto log = folder / "exporter.log";
  write_file(config, options.config);
  std::filesystem::remove(log);  // of an earlier one in this folder: its port
  auto environment = options.environment;
  std::vector<std::string> preloaded;
  if (!options.host_name.empty()) {
    preloaded.emplace_back(GHSTATS_HOST_NAME);
    environment["HARNESS_HOST_NAME"] = options.host_name;
  }
  if (options.clock) {
    set_clock(*options.clock);
    preloaded.emplace_back(GHSTATS_REAL_TIMERS);
    preloaded.push_back(faketime_library());
    environment["FAKETIME_TIMESTAMP_FILE"] = (folder / "now").string();
    environment["FAKETIME_NO_CACHE"] = "1";
    environment["FAKETIME_DONT_FAKE_MONOTONIC"] = "1";
    environment["TZ"] = "UTC";
  }
  if (!preloaded.empty()) environment["LD_PRELOAD"] = fmt::format("{}", fmt::join(preloaded, ":"));
  process_ = std::make_unique<Process>(
      std::vector<std::string>{program("github-stats-exporter"), "--config=" + config.string()}, environment, log);
  const bool ready = eventually(std::chrono::seconds{60}, [&] {
    const auto port = port_in(read_file(log));
    if (port) port_ = *port;
    return port_ != 0 || !process_->running();
  });
  if (!ready || port_ == 0) throw std::runtime_error("the exporter did not start: " + process_->output());
}

void Exporter::set_clock(TimePoint now) {
  std::string text = format_rfc3339(now);
  text[10] = ' ';
  text.pop_back();
  write_file(folder_ / "now", text + "\n");
}

std::string Exporter::page() const {
  return get(url() + "/metrics").body;
}

std::map<std::string, double> Exporter::samples() const {
  return parse_page(page());
}

double Exporter::cycles(const std::string& org, const std::string& result) const {
  // Asked for many times over: the rest of the page is not parsed.
  const std::string text = page();
  const std::string line = "\ngh_exporter_scrape_runs_total{org=\"" + org + "\",result=\"" + result + "\"} ";
  const std::size_t at = text.find(line);
  return at == std::string::npos ? 0 : std::stod(text.substr(at + line.size(), 32));
}

bool Exporter::complete_cycle(const std::string& org, const std::string& result, std::chrono::seconds limit) const {
  // The cycle that is under way may have begun before; the next one has not.
  const double wanted = cycles(org, result) + 2;
  return eventually(limit, [&] { return cycles(org, result) >= wanted; });
}

}  // namespace ghstats::harness
