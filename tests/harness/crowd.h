// Clients that hold connections open, and one that scrapes meanwhile, each from an address of its own if need be.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ghstats::harness {

// Connections from 127.0.0.1 to a port of 127.0.0.1, closed with the object.
class Crowd {
 public:
  explicit Crowd(std::uint16_t port) : port_(port) {}
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Opens `count` more; each sends `bytes` and nothing else. std::system_error when one cannot be opened.
  void add(std::size_t count, const std::string& bytes);
  // Reads one byte of each, if there is one, and sends `bytes` where the connection is still open; those that the
  // server has closed are opened again with what they sent first. Returns how many these were.
  std::size_t go_on(const std::string& bytes);

 private:
  struct Member {
    int socket = -1;
    std::string opening;
  };

  [[nodiscard]] int open(const std::string& opening) const;

  std::uint16_t port_;
  std::vector<Member> members_;
};

struct Scrape {
  int status = 0;         // 0: no answer
  std::size_t bytes = 0;  // of the whole answer
  std::chrono::duration<double> took{0};
};

// GET /metrics of a port of 127.0.0.1 on a connection of its own from the address `from`, whole.
Scrape scrape(std::uint16_t port, const std::string& from);

}  // namespace ghstats::harness
