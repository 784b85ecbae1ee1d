#include "leader/static_elector.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>

namespace ghstats::leader {
namespace {

TEST(StaticElector, LeadsUntilItIsSupersededOrNever) {
  boost::asio::io_context io;
  EXPECT_FALSE(make_static_elector(io.get_executor(), false)->leads());
  const auto elector = make_static_elector(io.get_executor(), true);
  EXPECT_TRUE(elector->leads());
  const auto seen = elector->changed().version();
  elector->superseded({ErrorCode::kSuperseded, "epoch 1 was superseded by epoch 2"});
  EXPECT_FALSE(elector->leads());
  EXPECT_GT(elector->changed().version(), seen);
}

}  // namespace
}  // namespace ghstats::leader
