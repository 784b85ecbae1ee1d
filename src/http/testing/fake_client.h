#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/client.h"

namespace ghstats::http::testing {

// A Client that answers from a script and remembers what it was asked. The first rule that matches answers: its
// answers in order, the last one again and again. A request without a rule fails with kInternal and is kept in
// unexpected(). Redirects are not followed. All calls on one thread.
class FakeClient final : public Client {
 public:
  using Answer = std::function<Result<Response>(const Request&)>;

  class Rule {
   public:
    Rule& reply(int status, std::string body = {}, Headers headers = {}) {
      return call([status, body = std::move(body), headers = std::move(headers)](const Request&) -> Result<Response> {
        return Response{status, headers, body, {}};
      });
    }
    Rule& fail(ErrorCode code, std::string message = "connection refused") {
      return call([code, message = std::move(message)](const Request&) -> Result<Response> {
        return ghstats::fail(code, message);
      });
    }
    Rule& call(Answer answer) {
      steps_.push_back({std::move(answer)});
      return *this;
    }
    // Waits until the request is cancelled (kCancelled) or release() is called (then the rule's next answer).
    Rule& hang() {
      steps_.push_back({});
      return *this;
    }

   private:
    friend class FakeClient;
    Rule(Method method, std::string url) : method_(method), url_(std::move(url)) {}
    [[nodiscard]] bool matches(const Request& request) const {
      if (request.method != method_) return false;
      if (!url_.ends_with('*')) return request.url == url_;
      return request.url.starts_with(std::string_view(url_).substr(0, url_.size() - 1));
    }
    Answer next() {
      if (steps_.empty()) return [](const Request&) { return Result<Response>(Response{}); };
      Answer step = steps_.front();
      if (steps_.size() > 1) steps_.pop_front();
      return step;
    }

    Method method_;
    std::string url_;
    std::deque<Answer> steps_;  // an empty one hangs
  };

  // `url` is the exact URL, or its beginning followed by '*'. The rule lives as long as the client.
  Rule& on(Method method, std::string url) { return rules_.emplace_back(Rule(method, std::move(url))); }
  Rule& on_get(std::string url) { return on(Method::kGet, std::move(url)); }
  Rule& on_post(std::string url) { return on(Method::kPost, std::move(url)); }

  async::Task<Result<Response>> send(Request request) override {
    requests_.push_back(request);
    const bool stop = co_await async::cancelled();
    if (stop) co_return ghstats::fail(ErrorCode::kCancelled, "cancelled");
    Rule* rule = find(request);
    if (rule == nullptr) {
      unexpected_.push_back(request.url);
      co_return ghstats::fail(ErrorCode::kInternal, "the fake client has no rule for " + request.url);
    }
    for (;;) {
      const Answer answer = rule->next();
      if (answer) co_return finished(answer(request), request);
      const bool released = co_await hang_until_released();
      if (!released) co_return ghstats::fail(ErrorCode::kCancelled, "cancelled");
    }
  }

  // The same answers, their bodies in pieces of `piece_bytes`.
  async::Task<Result<StreamedResponse>> open(Request request) override {
    auto response = co_await send(std::move(request));
    if (!response) co_return ghstats::fail(response.error());
    co_return StreamedResponse{response->status, std::move(response->headers), std::move(response->url),
                               std::make_unique<Pieces>(std::move(response->body), piece_bytes)};
  }
  std::size_t piece_bytes = 64UL << 10U;

  // Lets every hanging request go on.
  void release() {
    for (Hanging* waiter : hanging_) {
      waiter->released = true;
      waiter->timer.cancel();
    }
  }

  [[nodiscard]] const std::vector<Request>& requests() const { return requests_; }
  [[nodiscard]] const std::vector<std::string>& unexpected() const { return unexpected_; }
  [[nodiscard]] std::size_t hanging() const { return hanging_.size(); }

  [[nodiscard]] std::vector<std::string> urls() const {
    std::vector<std::string> out;
    for (const auto& request : requests_) out.push_back(request.url);
    return out;
  }
  [[nodiscard]] std::size_t count(std::string_view url_prefix) const {
    std::size_t n = 0;
    for (const auto& request : requests_) n += request.url.starts_with(url_prefix) ? 1 : 0;
    return n;
  }

  // What a server at the request's URL would see: bound credentials only at their own origin.
  static std::optional<std::string> sent_header(const Request& request, std::string_view name) {
    const auto plain = request.headers.get(name);
    if (plain) return std::string(*plain);
    const auto origin = origin_of(request.url);
    if (!request.credentials || !origin || *origin != request.credentials->origin) return std::nullopt;
    const auto bound = request.credentials->headers.get(name);
    return bound ? std::optional(std::string(*bound)) : std::nullopt;
  }

 private:
  class Pieces final : public BodyReader {
   public:
    Pieces(std::string body, std::size_t piece_bytes) : body_(std::move(body)), piece_bytes_(piece_bytes) {}
    async::Task<Result<std::optional<std::string>>> next() override {
      const bool stop = co_await async::cancelled();
      if (stop) co_return ghstats::fail(ErrorCode::kCancelled, "cancelled");
      if (taken_ == body_.size()) co_return std::optional<std::string>();
      std::string piece = body_.substr(taken_, piece_bytes_);
      taken_ += piece.size();
      co_return std::optional(std::move(piece));
    }

   private:
    std::string body_;
    std::size_t piece_bytes_;
    std::size_t taken_ = 0;
  };

  struct Hanging {
    boost::asio::steady_timer timer;  // never expires
    bool released = false;
  };

  Rule* find(const Request& request) {
    for (Rule& rule : rules_) {
      if (rule.matches(request)) return &rule;
    }
    return nullptr;
  }

  async::Task<bool> hang_until_released() {
    const auto executor = co_await boost::asio::this_coro::executor;
    Hanging waiter{boost::asio::steady_timer(executor, boost::asio::steady_timer::time_point::max())};
    hanging_.insert(&waiter);
    co_await waiter.timer.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    hanging_.erase(&waiter);
    co_return waiter.released;
  }

  static Result<Response> finished(Result<Response> response, const Request& request) {
    if (response) {
      response->url = request.url;
      response->body.reserve(response->body.size() + 64);
    }
    return response;
  }

  std::list<Rule> rules_;
  std::vector<Request> requests_;
  std::vector<std::string> unexpected_;
  std::set<Hanging*> hanging_;
};

}  // namespace ghstats::http::testing
