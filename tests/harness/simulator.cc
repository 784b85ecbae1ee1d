#include "harness/simulator.h"

#include <boost/json.hpp>
#include <stdexcept>

#include "base/time_format.h"
#include "harness/http.h"

namespace ghstats::harness {
namespace {

void expect_ok(const http::Response& response, const std::string& what) {
  if (response.status / 100 != 2) throw std::runtime_error(what + ": " + response.body);
}

std::string escape(const std::string& value) {
  std::string out;
  for (const char c : value) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

Simulator::Simulator(const std::filesystem::path& folder, std::vector<std::string> options) : folder_(folder) {
  const std::string port_file = (folder / "ghsim.port").string();
  std::vector<std::string> arguments = {program("ghsim"), "--listen",        "127.0.0.1:0", "--port-file",
                                        port_file,        "--write-app-key", app_key()};
  arguments.insert(arguments.end(), options.begin(), options.end());
  process_ = std::make_unique<Process>(arguments, std::map<std::string, std::string>{}, folder / "ghsim.log");
  const bool ready =
      eventually(std::chrono::seconds{60}, [&] { return std::filesystem::exists(port_file) || !process_->running(); });
  if (!ready || !process_->running()) throw std::runtime_error("ghsim did not start: " + process_->output());
  url_ = "http://127.0.0.1:" + std::to_string(std::stoi(read_file(port_file)));
}

void Simulator::set_clock(TimePoint now) {
  expect_ok(post(url_ + "/_sim/clock", R"({"now":")" + format_rfc3339(now) + R"("})"), "set clock");
}

void Simulator::add_faults(const std::string& json) {
  expect_ok(post(url_ + "/_sim/faults", json), "add faults");
}

void Simulator::clear_faults() {
  expect_ok(raw("DELETE", url_ + "/_sim/faults"), "clear faults");
}

std::uint64_t Simulator::fault_hits() const {
  std::uint64_t hits = 0;
  const auto document = boost::json::parse(get(url_ + "/_sim/faults").body);
  for (const auto& fault : document.as_array()) hits += fault.at("hits").to_number<std::uint64_t>();
  return hits;
}

std::uint64_t Simulator::requests() const {
  const auto document = boost::json::parse(get(url_ + "/_sim/requests").body);
  return document.at("total").to_number<std::uint64_t>() + document.at("in_flight").to_number<std::uint64_t>();
}

std::vector<Simulator::Arrival> Simulator::arrivals() const {
  std::vector<Arrival> out;
  const auto document = boost::json::parse(get(url_ + "/_sim/arrivals").body);
  for (const auto& arrival : document.as_array()) {
    const std::chrono::microseconds at{arrival.at("at_us").to_number<std::int64_t>()};
    out.push_back({std::string(arrival.at("host").as_string()), SteadyPoint{at}});
  }
  return out;
}

std::string Simulator::forbidden() const {
  const auto document = boost::json::parse(get(url_ + "/_sim/requests").body);
  if (document.at("forbidden").to_number<std::uint64_t>() == 0) return {};
  return boost::json::serialize(document.at("forbidden")) + ": " +
         boost::json::serialize(document.at("forbidden_requests"));
}

void Simulator::perform(const std::string& json) {
  expect_ok(post(url_ + "/_sim/activity", json), "activity");
}

void Simulator::work(const std::vector<std::string>& repositories, int round) {
  boost::json::array list;
  for (const auto& repository : repositories) {
    list.push_back({{"type", "commit"}, {"repo", repository}, {"author", "ann"}});
    list.push_back({{"type", "pull_request"}, {"repo", repository}, {"author", "bob"}});
    list.push_back(
        {{"type", "review"}, {"repo", repository}, {"number", round}, {"author", "cid"}, {"state", "APPROVED"}});
    list.push_back({{"type", "comment"}, {"repo", repository}, {"number", round}, {"author", "dan"}});
  }
  perform(boost::json::serialize(list));
}

std::map<std::string, double> Simulator::truth(TimePoint at, std::string query) const {
  const auto response = get(url_ + "/_sim/truth?at=" + format_rfc3339(at) + query);
  expect_ok(response, "truth");
  std::map<std::string, double> out;
  const auto document = boost::json::parse(response.body);
  for (const auto& entry : document.at("samples").as_array()) {
    const auto& sample = entry.as_object();
    const auto* older = sample.if_contains("older");
    if (older != nullptr && older->is_bool() && older->as_bool()) continue;
    const auto text = [&](const char* key) { return escape(std::string(sample.at(key).as_string())); };
    out[text("family") + "{org=\"" + text("org") + "\",repo=\"" + text("repo") + "\",user=\"" + text("user") + "\"}"] =
        sample.at("value").to_number<double>();
  }
  return out;
}

}  // namespace ghstats::harness
