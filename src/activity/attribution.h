// Whose event it is: the user label (contract.md section 3).
#pragma once

#include <optional>
#include <string>

#include "github/rest/model.h"

namespace ghstats::activity {

inline constexpr std::string_view kGhost = "ghost";
inline constexpr std::string_view kUnlinkedGitAuthor = "unlinked_git_author";
inline constexpr std::string_view kUnattributedCommit = "unattributed_commit";

// A commit: the author account's login; without an account the login inside "ID+login@users.noreply.github.com"; else
// unlinked_git_author when git names an author, or unattributed_commit. The committer and the local part of any other
// address never become a user.
std::string user_of(const github::Commit& commit);

// Author of a pull request, review or comment: the login, or ghost for a deleted account.
std::string user_of(const std::optional<github::Account>& account);

// Whether a label value stands for a bot: an account of type Bot, or a login that ends in "[bot]".
bool is_bot(const std::optional<github::Account>& account, const std::string& user);

}  // namespace ghstats::activity
