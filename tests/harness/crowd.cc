#include "harness/crowd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace ghstats::harness {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kSmallBuffer = 2048;

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, host.c_str(), &address.sin_addr);
  return address;
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

int connect_from(const std::string& from, std::uint16_t port, bool small_buffer) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) fail("socket");
  if (small_buffer) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kSmallBuffer, sizeof(kSmallBuffer));
  const timeval limit{.tv_sec = 20, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  const sockaddr_in own = address_of(from, 0);
  const sockaddr_in peer = address_of("127.0.0.1", port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof(own)) != 0) fail("bind");
  if (connect(fd, reinterpret_cast<const sockaddr*>(&peer), sizeof(peer)) != 0) fail("connect");
  return fd;
}

void send_all(int fd, const std::string& bytes) {
  // Whether the server still wants it is the test's question, not an error here.
  (void)!send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

}  // namespace

Crowd::~Crowd() {
  for (const Member& member : members_) close(member.socket);
}

int Crowd::open(const std::string& opening) const {
  const int fd = connect_from("127.0.0.1", port_, true);
  if (!opening.empty()) send_all(fd, opening);
  return fd;
}

void Crowd::add(std::size_t count, const std::string& bytes) {
  for (std::size_t i = 0; i < count; ++i) members_.push_back({open(bytes), bytes});
}

std::size_t Crowd::go_on(const std::string& bytes) {
  std::size_t closed = 0;
  for (Member& member : members_) {
    // A reset is seen at once, not only behind the bytes that came before it.
    pollfd look{.fd = member.socket, .events = 0, .revents = 0};
    poll(&look, 1, 0);
    char byte = 0;
    const auto read = recv(member.socket, &byte, 1, MSG_DONTWAIT);
    const bool ended = read == 0 || (read < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
    if (ended || (look.revents & POLLERR) != 0) {
      close(member.socket);
      member.socket = open(member.opening);
      ++closed;
    } else if (!bytes.empty()) {
      send_all(member.socket, bytes);
    }
  }
  return closed;
}

Scrape scrape(std::uint16_t port, const std::string& from) {
  const auto begin = Steady::now();
  const int fd = connect_from(from, port, false);
  send_all(fd, "GET /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  constexpr std::size_t kStatusEnd = 12;  // "HTTP/1.1 200"
  std::string head;
  Scrape result;
  std::array<char, 65536> buffer{};
  for (;;) {
    const auto read = recv(fd, buffer.data(), buffer.size(), 0);
    if (read <= 0) break;
    if (head.size() < kStatusEnd) head.append(buffer.data(), static_cast<std::size_t>(read));
    result.bytes += static_cast<std::size_t>(read);
  }
  close(fd);
  if (head.size() >= kStatusEnd) result.status = std::atoi(head.c_str() + kStatusEnd - 3);
  result.took = Steady::now() - begin;
  return result;
}

}  // namespace ghstats::harness
