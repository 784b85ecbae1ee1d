#include "github/final_answers.h"

#include <algorithm>

namespace ghstats::github {
namespace {

std::string path_key(std::string_view url) {
  return std::string(url.substr(0, url.find_first_of("?#")));
}

// Of every path of a repository; empty when `path` is none.
std::string repository_key(std::string_view path) {
  constexpr std::string_view kRepositories = "/repos/";
  const auto begin = path.find(kRepositories);
  if (begin == std::string_view::npos) return {};
  const auto slash = path.find('/', begin + kRepositories.size());
  if (slash == std::string_view::npos) return {};
  return std::string(path.substr(0, path.find('/', slash + 1))) + "/*";
}

}  // namespace

bool FinalAnswers::is_final(const Answer& answer) {
  switch (answer.kind) {
    case AnswerKind::kNotFound:
    case AnswerKind::kBlocked:
      return true;
    case AnswerKind::kForbidden:
      return is_permission_refusal(answer.response);
    default:
      return false;
  }
}

const FinalAnswers::Final* FinalAnswers::find(std::string_view url, SteadyPoint now) {
  while (!known_.empty() && known_.front().until <= now) drop(known_.begin());
  if (known_.empty()) return nullptr;
  const std::string path = path_key(url);
  auto found = by_key_.find(path);
  if (found == by_key_.end()) found = by_key_.find(repository_key(path));
  return found == by_key_.end() ? nullptr : &found->second->final;
}

void FinalAnswers::remember(std::string_view url, AnswerKind kind, Final final, SteadyPoint now) {
  std::string key = path_key(url);
  if (kind == AnswerKind::kBlocked) {
    std::string repository = repository_key(key);
    if (!repository.empty()) key = std::move(repository);
  }
  drop(key);
  while (!known_.empty() && known_.size() >= max_paths_) drop(known_.begin());
  known_.push_back({std::move(key), std::move(final), now + kRemembered});
  by_key_.emplace(known_.back().key, std::prev(known_.end()));
}

void FinalAnswers::forget(std::string_view url) {
  if (known_.empty()) return;
  const std::string path = path_key(url);
  drop(path);
  drop(repository_key(path));
}

bool FinalAnswers::is_news(const std::string& endpoint, const std::string& reason, SteadyPoint now) {
  std::erase_if(told_until_, [&](const auto& told) { return told.second <= now; });
  // Endpoints are few and so are permissions, but the reason is what the other side wrote.
  if (told_until_.size() >= kMaxReasonsTold) return false;
  return told_until_.emplace(std::pair{endpoint, reason}, now + kRemembered).second;
}

void FinalAnswers::drop(Position position) {
  by_key_.erase(position->key);
  known_.erase(position);
}

void FinalAnswers::drop(const std::string& key) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) drop(found->second);
}

}  // namespace ghstats::github
