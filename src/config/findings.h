// Where each key stands in the file and what has been found wrong with it so far.
#pragma once

#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "config/problem.h"

namespace ghstats::config {

// Keys here are paths in the file: "github.orgs[0].app_id".
class Findings {
 public:
  explicit Findings(std::string file) : problems_(std::move(file)) {}

  [[nodiscard]] ProblemList& problems() { return problems_; }
  [[nodiscard]] const ProblemList& problems() const { return problems_; }

  void locate(const std::string& path, Position position) { positions_.emplace(path, position); }

  // The key's own position, else that of the section around it, else the start of the file.
  [[nodiscard]] Position position_of(std::string_view path) const;

  // Also marks the key as failed.
  void report(const std::string& path, std::string message);
  void report_at(Position position, const std::string& path, std::string message);

  // The operator wrote this key, with a usable value or not.
  [[nodiscard]] bool is_written(std::string_view path) const { return positions_.contains(path); }

  // Nothing is wrong with any of these: rules between keys only make sense then.
  [[nodiscard]] bool are_sound(std::initializer_list<std::string_view> paths) const;

 private:
  ProblemList problems_;
  std::map<std::string, Position, std::less<>> positions_;
  std::set<std::string, std::less<>> failed_;
};

}  // namespace ghstats::config
