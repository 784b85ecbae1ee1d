#include "activity/changes/ask_repositories.h"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <cstdint>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "activity/changes/ask_queue.h"
#include "activity/changes/complete_item.h"
#include "async/task_group.h"
#include "async/watch.h"
#include "github/graphql/commits_since.h"
#include "github/graphql/issues_of_repos.h"
#include "github/graphql/more_commits.h"
#include "github/graphql/pulls_of_repos.h"
#include "github/limits/breaker_fsm.h"

namespace ghstats::activity {
namespace {

using async::Task;
using github::Batch;
using github::CommitHistory;
using github::IssueActivity;
using github::NodeId;
using github::PullActivity;
using github::RepositoryList;

// What one question came to.
struct Answered {
  AskPart part;
  std::vector<std::pair<NodeId, std::string>> next;  // lists that go on, and where
};

class Asking {
 public:
  Asking(github::GraphqlApi& api, AskSettings settings, std::vector<RepositoryAsk> asks, AskSink sink,
         const boost::asio::any_io_executor& executor)
      : api_(api),
        settings_(std::move(settings)),
        asks_(std::move(asks)),
        sink_(std::move(sink)),
        queue_(settings_.told, asks_),
        breaker_(2 * settings_.concurrency),
        changed_(executor),
        tasks_(executor) {}

  Task<AskEnd> run();

 private:
  using Key = std::pair<NodeId, Aspect>;

  // A repository's history that is not read to its end.
  struct Reading {
    CommitHistory last;   // page
    TimePoint served_at;  // the first page; commits do not change
  };

  Task<> work();
  Task<> ask(Question question);
  Task<Answered> ask_commits(Question question);
  Task<> more_of(const NodeId& node, Answered& out);
  Task<Answered> ask_pulls(Question question);
  Task<Answered> ask_issues(Question question);
  template <class T>
  Task<Answered> read_lists(Question question, Result<Batch<RepositoryList<T>>> told);
  template <class T>
  Task<> read_list(const RepositoryAsk& ask, RepositoryList<T> list, TimePoint served_at, Answered& out);
  template <class T>
  Task<Status> read_on(T& item);
  Task<> tell(Answered answered);

  void take_history(Reading reading, Answered& out);
  // False: nothing was told.
  template <class T>
  bool take_refusals(Aspect aspect, const Result<Batch<T>>& told);
  void refuse(const RepositoryAsk& ask, Aspect aspect, const Error& error);
  void refuse_the_rest();
  [[nodiscard]] const RepositoryAsk* find(const NodeId& node) const;
  [[nodiscard]] bool is_over() const { return end_.stopped || breaker_.is_open(); }

  github::GraphqlApi& api_;
  AskSettings settings_;
  std::vector<RepositoryAsk> asks_;
  AskSink sink_;
  std::map<NodeId, const RepositoryAsk*> by_node_;
  std::map<NodeId, Reading> histories_;
  AskQueue queue_;
  std::set<Key> refused_;
  AskEnd end_;
  github::BreakerFsm breaker_;  // a round is a question
  std::size_t under_way_ = 0;   // questions
  bool telling_ = false;        // the sink is at work
  async::Watch changed_;        // a question or the sink has ended
  async::TaskGroup tasks_;
};

Task<AskEnd> Asking::run() {
  for (const RepositoryAsk& ask : asks_) {
    by_node_[ask.node] = &ask;
    for (const Aspect aspect : kAspects) {
      const bool asked = ask.asks(aspect) && wanted_of(settings_.told, aspect).anything;
      end_.collected[ask.repository][index_of(aspect)] = !asked;
    }
  }
  for (std::size_t i = 0; i < settings_.concurrency; ++i) tasks_.spawn([this] { return work(); });
  co_await tasks_.join();
  end_.cancelled = co_await async::cancelled();
  if (!end_.cancelled && !end_.stopped) refuse_the_rest();
  co_return std::move(end_);
}

// Until nothing is left and nobody is under way who might find more.
Task<> Asking::work() {
  while (!is_over()) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    const std::uint64_t seen = changed_.version();
    auto question = queue_.next();
    if (question) {
      ++under_way_;
      co_await ask(*std::move(question));
      --under_way_;
      changed_.bump();
    } else if (under_way_ > 0) {
      const Status waited = co_await changed_.wait_beyond(seen);
      if (!waited) co_return;
    } else {
      co_return;
    }
  }
}

Task<> Asking::ask(Question question) {
  Answered answered;
  switch (question.aspect) {
    case Aspect::kCommits:
      answered = co_await ask_commits(std::move(question));
      break;
    case Aspect::kPulls:
      answered = co_await ask_pulls(std::move(question));
      break;
    case Aspect::kIssues:
      answered = co_await ask_issues(std::move(question));
      break;
  }
  co_await tell(std::move(answered));
}

// Asks on only when the sink has taken what was told: the parts of a list are told in their order.
Task<> Asking::tell(Answered answered) {
  const Aspect aspect = answered.part.aspect;
  const std::vector<RepoId> finished = answered.part.finished;
  if (!answered.part.events.empty() || !finished.empty()) {
    while (telling_) {
      const Status waited = co_await changed_.wait_beyond(changed_.version());
      if (!waited) co_return;
    }
    const bool stop = co_await async::cancelled();
    if (stop || end_.stopped) co_return;
    telling_ = true;
    const bool go_on = co_await sink_(std::move(answered.part));
    telling_ = false;
    changed_.bump();
    if (!go_on) {
      end_.stopped = true;
      co_return;
    }
  }
  for (const RepoId id : finished) end_.collected[id][index_of(aspect)] = true;
  for (auto& [node, cursor] : answered.next) queue_.add_next_page(aspect, node, std::move(cursor));
}

Task<Answered> Asking::ask_commits(Question question) {
  Answered out;
  out.part.aspect = question.aspect;
  if (question.batch.cursor) {
    co_await more_of(question.batch.nodes.front(), out);
    co_return out;
  }
  auto told = co_await github::commits_since(api_, question.batch.nodes, {.since = settings_.told.oldest});
  const bool answered = take_refusals(question.aspect, told);
  if (!answered) co_return out;
  for (CommitHistory& history : told->items) {
    const RepositoryAsk* ask = find(history.repository.node);
    if (ask == nullptr || !ask->commits) continue;
    end_.tips[ask->repository] = history.head.value_or("");
    take_history({std::move(history), told->served_at}, out);
  }
  co_return out;
}

Task<> Asking::more_of(const NodeId& node, Answered& out) {
  Reading reading = std::move(histories_.extract(node).mapped());
  const std::optional<std::string> cursor = reading.last.next;
  auto page = co_await github::more_commits(api_, reading.last, {.since = settings_.told.oldest});
  if (page && page->next == cursor) page = fail(ErrorCode::kInvalidData, "GitHub's history goes in a circle");
  if (!page) {
    breaker_.on_error(page.error());
    refuse(*find(node), Aspect::kCommits, page.error());
    co_return;
  }
  breaker_.on_answer();
  reading.last = *std::move(page);
  take_history(std::move(reading), out);
}

void Asking::take_history(Reading reading, Answered& out) {
  CommitHistory& page = reading.last;
  const NodeId node = page.repository.node;
  add_events(page, settings_.told, reading.served_at, out.part.events);
  if (page.next) {
    out.next.emplace_back(node, *page.next);
    page.commits.clear();
    histories_.insert_or_assign(node, std::move(reading));
  } else {
    out.part.finished.push_back(find(node)->repository);
  }
}

Task<Answered> Asking::ask_pulls(Question question) {
  const bool diffs = wanted_of(settings_.told, Aspect::kPulls).review_comments;
  const AskBatch& batch = question.batch;
  if (batch.cursor) {
    auto page = co_await github::more_pulls_of_repo(api_, batch.nodes.front(), *batch.cursor, diffs, question.largest);
    co_return co_await read_lists(std::move(question), std::move(page));
  }
  auto told = co_await github::pulls_of_repos(api_, batch.nodes, diffs, question.largest);
  co_return co_await read_lists(std::move(question), std::move(told));
}

Task<Answered> Asking::ask_issues(Question question) {
  const bool closed_by = wanted_of(settings_.told, Aspect::kIssues).closed_by;
  const AskBatch& batch = question.batch;
  if (batch.cursor) {
    auto page =
        co_await github::more_issues_of_repo(api_, batch.nodes.front(), *batch.cursor, closed_by, question.largest);
    co_return co_await read_lists(std::move(question), std::move(page));
  }
  auto told = co_await github::issues_of_repos(api_, batch.nodes, closed_by, question.largest);
  co_return co_await read_lists(std::move(question), std::move(told));
}

template <class T>
Task<Answered> Asking::read_lists(Question question, Result<Batch<RepositoryList<T>>> told) {
  Answered out;
  out.part.aspect = question.aspect;
  const bool answered = take_refusals(question.aspect, told);
  if (!answered) co_return out;
  for (RepositoryList<T>& list : told->items) {
    const RepositoryAsk* ask = find(list.repository);
    if (ask == nullptr || !ask->asks(question.aspect)) continue;
    if (list.next && list.next == question.batch.cursor) {
      refuse(*ask, question.aspect, {ErrorCode::kInvalidData, "GitHub's list goes in a circle"});
      continue;
    }
    co_await read_list(*ask, std::move(list), told->served_at, out);
  }
  co_return out;
}

// The list ends where something was updated too long ago: they stand in the order of their updates.
template <class T>
Task<> Asking::read_list(const RepositoryAsk& ask, RepositoryList<T> list, TimePoint served_at, Answered& out) {
  const Aspect aspect = out.part.aspect;
  const TimePoint since = aspect == Aspect::kPulls ? *ask.pulls_since : *ask.issues_since;
  Status whole;
  for (T& item : list.items) {
    if (updated_at(item) < since) {
      list.next.reset();
      break;
    }
    if (whole && is_cut(item, settings_.told)) whole = co_await read_on(item);
    add_events(item, settings_.told, served_at, out.part.events);
  }
  if (!whole) {
    refuse(ask, aspect, whole.error());
  } else if (list.next) {
    out.next.emplace_back(ask.node, *std::move(list.next));
  } else {
    out.part.finished.push_back(ask.repository);
  }
}

template <class T>
Task<Status> Asking::read_on(T& item) {
  if (breaker_.is_open()) co_return fail(*breaker_.reason());
  const Status whole = co_await complete(api_, item, settings_.told);
  if (!whole) breaker_.on_error(whole.error());
  co_return whole;
}

template <class T>
bool Asking::take_refusals(Aspect aspect, const Result<Batch<T>>& told) {
  if (!told) return false;  // cancelled
  std::vector<Error> errors;
  for (const github::Refusal& refusal : told->refused) {
    errors.push_back(refusal.error);
    if (const RepositoryAsk* ask = find(refusal.node)) refuse(*ask, aspect, refusal.error);
  }
  breaker_.on_round(told->served_at != TimePoint{}, errors);
  return true;
}

void Asking::refuse(const RepositoryAsk& ask, Aspect aspect, const Error& error) {
  const bool first = refused_.emplace(ask.node, aspect).second;
  if (first && error.code != ErrorCode::kCancelled) end_.refused.push_back({ask.repository, aspect, error});
}

// What was not reached, because asking on was of no use, and what GitHub passed over in silence.
void Asking::refuse_the_rest() {
  const Error missing{ErrorCode::kInvalidData, "missing in GitHub's answers"};
  for (const RepositoryAsk& ask : asks_) {
    for (const Aspect aspect : kAspects) {
      if (!end_.collected.at(ask.repository)[index_of(aspect)]) {
        refuse(ask, aspect, breaker_.reason().value_or(missing));
      }
    }
  }
}

const RepositoryAsk* Asking::find(const NodeId& node) const {
  const auto at = by_node_.find(node);
  return at == by_node_.end() ? nullptr : at->second;
}

}  // namespace

Task<AskEnd> ask_repositories(github::GraphqlApi& api, AskSettings settings, std::vector<RepositoryAsk> asks,
                              AskSink sink) {
  Asking asking(api, std::move(settings), std::move(asks), std::move(sink), co_await boost::asio::this_coro::executor);
  co_return co_await asking.run();
}

}  // namespace ghstats::activity
