#include "copilot/record_parser.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "base/day.h"

namespace ghstats::copilot {
namespace {

using simdjson::SUCCESS;
using simdjson::ondemand::json_type;
using simdjson::ondemand::value;

}  // namespace

// One for all lines, so that nothing is allocated for most of them. Every read_ is false after an error, which stands
// in error_ then.
class RecordParser::Reader {
 public:
  Reader(ReportKind kind, std::uint8_t arrays) : shape_(row(kind).shape), arrays_(arrays) {}

  std::expected<Record, LineError> read(std::string& line) {
    if (line.capacity() - line.size() < simdjson::SIMDJSON_PADDING) {
      line.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    }
    error_.reset();
    record_ = {};
    used_ = 0;
    if (!read_line(line)) return std::unexpected(std::move(*error_));
    record_.usages = std::span(usages_).first(used_);
    return record_;
  }

 private:
  using Object = simdjson::ondemand::object;

  bool fail(DropReason reason, std::string detail) {
    error_ = {.reason = reason, .detail = std::move(detail)};
    return false;
  }
  bool unreadable() { return fail(DropReason::kNotJson, "truncated or not JSON"); }
  bool bad(std::string_view field, std::string_view problem) {
    return fail(DropReason::kBadValue, fmt::format("field '{}': {}", field, problem));
  }

  bool read_line(std::string& line) {
    simdjson::ondemand::document document;
    json_type type{};
    Object top;
    if (parser_.iterate(line.data(), line.size(), line.capacity()).get(document) != SUCCESS ||
        document.type().get(type) != SUCCESS) {
      return unreadable();
    }
    if (type != json_type::object) return fail(DropReason::kBadValue, "expected an object, got something else");
    if (document.get_object().get(top) != SUCCESS) return unreadable();
    if (!(shape_ == Shape::kPeriod ? read_period(top) : read_single(top))) return false;
    const char* rest = nullptr;
    return document.current_location().get(rest) != SUCCESS || unreadable();
  }

  // Calls read(key, value) for each field; read is false after an error.
  template <class Read>
  bool each_field(Object& object, Read read) {
    for (auto field : object) {
      std::string_view key;
      value held;
      if (field.unescaped_key().get(key) != SUCCESS || field.value().get(held) != SUCCESS) return unreadable();
      if (!read(key, held)) return false;
    }
    return true;
  }

  // Calls read(object) for each element of an array; null is an empty array.
  template <class Read>
  bool each_object(std::string_view field, value held, Read read) {
    json_type type{};
    if (held.type().get(type) != SUCCESS) return unreadable();
    if (type == json_type::null) return take_null(held);
    simdjson::ondemand::array array;
    if (type != json_type::array) return bad(field, "not an array");
    if (held.get_array().get(array) != SUCCESS) return unreadable();
    for (auto element : array) {
      Object object;
      if (element.type().get(type) != SUCCESS) return unreadable();
      if (type != json_type::object) return bad(field, "an element is not an object");
      if (element.get_object().get(object) != SUCCESS) return unreadable();
      if (!read(object)) return false;
    }
    return true;
  }

  // "nul" must not pass.
  bool take_null(value held) {
    bool null = false;
    return (held.is_null().get(null) == SUCCESS && null) || unreadable();
  }

  bool read_text(std::string_view field, value held, std::string_view& out) {
    json_type type{};
    out = {};
    if (held.type().get(type) != SUCCESS) return unreadable();
    if (type == json_type::null) return take_null(held);
    if (type != json_type::string) return bad(field, "not a string");
    return held.get_string().get(out) == SUCCESS || bad(field, "the string does not parse");
  }

  bool read_day(std::string_view field, value held, std::string_view& out) {
    if (!read_text(field, held, out)) return false;
    return out.empty() || parse_day(out).has_value() || bad(field, "not a day (YYYY-MM-DD)");
  }

  // Absent: not told.
  bool read_number(std::string_view field, value held, std::optional<std::uint64_t>& out) {
    std::uint64_t whole = 0;
    out.reset();
    if (held.get_uint64().get(whole) == SUCCESS) {
      out = whole;
      return true;
    }
    json_type type{};
    if (held.type().get(type) != SUCCESS) return unreadable();
    if (type == json_type::null) return take_null(held);
    simdjson::ondemand::number number;
    if (type != json_type::number) return bad(field, "not a number");
    if (held.get_number().get(number) != SUCCESS) return bad(field, "not a number of 64 bits");
    if (number.is_int64()) {
      if (number.get_int64() < 0) return bad(field, "negative");
      out = static_cast<std::uint64_t>(number.get_int64());
      return true;
    }
    const double real = number.is_uint64() ? static_cast<double>(number.get_uint64()) : number.get_double();
    constexpr double kBeyond = 18446744073709551616.0;  // 2^64
    if (!(real >= 0)) return bad(field, "negative");
    if (real >= kBeyond) return bad(field, "not a number of 64 bits");
    if (std::trunc(real) != real) return bad(field, "not a whole number");
    out = static_cast<std::uint64_t>(real);
    return true;
  }

  template <std::size_t kSize>
  bool read_count(std::string_view field, value held, Counts<kSize>& counts, std::size_t place) {
    std::optional<std::uint64_t> number;
    if (!read_number(field, held, number)) return false;
    if (number) counts.set(place, *number);
    return true;
  }

  static std::optional<std::size_t> counter_named(std::string_view key) {
    for (std::size_t i = 0; i < kCounters.size(); ++i) {
      if (kCounters[i].field == key) return i;
    }
    return std::nullopt;
  }

  bool read_rows(const ArrayRow& array, value held, std::vector<UsageRow>& rows) {
    rows.clear();
    return each_object(array.field, held, [&](Object& object) {
      UsageRow& out = rows.emplace_back();
      return each_field(object, [&](std::string_view key, value inner) {
        if (const auto counter = counter_named(key)) return read_count(key, inner, out.counters, *counter);
        for (const LabelRow& label : kLabelRows) {
          if ((array.labels & label.bit) != 0 && label.name == key)
            return read_text(key, inner, out.labels.*label.member);
        }
        return true;
      });
    });
  }

  bool read_pull_requests(std::string_view field, value held, PullRequests& out) {
    json_type type{};
    Object object;
    out = {};
    if (held.type().get(type) != SUCCESS) return unreadable();
    if (type == json_type::null) return take_null(held);
    if (type != json_type::object) return bad(field, "not an object");
    if (held.get_object().get(object) != SUCCESS) return unreadable();
    return each_field(object, [&](std::string_view key, value inner) {
      for (std::size_t i = 0; i < kPullRequestCounters.size(); ++i) {
        if (kPullRequestCounters[i].field == key) return read_count(key, inner, out, i);
      }
      return true;
    });
  }

  // Fields that a usage has wherever it stands.
  bool read_usage_field(std::string_view key, value held, Usage& usage) {
    if (const auto counter = counter_named(key)) return read_count(key, held, usage.counters, *counter);
    if (key == "day") return read_day(key, held, usage.day);
    if (key == "pull_requests" && shape_ != Shape::kUser) return read_pull_requests(key, held, usage.pull_requests);
    for (const ArrayRow& array : kArrays) {
      if (array.field != key) continue;
      const std::size_t place = index_of(array.array);
      return (arrays_ >> place & 1U) == 0 || read_rows(array, held, usage.arrays[place]);
    }
    return true;
  }

  // Vectors keep their room.
  Usage& next_usage() {
    if (used_ == usages_.size()) usages_.emplace_back();
    Usage& usage = usages_[used_++];
    usage.day = {};
    usage.counters = {};
    usage.pull_requests = {};
    for (auto& rows : usage.arrays) rows.clear();
    return usage;
  }

  bool check_told(const Usage& usage) {
    return usage.counters.told != 0 || usage.pull_requests.told != 0 ||
           fail(DropReason::kMissingField, "no known number in it");
  }

  bool read_report_day(std::string_view key, value held, bool& known) {
    known = true;
    if (key == "report_start_day") return read_day(key, held, record_.report_start_day);
    if (key == "report_end_day") return read_day(key, held, record_.report_end_day);
    known = false;
    return true;
  }

  bool read_period(Object& top) {
    bool has_days = false;
    const bool good = each_field(top, [&](std::string_view key, value held) {
      bool known = false;
      if (!read_report_day(key, held, known) || known) return !error_;
      if (key != "day_totals") return true;
      json_type type{};
      if (held.type().get(type) != SUCCESS) return unreadable();
      has_days = type != json_type::null;
      used_ = 0;
      return each_object(key, held, [&](Object& day) {
        Usage& usage = next_usage();
        return each_field(day, [&](std::string_view k, value inner) { return read_usage_field(k, inner, usage); }) &&
               check_told(usage);
      });
    });
    return good && (has_days || fail(DropReason::kMissingField, "no day_totals[]"));
  }

  bool read_user_id(value held) {
    json_type type{};
    if (held.type().get(type) != SUCCESS) return unreadable();
    if (type == json_type::string) return read_text("user_id", held, record_.user_id);
    std::optional<std::uint64_t> number;
    if (!read_number("user_id", held, number)) return false;
    record_.user_id = {};
    if (number) {
      const auto end = std::to_chars(id_digits_.data(), id_digits_.data() + id_digits_.size(), *number).ptr;
      record_.user_id = {id_digits_.data(), end};
    }
    return true;
  }

  bool read_single(Object& top) {
    Usage& usage = next_usage();
    const bool good = each_field(top, [&](std::string_view key, value held) {
      bool known = false;
      if (!read_report_day(key, held, known) || known) return !error_;
      if (shape_ == Shape::kUser) {
        if (key == "user_login") return read_text(key, held, record_.user_login);
        if (key == "user_id") return read_user_id(held);
      }
      return read_usage_field(key, held, usage);
    });
    return good && check_told(usage);
  }

  Shape shape_;
  std::uint8_t arrays_;
  simdjson::ondemand::parser parser_;
  std::optional<LineError> error_;
  Record record_;
  std::vector<Usage> usages_;  // the first used_ of them
  std::size_t used_ = 0;
  std::array<char, 20> id_digits_{};
};

RecordParser::RecordParser(ReportKind kind, std::uint8_t arrays) : reader_(std::make_unique<Reader>(kind, arrays)) {}
RecordParser::~RecordParser() = default;
RecordParser::RecordParser(RecordParser&&) noexcept = default;
RecordParser& RecordParser::operator=(RecordParser&&) noexcept = default;

std::expected<Record, LineError> RecordParser::parse(std::string& line) {
  return reader_->read(line);
}

}  // namespace ghstats::copilot
