// parse_message(): a message may come from anybody who can publish to the broker.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <limits>

#include "backfill/job.h"
#include "base/day.h"
#include "base/time_format.h"

namespace ghstats::backfill {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxPayloadBytes = 64UL << 10U;
constexpr std::size_t kMaxStringBytes = 512;
constexpr std::string_view kString = "a string of 1 to 512 bytes";
constexpr std::string_view kName = "a plain name (letters, digits, '.', '_', '-')";
constexpr std::string_view kRepo = "\"*\" or a plain name (letters, digits, '.', '_', '-')";
constexpr std::string_view kTime = "an RFC 3339 time";
constexpr std::string_view kDay = "a day (YYYY-MM-DD)";
constexpr std::string_view kPositive = "a positive integer";
const std::string kFamilies = [] {
  std::vector<std::string_view> names;
  for (const auto family : kAllFamilies) names.push_back(to_string(family));
  return fmt::format("an array of {}", fmt::join(names, ", "));
}();

bool is_plain_name(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  return !text.empty() && text != "." && text != ".." && std::ranges::all_of(text, allowed);
}

std::optional<store::CollectionFamily> family_named(std::string_view name) {
  for (const auto family : kAllFamilies) {
    if (to_string(family) == name) return family;
  }
  return std::nullopt;
}

// Takes fields by name and collects what is wrong with them.
class Reader {
 public:
  explicit Reader(const json::object& fields) : fields_(fields) {}

  std::string text(std::string_view field) { return read_text(field, kString, true).value_or(""); }
  std::string optional_text(std::string_view field) { return read_text(field, kString, false).value_or(""); }

  std::string name(std::string_view field) {
    auto text = read_text(field, kName, true);
    if (text && !is_plain_name(*text)) complain(field, kName, "another string");
    return text.value_or("");
  }

  std::string repo(std::string_view field) {
    auto text = read_text(field, kRepo, true);
    if (text && *text != work::kWholeOrganisation && !is_plain_name(*text)) complain(field, kRepo, "another string");
    return text.value_or("");
  }

  std::string optional_day(std::string_view field) {
    auto text = read_text(field, kDay, false);
    if (text && !parse_day(*text)) complain(field, kDay, "another string");
    return text.value_or("");
  }

  TimePoint time(std::string_view field) {
    const auto text = read_text(field, kTime, true);
    if (!text) return {};
    const auto time = parse_rfc3339(*text);
    if (!time) complain(field, kTime, "another string");
    return time.value_or(TimePoint{});
  }

  work::Reason reason(std::string_view field) {
    const auto text = read_text(field, "one of the known reasons", true);
    if (!text) return {};
    const auto reason = work::parse_reason(*text);
    if (!reason) problems_.push_back(reason.error().with_context(fmt::format("field '{}'", field)).message);
    return reason.value_or(work::Reason{});
  }

  int positive(std::string_view field) {
    const auto number = read_positive(field, true);
    if (!number) return 1;
    if (*number <= std::numeric_limits<int>::max()) return static_cast<int>(*number);
    complain(field, "an integer of 31 bits", "a larger one");
    return 1;
  }

  std::optional<RepoId> optional_id(std::string_view field) {
    const auto number = read_positive(field, false);
    if (!number) return std::nullopt;
    return RepoId{static_cast<std::uint64_t>(*number)};
  }

  std::vector<store::CollectionFamily> families(std::string_view field) {
    std::vector<store::CollectionFamily> out;
    const json::value* value = find(field, kFamilies, false);
    if (value == nullptr) return out;
    if (!value->is_array()) complain(field, kFamilies, kind_of(*value));
    if (!value->is_array()) return out;
    for (const json::value& item : value->get_array()) {
      const auto family = item.is_string() ? family_named(std::string_view(item.get_string())) : std::nullopt;
      if (!family) {
        complain(field, kFamilies, "another item");
        return {};
      }
      out.push_back(*family);
    }
    std::ranges::sort(out);
    const auto repeated = std::ranges::unique(out);
    out.erase(repeated.begin(), repeated.end());
    return out;
  }

  void check(bool right, std::string_view otherwise) {
    if (!right && problems_.empty()) problems_.emplace_back(otherwise);
  }

  [[nodiscard]] Status status() const {
    if (problems_.empty()) return {};
    return fail(ErrorCode::kInvalidData, fmt::format("{}", fmt::join(problems_, "; ")));
  }

 private:
  static std::string_view kind_of(const json::value& value) {
    if (value.is_null()) return "null";
    if (value.is_bool()) return "a boolean";
    if (value.is_number()) return "another number";
    if (value.is_string()) return "a string";
    return value.is_array() ? "an array" : "an object";
  }

  void complain(std::string_view field, std::string_view allowed, std::string_view got) {
    problems_.push_back(fmt::format("field '{}': expected {}, got {}", field, allowed, got));
  }

  // Null stands for a missing field where the field is optional.
  const json::value* find(std::string_view field, std::string_view allowed, bool required) {
    const json::value* value = fields_.if_contains(field);
    if (value != nullptr && (required || !value->is_null())) return value;
    if (required) complain(field, allowed, "nothing");
    return nullptr;
  }

  std::optional<std::string> read_text(std::string_view field, std::string_view allowed, bool required) {
    const json::value* value = find(field, allowed, required);
    if (value == nullptr) return std::nullopt;
    if (!value->is_string()) {
      complain(field, allowed, kind_of(*value));
      return std::nullopt;
    }
    const std::string_view text = value->get_string();
    if (text.empty() && !required) return std::nullopt;
    if (text.empty() || text.size() > kMaxStringBytes) {
      complain(field, allowed, fmt::format("{} bytes", text.size()));
      return std::nullopt;
    }
    return std::string(text);
  }

  std::optional<std::int64_t> read_positive(std::string_view field, bool required) {
    const json::value* value = find(field, kPositive, required);
    if (value == nullptr) return std::nullopt;
    if (value->is_int64() && value->get_int64() > 0) return value->get_int64();
    complain(field, kPositive, kind_of(*value));
    return std::nullopt;
  }

  const json::object& fields_;
  std::vector<std::string> problems_;
};

Result<Job> read_job(const json::object& fields) {
  Reader reader(fields);
  Job job;
  job.job_id = reader.text("job_id");
  job.dedup_key = reader.text("dedup_key");
  job.org = reader.name("org");
  job.repo = reader.repo("repo");
  job.repo_id = reader.optional_id("repo_id");
  job.window.begin = reader.time("window_start");
  job.window.end = reader.time("window_end");
  job.reason = reader.reason("reason");
  job.families = reader.families("families");
  job.attempt = reader.positive("attempt");
  job.max_attempts = reader.positive("max_attempts");
  job.created_at = reader.time("created_at");
  job.copilot.scope = reader.optional_text("scope");
  job.copilot.scope_id = reader.optional_text("scope_id");
  job.copilot.report_type = reader.optional_text("report_type");
  job.copilot.window_start_day = reader.optional_day("window_start_day");
  job.copilot.window_end_day = reader.optional_day("window_end_day");
  reader.check(!job.window.empty(), "field 'window_end': expected a time after 'window_start'");
  reader.check(!job.repo_id || job.repo != work::kWholeOrganisation, "field 'repo_id': the repo is \"*\"");
  if (const Status read = reader.status(); !read) return fail(read.error());
  return job;
}

}  // namespace

Result<Job> parse_message(std::string_view payload) {
  if (payload.size() > kMaxPayloadBytes) {
    return fail(ErrorCode::kInvalidData,
                fmt::format("a message of {} bytes: at most {} are allowed", payload.size(), kMaxPayloadBytes));
  }
  boost::system::error_code error;
  const json::value parsed = json::parse(payload, error);
  if (error) return fail(ErrorCode::kInvalidData, fmt::format("not JSON: {}", error.message()));
  if (!parsed.is_object()) return fail(ErrorCode::kInvalidData, "expected a JSON object, got something else");
  return read_job(parsed.get_object());
}

}  // namespace ghstats::backfill
