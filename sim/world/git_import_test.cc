#include "sim/world/git_import.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/time_format.h"
#include "sim/render/utf8.h"
#include "sim/world/subprocess.h"

namespace ghstats::sim {
namespace {

TimePoint at(const char* text) {
  return parse_rfc3339(text).value();
}

// A real repository in a temporary folder, with a history made by git itself.
class GitImport : public ::testing::Test {
 protected:
  GitImport() {
    std::string pattern = std::filesystem::temp_directory_path() / "sim-git-XXXXXX";
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ + "/project";
    git("2026-11-01T00:00:00Z", "Ann <ann@example.com>", {"init", "-q", "-b", "trunk", path_});
  }
  ~GitImport() override { std::filesystem::remove_all(folder_); }

  void git(const std::string& when, const std::string& who, std::vector<std::string> arguments) {
    const auto name = who.substr(0, who.find(" <"));
    const auto email = who.substr(who.find('<') + 1, who.size() - who.find('<') - 2);
    std::vector<std::string> command{"env", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1"};
    for (const auto* const role : {"AUTHOR", "COMMITTER"}) {
      command.push_back(std::string("GIT_") + role + "_DATE=" + when);
      command.push_back(std::string("GIT_") + role + "_NAME=" + name);
      command.push_back(std::string("GIT_") + role + "_EMAIL=" + email);
    }
    command.push_back("git");
    if (arguments[0] != "init") command.insert(command.end(), {"-C", path_});
    command.insert(command.end(), arguments.begin(), arguments.end());
    const auto done = run_program(command);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  void commit(const std::string& when, const std::string& who, const std::string& message) {
    git(when, who, {"commit", "-q", "--allow-empty", "-m", message});
  }
  // Writes a file and commits everything.
  void change(const std::string& when, const std::string& file, const std::string& text) {
    std::ofstream(path_ + '/' + file, std::ios::binary) << text;
    git(when, "Ann <ann@example.com>", {"add", "--all"});
    commit(when, "Ann <ann@example.com>", "Change " + file);
  }
  Repository& import(bool shift = false) {
    const auto imported = import_git(world_, {path_, "acme", shift, at("2026-11-20T12:00:00Z")});
    EXPECT_TRUE(imported.has_value()) << imported.error().message;
    return **imported;
  }

  std::string folder_;
  std::string path_;
  World world_;
};

TEST_F(GitImport, TakesCommitsWithTheirAuthorsAndDates) {
  commit("2026-11-02T10:00:00Z", "Ann <ann.lee@example.com>", "First");
  commit("2026-11-02T11:00:00+01:00", "Robo <77+dep[bot]@users.noreply.github.com>", "Second\n\nwith a body");
  const auto& repository = import();
  EXPECT_EQ(repository.name.at(at("2026-11-20T00:00:00Z")), "project");
  ASSERT_EQ(repository.commits.size(), 2U);
  EXPECT_EQ(repository.commits[0].author_account->login, "ann-lee");
  EXPECT_EQ(repository.commits[0].committer_date, at("2026-11-02T10:00:00Z"));
  EXPECT_EQ(repository.commits[1].author_account->login, "dep[bot]");
  EXPECT_EQ(repository.commits[1].author_account->kind, AccountKind::kBot);
  EXPECT_EQ(repository.commits[1].message, "Second\n\nwith a body");
  EXPECT_EQ(repository.default_branch, "trunk");
}

TEST_F(GitImport, MakesPullRequestsOfMergesAndShowsTheirCommitsFromTheMergeOn) {
  commit("2026-11-02T10:00:00Z", "Ann <ann@example.com>", "First");
  git("2026-11-02T10:00:00Z", "Ann <ann@example.com>", {"checkout", "-q", "-b", "topic"});
  commit("2026-11-02T12:00:00Z", "Bob <bob@example.com>", "On the branch");
  git("2026-11-02T10:00:00Z", "Ann <ann@example.com>", {"checkout", "-q", "trunk"});
  git("2026-11-03T09:00:00Z", "Ann <ann@example.com>",
      {"merge", "-q", "--no-ff", "-m", "Merge pull request #12 from bob/topic", "topic"});
  const auto& repository = import();
  ASSERT_EQ(repository.pulls.size(), 1U);
  EXPECT_EQ(repository.pulls[0].number, 12U);
  EXPECT_EQ(repository.pulls[0].author->login, "bob");
  EXPECT_EQ(repository.pulls[0].created_at, at("2026-11-02T12:00:00Z"));
  EXPECT_EQ(repository.pulls[0].merged_at, at("2026-11-03T09:00:00Z"));
  ASSERT_EQ(repository.commits.size(), 3U);
  EXPECT_EQ(repository.commits[1].committer_date, at("2026-11-02T12:00:00Z"));
  EXPECT_EQ(repository.commits[1].visible_from, at("2026-11-03T09:00:00Z"));
}

TEST_F(GitImport, MakesPullRequestsOfSquashesAndReviewsOfTrailers) {
  commit("2026-11-02T10:00:00Z", "Ann <ann@example.com>",
         "Improve it (#7)\n\nReviewed-by: Bob B. <bob@example.com>\nReviewed-by: Cy <cy@example.com>");
  commit("2026-11-02T11:00:00Z", "Ann <ann@example.com>", "By mail\n\nReviewed-by: Bob B. <bob@example.com>");
  const auto& repository = import();
  ASSERT_EQ(repository.pulls.size(), 2U);
  EXPECT_EQ(repository.pulls[0].number, 7U);
  EXPECT_EQ(repository.pulls[1].number, 8U);
  ASSERT_EQ(repository.reviews.size(), 3U);
  EXPECT_EQ(repository.reviews[0].author->login, "bob");
  EXPECT_EQ(repository.reviews[1].author->login, "cy");
  EXPECT_EQ(repository.reviews[2].pull_number, 8U);
}

TEST_F(GitImport, ShiftsTheNewestCommitJustBeforeNow) {
  commit("2020-05-01T00:00:00Z", "Ann <ann@example.com>", "First");
  commit("2020-05-01T06:00:00Z", "Ann <ann@example.com>", "Second");
  const auto& repository = import(true);
  EXPECT_EQ(repository.commits[1].committer_date, at("2026-11-20T11:59:59Z"));
  EXPECT_EQ(repository.commits[0].committer_date, at("2026-11-20T05:59:59Z"));
}

TEST_F(GitImport, CountsLinesOfTextAndNoneOfBinaries) {
  change("2026-11-02T10:00:00Z", "notes", "one\ntwo\nthree\n");
  change("2026-11-02T11:00:00Z", "notes", "one\nTWO\nthree\nfour\n");
  change("2026-11-02T12:00:00Z", "image", std::string("\0\1\2\n\n", 5));
  git("2026-11-02T13:00:00Z", "Ann <ann@example.com>", {"mv", "notes", "a\tname"});
  commit("2026-11-02T13:00:00Z", "Ann <ann@example.com>", "Rename");
  const auto& commits = import().commits;
  ASSERT_EQ(commits.size(), 4U);
  EXPECT_EQ(commits[0].lines, (Lines{3, 0}));
  EXPECT_EQ(commits[1].lines, (Lines{2, 1}));
  EXPECT_EQ(commits[2].lines, Lines{});
  EXPECT_EQ(commits[3].lines, Lines{});
}

TEST_F(GitImport, CountsTheLinesThatAMergeBroughtToItsFirstParent) {
  change("2026-11-02T10:00:00Z", "notes", "one\n");
  git("2026-11-02T10:00:00Z", "Bob <bob@example.com>", {"checkout", "-q", "-b", "topic"});
  change("2026-11-02T11:00:00Z", "more", "1\n2\n");
  git("2026-11-02T10:00:00Z", "Ann <ann@example.com>", {"checkout", "-q", "trunk"});
  change("2026-11-02T12:00:00Z", "other", "x\n");
  git("2026-11-03T09:00:00Z", "Ann <ann@example.com>", {"merge", "-q", "--no-ff", "-m", "Merge topic", "topic"});
  const auto& commits = import().commits;
  ASSERT_EQ(commits.size(), 4U);
  EXPECT_TRUE(commits[3].is_merge());
  EXPECT_EQ(commits[3].lines, (Lines{2, 0}));
}

TEST_F(GitImport, TakesARepositoryWithoutCommits) {
  EXPECT_TRUE(import().commits.empty());
}

TEST_F(GitImport, SaysWhatGitSaysWhenThereIsNoRepository) {
  const auto imported = import_git(world_, {folder_ + "/nothing", "acme", false, at("2026-11-20T12:00:00Z")});
  ASSERT_FALSE(imported.has_value());
  EXPECT_NE(imported.error().message.find("/nothing"), std::string::npos);
}

TEST(ParseGitLog, RefusesHalfACommit) {
  const std::string text("sha\0parents\0", 12);
  EXPECT_EQ(parse_git_log(text).error().code, ErrorCode::kInvalidData);
}

TEST(ParseNumstat, RefusesWhatGitDoesNotSay) {
  using namespace std::string_literals;
  const auto lines = parse_numstat("\0aa\n\n3\t4\tf\n-\t-\tbin\n1\t0\tg\n\0bb\n"s);
  ASSERT_TRUE(lines.has_value()) << lines.error().message;
  EXPECT_EQ(lines->at("aa"), (Lines{4, 4}));
  EXPECT_EQ(lines->at("bb"), Lines{});
  EXPECT_EQ(parse_numstat("aa\n3\t4\tf\n"s).error().code, ErrorCode::kInvalidData);
  EXPECT_EQ(parse_numstat("\0aa\nwarning: no\n"s).error().code, ErrorCode::kInvalidData);
}

TEST(ValidUtf8, ReplacesWhatIsNot) {
  EXPECT_EQ(valid_utf8("J\xC3\xB6rg"), "J\xC3\xB6rg");
  EXPECT_EQ(valid_utf8("J\xF6rg"), "J\xEF\xBF\xBDrg");
  EXPECT_EQ(valid_utf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace
}  // namespace ghstats::sim
