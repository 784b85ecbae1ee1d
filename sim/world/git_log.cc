#include <charconv>
#include <optional>

#include "sim/render/utf8.h"
#include "sim/world/git_import.h"
#include "sim/world/subprocess.h"

namespace ghstats::sim {
namespace {

constexpr std::size_t kFields = 9;

Result<TimePoint> unix_time(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(ErrorCode::kInvalidData, "git log: '" + std::string(text) + "' is no time");
  }
  return from_unix_seconds(seconds);
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  while (!text.empty()) {
    const auto blank = std::min(text.find(' '), text.size());
    if (blank > 0) found.emplace_back(text.substr(0, blank));
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return found;
}

Result<GitCommit> to_commit(const std::vector<std::string_view>& fields) {
  GitCommit commit;
  commit.sha = fields[0];
  commit.parents = words(fields[1]);
  commit.author_name = valid_utf8(fields[2]);
  commit.author_email = valid_utf8(fields[3]);
  const auto authored = unix_time(fields[4]);
  if (!authored) return std::unexpected(authored.error());
  commit.author_date = *authored;
  commit.committer_name = valid_utf8(fields[5]);
  commit.committer_email = valid_utf8(fields[6]);
  const auto committed = unix_time(fields[7]);
  if (!committed) return std::unexpected(committed.error());
  commit.committer_date = *committed;
  commit.message = valid_utf8(fields[8]);
  while (!commit.message.empty() && commit.message.back() == '\n') commit.message.pop_back();
  return commit;
}

std::string_view next_line(std::string_view& text) {
  const auto line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  return line;
}

// Takes "12" or "-" and the tab behind it from `line`.
std::optional<std::int64_t> line_count(std::string_view& line) {
  const auto text = line.substr(0, line.find('\t'));
  if (text.size() == line.size()) return std::nullopt;
  line.remove_prefix(text.size() + 1);
  std::int64_t count = 0;
  if (text == "-") return count;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return count;
}

}  // namespace

Result<std::vector<GitCommit>> parse_git_log(std::string_view output) {
  std::vector<GitCommit> commits;
  std::vector<std::string_view> fields;
  while (!output.empty()) {
    const auto nul = output.find('\0');
    if (nul == std::string_view::npos) return fail(ErrorCode::kInvalidData, "git log: the last field has no end");
    fields.push_back(output.substr(0, nul));
    output.remove_prefix(nul + 1);
    if (fields.size() < kFields) continue;
    auto commit = to_commit(fields);
    if (!commit) return std::unexpected(commit.error());
    commits.push_back(std::move(*commit));
    fields.clear();
  }
  if (!fields.empty()) return fail(ErrorCode::kInvalidData, "git log: the last commit has fields missing");
  return commits;
}

Result<std::unordered_map<std::string, Lines>> parse_numstat(std::string_view output) {
  std::unordered_map<std::string, Lines> all;
  while (!output.empty()) {
    if (!output.starts_with('\0')) return fail(ErrorCode::kInvalidData, "git log --numstat: no commit begins here");
    output.remove_prefix(1);
    auto text = output.substr(0, output.find('\0'));
    output.remove_prefix(text.size());
    auto& lines = all[std::string(next_line(text))];
    while (!text.empty()) {
      auto line = next_line(text);
      if (line.empty()) continue;
      const auto added = line_count(line);
      const auto deleted = line_count(line);
      if (!added || !deleted) return fail(ErrorCode::kInvalidData, "git log --numstat: no numbers of lines");
      lines += {*added, *deleted};
    }
  }
  return all;
}

namespace {

// Asked for separately: paths may hold whatever the log's fields are separated by.
Result<std::unordered_map<std::string, Lines>> read_lines(const std::string& path) {
  const auto output = run_program({"git", "-C", path, "-c", "log.showSignature=false", "-c", "log.showRoot=true", "log",
                                   "--no-color", "--numstat", "--diff-merges=first-parent", "--find-renames",
                                   "--no-ext-diff", "--no-textconv", "--format=tformat:%x00%H", "HEAD"});
  if (!output) return std::unexpected(output.error());
  return parse_numstat(*output);
}

}  // namespace

Result<std::vector<GitCommit>> read_history(const std::string& path) {
  const auto head = run_program({"git", "-C", path, "rev-list", "--all", "--max-count=1"});
  if (!head) return std::unexpected(head.error().with_context("read '" + path + "'"));
  if (head->empty()) return std::vector<GitCommit>{};
  const auto output = run_program(
      {"git", "-C", path, "-c", "log.showSignature=false", "log", "-z", "--encoding=UTF-8", "--no-color",
       "--date-order", "--format=tformat:%H%x00%P%x00%an%x00%ae%x00%at%x00%cn%x00%ce%x00%ct%x00%B", "HEAD"});
  if (!output) return std::unexpected(output.error().with_context("read '" + path + "'"));
  auto history = parse_git_log(*output);
  if (!history) return history;
  const auto lines = read_lines(path);
  if (!lines) return std::unexpected(lines.error().with_context("read '" + path + "'"));
  for (auto& commit : *history) {
    if (const auto known = lines->find(commit.sha); known != lines->end()) commit.lines = known->second;
  }
  return history;
}

Result<std::string> read_branch(const std::string& path) {
  auto branch = run_program({"git", "-C", path, "rev-parse", "--symbolic-full-name", "HEAD"});
  if (!branch) return std::unexpected(branch.error().with_context("read '" + path + "'"));
  constexpr std::string_view kHeads = "refs/heads/";
  while (branch->ends_with('\n')) branch->pop_back();
  // A detached head has no branch.
  return branch->starts_with(kHeads) ? branch->substr(kHeads.size()) : "main";
}

}  // namespace ghstats::sim
