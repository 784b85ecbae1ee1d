// How a question gets to GitHub, whatever its protocol: gate, token, repetition. Api and GraphqlApi only say what is
// sent and what the answer is worth.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "async/retry.h"
#include "async/task.h"
#include "base/error.h"
#include "github/answer.h"
#include "github/credentials/refusal_fsm.h"
#include "github/credentials/token_source.h"
#include "github/limits/rate_gate.h"

namespace ghstats::github {

// All calls on one thread. What it is constructed with must outlive it, and it must outlive its tasks.
class Courier {
 public:
  Courier(const Clock& clock, std::string org, TokenSource& tokens, RateGate& gate, async::RetryEnvironment retry);

  // What the gate takes for one exchange.
  struct Toll {
    RateLimitResource resource{};
    std::int64_t points = 1;  // as RateLimitFsm::before_request has them
  };

  // Of one question, over all its exchanges.
  struct Progress {
    int attempts = 0;  // by the retry loop
    int limited = 0;   // refusals by limits
    RefusalFsm refusals{};
  };

  // What repeating does not change: an answer, or an error.
  struct Verdict {
    Result<Answer> answer;
  };

  // One exchange. Whatever is answered is told to the permit.
  using Send = std::function<async::Task<Result<Answer>>(const Token&, RateGate::Permit)>;
  // One round of a question: a verdict, or an error that the retry loop judges.
  using Round = std::function<async::Task<Result<Verdict>>()>;

  // Passes the gate, then gets a token, and sends. While a limit forbids requests nothing is sent, and this waits, an
  // hour if need be. A refusal by a limit is waited for and repeated, retry.max_attempts refusals at most; after a 401
  // it tries once more with another token. Errors outside the verdict are transient.
  async::Task<Result<Verdict>> send_authorised(Toll toll, const Send& send, Progress& progress);

  // Rounds until one is no transient error, retry.max_attempts at most; `what` is the context of every error.
  async::Task<Result<Answer>> repeat(const std::string& what, Progress& progress, Round round);

 private:
  [[nodiscard]] bool wait_again(Progress& progress) const;

  const Clock* clock_;
  std::string org_;
  TokenSource* tokens_;
  RateGate* gate_;
  async::RetryEnvironment retry_;
};

}  // namespace ghstats::github
