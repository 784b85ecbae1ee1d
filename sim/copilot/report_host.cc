#include "sim/copilot/report_host.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/task_group.h"
#include "http/listen_address.h"
#include "sim/copilot/download_connection.h"

namespace ghstats::sim::copilot {
namespace {

using boost::asio::ip::tcp;
constexpr auto kUse = boost::asio::as_tuple(boost::asio::use_awaitable);
constexpr std::chrono::milliseconds kAcceptPause{20};  // when there are no more file descriptors

class Host final : public ReportHost {
 public:
  Host(boost::asio::any_io_executor executor, tcp::acceptor acceptor, Reports& reports, const Clock& clock)
      : acceptor_(std::move(acceptor)), reports_(reports), clock_(clock), tasks_(std::move(executor)) {
    reports_.set_port(port());
    tasks_.spawn([this] { return accept_all(); });
  }

  [[nodiscard]] std::uint16_t port() const override { return acceptor_.local_endpoint().port(); }

  async::Task<> stop() override {
    tasks_.cancel();
    co_await tasks_.join();
  }

 private:
  async::Task<> accept_all() {
    for (;;) {
      const bool stopping = co_await async::cancelled();
      if (stopping) co_return;
      auto [error, socket] = co_await acceptor_.async_accept(kUse);
      if (!error) {
        const auto connection = std::make_shared<DownloadConnection>(std::move(socket));
        tasks_.spawn([this, connection] { return serve(connection); });
      } else {
        (void)co_await async::sleep_for(kAcceptPause);
      }
    }
  }

  async::Task<> serve(std::shared_ptr<DownloadConnection> connection) {
    for (bool open = true; open;) {
      const auto request = co_await connection->read();
      if (!request) co_return;
      const bool whole =
          co_await connection->write(answer_download(reports_, *request, clock_.now()), reports_.tally().bytes_sent);
      open = whole && request->keep_alive;
    }
  }

  tcp::acceptor acceptor_;
  Reports& reports_;
  const Clock& clock_;
  async::TaskGroup tasks_;
};

}  // namespace

Result<std::unique_ptr<ReportHost>> ReportHost::listen(boost::asio::any_io_executor executor,
                                                       const std::string& address, Reports& reports,
                                                       const Clock& clock) {
  const auto parsed = http::parse_listen_address(address);
  if (!parsed) return std::unexpected(parsed.error());
  auto acceptor = http::open_acceptor(executor, *parsed, address);
  if (!acceptor) return std::unexpected(acceptor.error());
  return std::make_unique<Host>(std::move(executor), std::move(*acceptor), reports, clock);
}

}  // namespace ghstats::sim::copilot
