// What is wrong with a configuration, and where.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ghstats::config {

// 1-based; the column counts bytes. 0:0 is "no position" (command line).
struct Position {
  int line = 0;
  int column = 0;
  friend auto operator<=>(const Position&, const Position&) = default;
};

struct Problem {
  std::string file;  // as given on the command line
  Position position;
  std::string key;      // "github.orgs[0].app_id"; empty when it is about the file
  std::string message;  // what is wrong, what is allowed; one line, never a secret
  friend bool operator==(const Problem&, const Problem&) = default;
};

// "file:line:column: key: message", without the parts that are empty.
std::string format(const Problem& problem);

// Problems of one file as they are found. At most kMostProblems come out: more help nobody.
class ProblemList {
 public:
  static constexpr std::size_t kMostProblems = 100;

  explicit ProblemList(std::string file) : file_(std::move(file)) {}

  void add(Position position, std::string key, std::string message);
  [[nodiscard]] bool empty() const { return problems_.empty(); }

  // Sorted by position; beyond kMostProblems one line says how many more there are.
  [[nodiscard]] std::vector<Problem> sorted() const;

 private:
  std::string file_;
  std::vector<Problem> problems_;
};

// Operator's text inside a message: in single quotes, control characters escaped, cut after 64 bytes. Nothing of a URL
// but its scheme, and nothing in front of an '@': there people put passwords.
std::string quoted(std::string_view text);

// "a", "a or b", "a, b or c".
std::string alternatives(const std::vector<std::string>& words);

}  // namespace ghstats::config
