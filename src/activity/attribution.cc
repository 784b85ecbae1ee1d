#include "activity/attribution.h"

#include <algorithm>
#include <string_view>

namespace ghstats::activity {
namespace {

constexpr std::string_view kNoreplyHost = "@users.noreply.github.com";

bool is_login_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '[' || c == ']';
}

// The login in "583231+octocat@users.noreply.github.com".
std::optional<std::string> login_in_noreply(std::string_view email) {
  if (email.size() < kNoreplyHost.size()) return std::nullopt;
  const std::string_view host = email.substr(email.size() - kNoreplyHost.size());
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  if (!std::ranges::equal(host, kNoreplyHost, {}, lower)) return std::nullopt;
  email.remove_suffix(kNoreplyHost.size());
  const std::size_t plus = email.find('+');
  if (plus == std::string_view::npos || plus == 0) return std::nullopt;
  const std::string_view id = email.substr(0, plus);
  const std::string_view login = email.substr(plus + 1);
  const bool numeric = std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; });
  if (!numeric || login.empty() || !std::ranges::all_of(login, is_login_character)) return std::nullopt;
  return std::string(login);
}

}  // namespace

std::string user_of(const github::Commit& commit) {
  if (commit.author && !commit.author->login.empty()) return commit.author->login;
  if (commit.author_email) {
    if (auto login = login_in_noreply(*commit.author_email)) return *std::move(login);
  }
  const bool named = commit.author_name && !commit.author_name->empty();
  return std::string(named ? kUnlinkedGitAuthor : kUnattributedCommit);
}

std::string user_of(const std::optional<github::Account>& account) {
  return account && !account->login.empty() ? account->login : std::string(kGhost);
}

bool is_bot(const std::optional<github::Account>& account, const std::string& user) {
  return (account && account->bot) || user.ends_with("[bot]");
}

}  // namespace ghstats::activity
