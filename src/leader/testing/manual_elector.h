#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>
#include <utility>
#include <vector>

#include "leader/elector.h"

namespace ghstats::leader::testing {

// Decides as the test says.
class ManualElector final : public Elector {
 public:
  ManualElector(boost::asio::any_io_executor executor, bool leads) : leads_(leads), changed_(std::move(executor)) {}

  void decide(bool leads) {
    leads_ = leads;
    changed_.bump();
  }

  [[nodiscard]] bool leads() const override { return leads_; }
  async::Watch& changed() override { return changed_; }
  void superseded(const Error& why) override {
    told.push_back(why.message);
    if (!stubborn) decide(false);
  }

  bool stubborn = false;          // goes on leading
  std::vector<std::string> told;  // why leaderships were superseded

 private:
  bool leads_;
  async::Watch changed_;
};

}  // namespace ghstats::leader::testing
