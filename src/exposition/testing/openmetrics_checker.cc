#include "exposition/testing/openmetrics_checker.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <vector>

#include "metrics/encoder.h"

namespace ghstats::exposition::testing {
namespace {

using LabelSet = std::map<std::string, std::string>;

struct ParsedSample {
  std::string name;
  LabelSet labels;
  double value = 0;
};

struct ParsedFamily {
  std::string name;
  std::string type;
  std::string unit;
  int stage = 0;  // 1 TYPE, 2 UNIT, 3 HELP, 4 samples
  std::vector<ParsedSample> samples;
};

class Checker {
 public:
  std::string check(std::string_view page) {
    while (!page.empty()) {
      const std::size_t end = page.find('\n');
      if (end == std::string_view::npos) return "the last line does not end";
      const std::string line(page.substr(0, end));
      page.remove_prefix(end + 1);
      if (ended_) return "behind # EOF: " + line;
      const std::string problem = take(line);
      if (!problem.empty()) return problem + ": " + line;
    }
    return ended_ ? "" : "no # EOF";
  }

 private:
  std::string take(const std::string& line) {
    static const std::regex metadata("# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)");
    std::smatch match;
    if (line == "# EOF") {
      ended_ = true;
      return finish_family();
    }
    if (std::regex_match(line, match, metadata)) return take_metadata(match[1], match[2], match[3]);
    if (line.empty() || line[0] == '#') return "neither metadata nor sample";
    return take_sample(line);
  }

  std::string take_metadata(const std::string& keyword, const std::string& name, const std::string& value) {
    const int stage = keyword == "TYPE" ? 1 : keyword == "UNIT" ? 2 : 3;
    if (name != family_.name) {
      if (const std::string problem = finish_family(); !problem.empty()) return problem;
      if (!names_.insert(name).second) return "family in two places";
      family_ = {.name = name, .type = {}, .unit = {}, .samples = {}};
    }
    if (stage <= family_.stage) return "metadata out of order";
    family_.stage = stage;
    if (stage == 1) {
      static const std::set<std::string> types = {"gauge", "counter", "histogram"};
      if (!types.contains(value)) return "unknown type";
      if (name.ends_with("_total")) return "family name ends in _total";
      family_.type = value;
    }
    if (stage == 2 && (value.empty() || !name.ends_with("_" + value))) return "name does not end in its unit";
    if (stage == 3) return check_escapes(value);
    return {};
  }

  static std::string check_escapes(const std::string& text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '"') return "quote without escape";
      if (text[i] != '\\') continue;
      ++i;
      if (i == text.size() || !std::string_view("\\n\"").contains(text[i])) return "bad escape";
    }
    return {};
  }

  std::string take_sample(const std::string& line) {
    if (family_.type.empty()) return "sample without TYPE";
    family_.stage = 4;
    ParsedSample sample;
    std::size_t at = line.find_first_of("{ ");
    if (at == std::string::npos) return "sample without value";
    sample.name = line.substr(0, at);
    if (line[at] == '{') {
      if (const std::string problem = take_labels(line, at, sample.labels); !problem.empty()) return problem;
    }
    if (at >= line.size() || line[at] != ' ') return "no blank before the value";
    const auto value = parse_number(line.substr(at + 1));
    if (!value) return "bad number";
    sample.value = *value;
    if (const std::string problem = check_name(sample); !problem.empty()) return problem;
    if (!series_.insert({sample.name, sample.labels}).second) return "series twice";
    family_.samples.push_back(std::move(sample));
    return {};
  }

  static std::string take_labels(const std::string& line, std::size_t& at, LabelSet& labels) {
    static const std::regex label("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\\\\\"]|\\\\[\\\\n\"])*)\"");
    do {
      ++at;  // '{' or ','
      std::smatch match;
      if (!std::regex_search(line.begin() + static_cast<std::ptrdiff_t>(at), line.end(), match, label,
                             std::regex_constants::match_continuous)) {
        return "bad label";
      }
      if (!labels.emplace(match[1], match[2]).second) return "label twice";
      at += static_cast<std::size_t>(match.length());
    } while (at < line.size() && line[at] == ',');
    if (at >= line.size() || line[at] != '}') return "labels do not end";
    ++at;
    return {};
  }

  static std::optional<double> parse_number(const std::string& text) {
    static const std::regex real("[+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");
    if (text == "+Inf") return std::numeric_limits<double>::infinity();
    if (text == "-Inf") return -std::numeric_limits<double>::infinity();
    if (text == "NaN") return std::nan("");
    if (!std::regex_match(text, real)) return std::nullopt;
    return std::strtod(text.c_str(), nullptr);
  }

  [[nodiscard]] std::string check_name(const ParsedSample& sample) const {
    if (!sample.name.starts_with(family_.name)) return "sample of another family";
    const std::string suffix = sample.name.substr(family_.name.size());
    if (family_.type == "gauge") return suffix.empty() ? "" : "gauge with a suffix";
    if (family_.type == "counter") {
      if (suffix != "_total") return "counter without _total";
      return sample.value >= 0 ? "" : "counter below 0 or NaN";
    }
    if (suffix == "_bucket") return sample.labels.contains("le") ? "" : "bucket without le";
    return suffix == "_sum" || suffix == "_count" ? "" : "unknown histogram suffix";
  }

  // Histograms can be judged only as a whole.
  std::string finish_family() {
    if (!family_.name.empty() && family_.type.empty()) return "family without TYPE";
    if (family_.type != "histogram") return {};
    std::map<LabelSet, std::vector<ParsedSample>> histograms;
    for (const ParsedSample& sample : family_.samples) {
      LabelSet labels = sample.labels;
      labels.erase("le");
      histograms[labels].push_back(sample);
    }
    for (const auto& [labels, samples] : histograms) {
      if (const std::string problem = check_histogram(samples); !problem.empty()) return problem;
    }
    return {};
  }

  [[nodiscard]] std::string check_histogram(const std::vector<ParsedSample>& samples) const {
    double bound = -std::numeric_limits<double>::infinity();
    double count = 0;
    std::size_t i = 0;
    for (; i < samples.size() && samples[i].name == family_.name + "_bucket"; ++i) {
      const std::string& le = samples[i].labels.at("le");
      const auto parsed = parse_number(le);
      if (!parsed || metrics::bucket_bound(*parsed) != le) return "bound is not canonical";
      if (*parsed <= bound) return "bounds do not rise";
      if (samples[i].value < count) return "buckets are not cumulative";
      bound = *parsed;
      count = samples[i].value;
    }
    if (!std::isinf(bound) || bound < 0) return "no +Inf bucket";
    const bool complete = samples.size() == i + 2 && samples[i].name == family_.name + "_sum" &&
                          samples[i + 1].name == family_.name + "_count";
    if (!complete) return "no sum and count behind the buckets";
    return samples[i + 1].value == count ? "" : "count is not the +Inf bucket";
  }

  bool ended_ = false;
  ParsedFamily family_;
  std::set<std::string> names_;
  std::set<std::pair<std::string, LabelSet>> series_;
};

}  // namespace

std::string check_openmetrics(std::string_view page) {
  return Checker().check(page);
}

}  // namespace ghstats::exposition::testing
