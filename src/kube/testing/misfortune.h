// What can go wrong between a client and an API server, and for whom.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/client.h"

namespace ghstats::kube::testing {

// Whose requests: what is set must be equal. Nothing set: everybody's.
struct Whose {
  std::optional<std::string> token = {};
  std::optional<std::uint16_t> port = {};  // of the server, where they come in

  [[nodiscard]] bool matches(const std::string& their_token, std::uint16_t their_port) const {
    return (!token || *token == their_token) && (!port || *port == their_port);
  }
  friend bool operator==(const Whose&, const Whose&) = default;
};

// A partition. The other side is told nothing: it waits. When it ends, connections whose packets are lost are closed.
enum class Cut : std::uint8_t {
  kRequestsLost,  // nothing that is asked takes effect
  kRequestsLate,  // what is asked takes effect when the partition ends, whether its client waits or not
  kAnswersLost,   // what is asked takes effect at once, and nobody is told
};

// How one request is answered wrongly.
struct Fault {
  // Instead of the request being looked at; absent: it takes effect, and this is about its true answer.
  std::optional<http::Response> answer = {};
  // Instead of an HTTP message; likewise.
  std::optional<std::string> raw = {};
  // So many bytes of the answer are sent, then the connection ends; absent: all, and it goes on.
  std::optional<std::size_t> only_bytes = {};
  bool reset = false;  // it ends with a TCP reset
};

// An answer of the server's own: a Status, with Retry-After if > 0.
Fault answering(int status, const std::string& reason, const std::string& message, int retry_after_seconds = 0);
// HTTP, but no Status.
Fault answering_body(int status, std::string body, const std::string& content_type = "text/html");
// For resets: libcurl tries again when it was a connection that it had used before.
inline constexpr int kEveryAttempt = 100;
Fault resetting_before();  // it has no effect
Fault resetting_after();   // it has
Fault cutting_answer(std::size_t after_bytes);

// Rules by order of their arrival. Not thread-safe.
class Misfortunes {
 public:
  void add(Whose whose, Fault fault, int times);
  void cut(Whose whose, Cut cut);
  void end_cut(const Whose& whose);
  void delay(Whose whose, std::chrono::nanoseconds before, std::chrono::nanoseconds after);
  void clear();

  // Uses one up.
  std::optional<Fault> take_fault(const std::string& token, std::uint16_t port);
  [[nodiscard]] std::optional<Cut> cut_of(const std::string& token, std::uint16_t port) const;
  // The longest of those that match: before it takes effect, and before it is answered.
  [[nodiscard]] std::chrono::nanoseconds delay_before(const std::string& token, std::uint16_t port) const;
  [[nodiscard]] std::chrono::nanoseconds delay_after(const std::string& token, std::uint16_t port) const;

 private:
  struct FaultRule {
    Whose whose;
    Fault fault;
    int left = 0;
  };
  struct CutRule {
    Whose whose;
    Cut cut = Cut::kRequestsLost;
  };
  struct DelayRule {
    Whose whose;
    std::chrono::nanoseconds before{0};
    std::chrono::nanoseconds after{0};
  };
  std::vector<FaultRule> faults_;
  std::vector<CutRule> cuts_;
  std::vector<DelayRule> delays_;
};

}  // namespace ghstats::kube::testing
