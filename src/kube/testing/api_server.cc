#include "kube/testing/api_server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <list>
#include <string_view>
#include <thread>
#include <utility>

#include "async/task_group.h"
#include "async/testing/run.h"
#include "async/watch.h"
#include "kube/testing/api_connection.h"
#include "kube/testing/status_body.h"
#include "net/testing/certificates.h"

namespace ghstats::kube::testing {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
constexpr auto kUse = asio::as_tuple(asio::use_awaitable);

// Empty without one: the request is anonymous.
std::string token_of(const http::ServerRequest& request) {
  constexpr std::string_view kScheme = "Bearer ";
  const auto header = request.headers.get("Authorization");
  if (!header || !header->starts_with(kScheme)) return {};
  return std::string(header->substr(kScheme.size()));
}

LeaseRegistry::Moment now() {
  const SystemClock clock;
  return {clock.now(), clock.steady_now()};
}

}  // namespace

struct ApiServer::Impl {
  explicit Impl(ApiServerOptions given)
      : options(std::move(given)),
        rules(rules_for_lease(options.lease_name)),
        registry(options.in_namespace),
        certificates(net::testing::make_certificates("kubernetes")),
        context(asio::ssl::context::tls_server),
        keep_running(io.get_executor()),
        changed(io.get_executor()),
        tasks(io.get_executor()) {
    context.use_certificate_chain(asio::buffer(certificates.server));
    context.use_private_key(asio::buffer(certificates.server_key), asio::ssl::context::pem);
  }

  std::uint16_t open_port(bool ipv6, std::uint16_t port = 0);
  async::Task<> accept_all(tcp::acceptor& acceptor);
  async::Task<> serve(std::shared_ptr<ApiConnection> connection);
  // False: the connection is over.
  async::Task<bool> serve_one(ApiConnection& connection, http::ServerRequest request);
  http::Response answer(const http::ServerRequest& request, const Writer& writer);
  async::Task<bool> send(ApiConnection& connection, const Fault& fault, std::string bytes);
  // Returns when nothing of this kind keeps them away any more; true when something did.
  async::Task<bool> wait_while_cut(Writer writer, bool answers);

  ApiServerOptions options;
  std::vector<PolicyRule> rules;
  LeaseRegistry registry;
  Misfortunes misfortunes;
  std::vector<SeenRequest> seen;
  std::size_t kept_back = 0;
  const net::testing::TestCertificates certificates;

  asio::io_context io{1};
  asio::ssl::context context;
  asio::executor_work_guard<asio::io_context::executor_type> keep_running;
  std::list<tcp::acceptor> acceptors;
  async::Watch changed;  // bumped when a partition ends
  std::jthread thread;
  async::TaskGroup tasks;
};

std::uint16_t ApiServer::Impl::open_port(bool ipv6, std::uint16_t port) {
  const tcp::endpoint loopback = ipv6 ? tcp::endpoint(asio::ip::address_v6::loopback(), port)
                                      : tcp::endpoint(asio::ip::address_v4::loopback(), port);
  tcp::acceptor& acceptor = acceptors.emplace_back(io, loopback);
  tasks.spawn([this, &acceptor] { return accept_all(acceptor); });
  return acceptor.local_endpoint().port();
}

async::Task<> ApiServer::Impl::accept_all(tcp::acceptor& acceptor) {
  for (;;) {
    const bool stop = co_await async::cancelled();
    if (stop) co_return;
    auto [error, accepted] = co_await acceptor.async_accept(kUse);
    if (error) co_return;
    auto connection = std::make_shared<ApiConnection>(std::move(accepted), context);
    tasks.spawn([this, connection] { return serve(connection); });
  }
}

async::Task<> ApiServer::Impl::serve(std::shared_ptr<ApiConnection> connection) {
  bool open = true;
  const auto cut = misfortunes.cut_of({}, connection->port());
  if (cut == Cut::kRequestsLost) {
    co_await wait_while_cut({{}, connection->port()}, false);
    open = false;
  }
  if (open) open = co_await connection->shake_hands();
  while (open) {
    auto request = co_await connection->read();
    if (!request) break;
    open = co_await serve_one(*connection, *std::move(request));
  }
  connection->close(false);
}

async::Task<bool> ApiServer::Impl::wait_while_cut(Writer writer, bool answers) {
  bool waited = false;
  for (;;) {
    const auto cut = misfortunes.cut_of(writer.token, writer.port);
    if (!cut || (*cut == Cut::kAnswersLost) != answers) co_return waited;
    waited = true;
    ++kept_back;
    const auto woken = co_await changed.wait_beyond(changed.version());
    --kept_back;
    if (!woken) co_return true;
  }
}

async::Task<bool> ApiServer::Impl::serve_one(ApiConnection& connection, http::ServerRequest request) {
  const Writer writer{token_of(request), connection.port()};
  co_await async::sleep_for(misfortunes.delay_before(writer.token, writer.port));
  const auto kept = misfortunes.cut_of(writer.token, writer.port);
  const bool late = co_await wait_while_cut(writer, false);
  const bool stop = co_await async::cancelled();
  if (stop || (late && kept == Cut::kRequestsLost)) co_return false;
  const std::size_t place = seen.size();
  seen.push_back({now().steady, request.method, request.target, request.body,
                  std::string(request.headers.get("User-Agent").value_or("")), writer});
  const auto fault = misfortunes.take_fault(writer.token, writer.port);
  std::string bytes;
  if (fault && fault->raw) {
    bytes = *fault->raw;
  } else {
    const http::Response response = fault && fault->answer ? *fault->answer : answer(request, writer);
    seen[place].status = response.status;
    bytes = message_of(response);
  }
  const bool lost = co_await wait_while_cut(writer, true);
  co_await async::sleep_for(misfortunes.delay_after(writer.token, writer.port));
  if (lost) co_return false;
  co_return co_await send(connection, fault.value_or(Fault{}), std::move(bytes));
}

async::Task<bool> ApiServer::Impl::send(ApiConnection& connection, const Fault& fault, std::string bytes) {
  if (fault.only_bytes) bytes.resize(std::min(*fault.only_bytes, bytes.size()));
  const bool written = co_await connection.write(std::move(bytes));
  if (fault.reset) connection.close(true);
  co_return written && !fault.only_bytes && !fault.raw && !fault.reset;
}

http::Response ApiServer::Impl::answer(const http::ServerRequest& request, const Writer& writer) {
  std::string user = "system:anonymous";
  if (!writer.token.empty()) {
    if (std::ranges::find(options.tokens, writer.token) == options.tokens.end()) return unauthorized();
    user = options.user;
  }
  const RequestInfo info = request_info(request);
  const bool known = !writer.token.empty() && (!info.is_resource || info.in_namespace == options.in_namespace);
  if (!known || !allows(rules, info)) return forbidden(user, info);
  return registry.handle(info, request, rules, user, writer, now());
}

ApiServer::ApiServer(ApiServerOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {
  port_ = impl_->open_port(false);
  impl_->thread = std::jthread([impl = impl_.get()] { impl->io.run(); });
}

ApiServer::~ApiServer() {
  impl_->io.stop();
  impl_->thread.join();
  async::testing::run(impl_->io, [impl = impl_.get()]() -> async::Task<> {
    impl->tasks.cancel();
    co_await impl->tasks.join();
  }());
}

void ApiServer::call(const std::function<void()>& what) const {
  std::promise<void> done;
  asio::post(impl_->io, [&] {
    what();
    done.set_value();
  });
  done.get_future().wait();
}

std::uint16_t ApiServer::open_port(bool ipv6, std::uint16_t port) {
  std::uint16_t out = 0;
  call([&] { out = impl_->open_port(ipv6, port); });
  return out;
}

const std::string& ApiServer::authority() const {
  return impl_->certificates.authority;
}

void ApiServer::set_tokens(std::vector<std::string> tokens) {
  call([&] { impl_->options.tokens = std::move(tokens); });
}

void ApiServer::set_rules(std::vector<PolicyRule> rules) {
  call([&] { impl_->rules = std::move(rules); });
}

void ApiServer::fail_next(Fault fault, int times, Whose whose) {
  call([&] { impl_->misfortunes.add(std::move(whose), std::move(fault), times); });
}

void ApiServer::cut_off(Cut cut, Whose whose) {
  call([&] { impl_->misfortunes.cut(std::move(whose), cut); });
}

void ApiServer::restore(Whose whose) {
  call([&] {
    impl_->misfortunes.end_cut(whose);
    impl_->changed.bump();
  });
}

void ApiServer::slow_down(std::chrono::nanoseconds before, std::chrono::nanoseconds after, Whose whose) {
  call([&] { impl_->misfortunes.delay(std::move(whose), before, after); });
}

void ApiServer::heal() {
  call([&] {
    impl_->misfortunes.clear();
    impl_->changed.bump();
  });
}

bool ApiServer::delete_lease() {
  bool out = false;
  call([&] { out = impl_->registry.remove(impl_->options.lease_name, now()); });
  return out;
}

http::Response ApiServer::act(const std::string& method, const std::string& target, const std::string& json) {
  const http::ServerRequest request{
      method, target, target, {}, {{"Content-Type", "application/json"}, {"User-Agent", "kubectl/v1.34"}}, json};
  http::Response out;
  call([&] {
    out = impl_->registry.handle(request_info(request), request, rules_for_everything(), "admin", {"", 0}, now());
  });
  return out;
}

std::optional<std::string> ApiServer::lease() const {
  std::optional<std::string> out;
  call([&] { out = impl_->registry.object(impl_->options.lease_name); });
  return out;
}

std::vector<LeaseWrite> ApiServer::writes() const {
  std::vector<LeaseWrite> out;
  call([&] { out = impl_->registry.writes(); });
  return out;
}

std::vector<SeenRequest> ApiServer::requests() const {
  std::vector<SeenRequest> out;
  call([&] { out = impl_->seen; });
  return out;
}

std::size_t ApiServer::kept_back() const {
  std::size_t out = 0;
  call([&] { out = impl_->kept_back; });
  return out;
}

}  // namespace ghstats::kube::testing
