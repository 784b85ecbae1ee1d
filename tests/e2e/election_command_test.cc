// What "github-stats-exporter leader" tells of an election.
#include "harness/election_world.h"

namespace ghstats::harness {
namespace {

using namespace std::chrono_literals;

class ElectionCommand : public ElectionWorld, public ::testing::WithParamInterface<ElectedBy> {
 protected:
  Outcome ask(std::vector<std::string> more = {}) {
    write_file(folder.path() / "leader.yaml", members[0]->config);
    std::vector<std::string> arguments = {program("github-stats-exporter"), "leader",
                                          "--config=" + (folder.path() / "leader.yaml").string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_command(std::move(arguments), pod(*members[0]));
  }
  // Until it says this and ends with that.
  void expect_told(int exit_code, const std::vector<std::string>& texts) {
    Outcome last;
    EXPECT_TRUE(eventually(kPatience,
                           [&] {
                             last = ask();
                             const std::string said = last.out + last.err;
                             return last.exit_code == exit_code && std::ranges::all_of(texts, [&](const auto& text) {
                                      return said.find(text) != std::string::npos;
                                    });
                           }))
        << last.exit_code.value_or(-1) << "\n"
        << last.out << last.err;
  }
};

TEST_P(ElectionCommand, TellsTheHolderTheWriterAndWhyTheLastOneEnded) {
  make_members(GetParam(), 2);
  expect_told(1, {"writer        nobody writes as a leader"});
  Member& first = *members[0];
  start(first);
  ASSERT_EQ(elected(), &first) << first.log();
  ASSERT_TRUE(eventually(kPatience, [&] { return epoch_of(first) > 0; })) << first.log();
  expect_told(0, {"leader        " + identity(first),
                  "writer        replica-0, epoch " + std::to_string(epoch_of(first)) + ", since "});

  Member& second = *members[1];
  start(second);
  leave(first);
  EXPECT_EQ(first.replica->stop(), 0) << first.log();
  ASSERT_EQ(elected(), &second) << second.log();
  ASSERT_TRUE(eventually(kPatience, [&] { return epoch_of(second) > 0; })) << second.log();
  expect_told(0,
              {"leader        " + identity(second),
               "writer        replica-1, epoch " + std::to_string(epoch_of(second)) + ", since ",
               "last ended    replica-0, epoch " + std::to_string(epoch_of(first)) + ", ", "the process was stopped"});
  const auto told = boost::json::parse(ask({"--json"}).out);
  EXPECT_EQ(told.at("election").at("leader").as_string(), identity(second));
  EXPECT_EQ(told.at("writer").at("epoch").to_number<std::uint64_t>(), epoch_of(second));
  EXPECT_EQ(told.at("last").at("why").as_string(), "the process was stopped");

  leave(second);
  EXPECT_EQ(second.replica->stop(), 0) << second.log();
  expect_told(1, {"leader        nobody: the lease was given back", "writer        nobody writes as a leader",
                  "last ended    replica-1, epoch " + std::to_string(epoch_of(second))});
}

INSTANTIATE_TEST_SUITE_P(All, ElectionCommand, ::testing::Values(ElectedBy::kKubernetes, ElectedBy::kRedis),
                         [](const auto& tested) {
                           return tested.param == ElectedBy::kRedis ? std::string("Redis") : std::string("Kubernetes");
                         });

}  // namespace
}  // namespace ghstats::harness
