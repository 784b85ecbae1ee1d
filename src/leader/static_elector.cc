#include "leader/static_elector.h"

#include <utility>

namespace ghstats::leader {
namespace {

class StaticElector final : public Elector {
 public:
  StaticElector(boost::asio::any_io_executor executor, bool leads) : leads_(leads), changed_(std::move(executor)) {}

  [[nodiscard]] bool leads() const override { return leads_; }
  async::Watch& changed() override { return changed_; }
  void superseded(const Error&) override {
    leads_ = false;
    changed_.bump();
  }

 private:
  bool leads_;
  async::Watch changed_;
};

}  // namespace

std::unique_ptr<Elector> make_static_elector(boost::asio::any_io_executor executor, bool leads) {
  return std::make_unique<StaticElector>(std::move(executor), leads);
}

}  // namespace ghstats::leader
