#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/load.h"
#include "config/testing/fake_environment.h"
#include "config/testing/pem_samples.h"

namespace ghstats::config::testing {

// Loads "c.yaml" out of a fake_ file system that has app.pem, ca.pem, token.txt, secret.txt, amqp-url.txt, hash-key.txt
// and the variable ACME_TOKEN.
class ConfigFixture : public ::testing::Test {
 protected:
  ConfigFixture() {
    fake_.variables["ACME_TOKEN"] = "ghp_fromvariable";
    fake_.files = {{"app.pem", rsa_pkcs1()},
                   {"ca.pem", certificate()},
                   {"token.txt", "ghp_fromfile\n"},
                   {"secret.txt", "filed-secret\n"},
                   {"hash-key.txt", "0123456789abcdef-hash-key\n"},
                   {"amqp-url.txt", "amqps://filed:url-secret@broker/vhost\n"}};
  }

  auto load(std::string text) {
    fake_.files["c.yaml"] = std::move(text);
    return load_config("c.yaml", fake_.environment());
  }

  Config loaded(std::string text) {
    auto config = load(std::move(text));
    if (config) return *config;
    for (const Problem& problem : config.error()) ADD_FAILURE() << format(problem);
    return {};
  }

  // As check-config prints them.
  std::vector<std::string> problems(std::string text) {
    const auto config = load(std::move(text));
    std::vector<std::string> lines;
    if (!config) {
      for (const Problem& problem : config.error()) lines.push_back(format(problem));
    }
    return lines;
  }

  FakeEnvironment fake_;
};

// Lines 1 to 4 of many test files.
inline constexpr const char* kOneOrg =
    "github:\n"
    "  orgs:\n"
    "    - org: acme\n"
    "      token_env: ACME_TOKEN\n";

}  // namespace ghstats::config::testing
