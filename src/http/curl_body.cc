#include "http/curl_body.h"

#include <chrono>
#include <utility>

namespace ghstats::http {

CurlBody::CurlBody(std::shared_ptr<CurlMulti> multi, const ClientOptions& options,
                   const TrustedCertificates& certificates, Source source, SteadyPoint deadline)
    : multi_(std::move(multi)),
      source_(std::move(source)),
      deadline_(deadline),
      exchange_(options, certificates, *source_.request, source_.hop, BodyDelivery::kPieces) {
  exchange_.on_progress([this] {
    if (transfer_) transfer_->notify();
  });
}

std::unexpected<Error> CurlBody::give_up(const Error& error) {
  transfer_.reset();
  failed_ = error.with_context(source_.context);
  return fail(*failed_);
}

// A transfer that has ended, or has pieces left, would not notice.
async::Task<Status> CurlBody::check_time() const {
  const bool stop = co_await async::cancelled();
  if (stop) co_return fail(ErrorCode::kCancelled, "cancelled");
  if (std::chrono::steady_clock::now() >= deadline_) co_return fail(ErrorCode::kTimeout, "timeout");
  co_return Status{};
}

async::Task<Result<Response>> CurlBody::read_head() {
  const auto in_time = co_await check_time();
  if (!in_time) co_return give_up(in_time.error());
  auto started = multi_->start(exchange_.easy(), deadline_);
  if (!started) co_return give_up(started.error());
  transfer_ = *std::move(started);
  while (!exchange_.head_complete()) {
    if (transfer_->ended()) co_return give_up(exchange_.check_end(*transfer_->ended()).error());
    const auto waited = co_await transfer_->wait();
    if (!waited && !transfer_->ended()) co_return give_up(waited.error());
  }
  co_return exchange_.take_head();
}

async::Task<Result<std::optional<std::string>>> CurlBody::next() {
  if (failed_) co_return fail(*failed_);
  for (;;) {
    const auto in_time = co_await check_time();
    if (!in_time) co_return give_up(in_time.error());
    std::string piece = exchange_.take_piece();
    if (!piece.empty()) {
      const CURLcode resumed = exchange_.resume();
      if (resumed != CURLE_OK) ended_ = resumed;
      co_return std::optional(std::move(piece));
    }
    if (!ended_) ended_ = transfer_->ended();
    if (ended_) {
      const Status whole = exchange_.check_end(*ended_);
      if (!whole) co_return give_up(whole.error());
      co_return std::optional<std::string>();
    }
    (void)co_await transfer_->wait();  // whatever it says is looked at above
  }
}

}  // namespace ghstats::http
