#include "copilot/report_hosts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ghstats::copilot {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::vector<std::string> kDefaults = {"copilot-reports.github.com", "copilot-reports.*.ghe.com", "*.azurefd.net",
                                            "*.blob.core.windows.net"};
constexpr const char* kGitHub = "https://api.github.com";
constexpr const char* kSimulator = "http://127.0.0.1:8080";

bool allows(const std::vector<std::string>& patterns, std::string_view url, std::string_view api = kGitHub) {
  const Status checked = ReportHosts(patterns, api).check(url);
  if (!checked) {
    EXPECT_EQ(checked.error().code, ErrorCode::kPermissionDenied) << url;
  }
  return checked.has_value();
}

TEST(ReportHosts, AllowsWhatGitHubUses) {
  for (const char* url :
       {"https://copilot-reports.github.com/x/y.ndjson?se=1&sig=abc", "https://copilot-reports.github.com:443/",
        "https://COPILOT-Reports.GitHub.com/", "HTTPS://copilot-reports.github.com/",
        "https://copilot-reports.acme.ghe.com/", "https://copilot-reports-a1b2.b01.azurefd.net/",
        "https://x.azurefd.net/", "https://account.blob.core.windows.net/"}) {
    EXPECT_TRUE(allows(kDefaults, url)) << url;
  }
}

TEST(ReportHosts, RefusesEverybodyElse) {
  for (const char* url : {"https://github.com/",
                          "https://copilot-reports.github.com.example.com/",
                          "https://evil.com/",
                          "https://xcopilot-reports.github.com/",
                          "https://a.copilot-reports.github.com/",
                          "https://copilot-reports.github.com./",
                          "https://copilot-reports.ghe.com/",
                          "https://copilot-reports.a.b.ghe.com/",
                          "https://copilot-reports..ghe.com/",
                          "https://azurefd.net/",
                          "https://.azurefd.net/",
                          "https://xazurefd.net/",
                          "https://x.azurefd.net.evil.com/",
                          "https://evil.com/copilot-reports.github.com",
                          "https://evil.com?.azurefd.net",
                          "https://evil.com#.azurefd.net",
                          "https://10.0.0.1/",
                          "https://[::1]/",
                          "https://127.0.0.1/",
                          "https://localhost/",
                          "https://2130706433/"}) {
    EXPECT_FALSE(allows(kDefaults, url)) << url;
  }
}

TEST(ReportHosts, RefusesOtherSchemesPortsAndUserInformation) {
  for (const char* url : {"http://copilot-reports.github.com/", "http://copilot-reports.github.com:443/",
                          "ftp://copilot-reports.github.com/", "file:///etc/passwd", "copilot-reports.github.com",
                          "//copilot-reports.github.com/", "", "https://", "https://copilot-reports.github.com:80/",
                          "https://copilot-reports.github.com:8443/", "https://user@copilot-reports.github.com/",
                          "https://copilot-reports.github.com@evil.com/",
                          "https://evil.com\\@copilot-reports.github.com/", "https://copilot-reports%2egithub.com/",
                          "https://copilot-reports.github.com:x/", "https://copilot-reports.github.com\n/"}) {
    EXPECT_FALSE(allows(kDefaults, url)) << url;
  }
}

TEST(ReportHosts, AStarInsideIsOneLabelOrAPartOfIt) {
  EXPECT_TRUE(allows({"a-*.example.com"}, "https://a-x.example.com/"));
  EXPECT_TRUE(allows({"a-*-c.example.com"}, "https://a-b-b-c.example.com/"));
  EXPECT_FALSE(allows({"a-*.example.com"}, "https://a-.example.com/"));
  EXPECT_FALSE(allows({"a-*.example.com"}, "https://a-x.y.example.com/"));
  EXPECT_FALSE(allows({"ab*ba.example.com"}, "https://aba.example.com/")) << "the parts do not share characters";
  EXPECT_TRUE(allows({"a.*.*.example.com"}, "https://a.b.c.example.com/"));
  EXPECT_FALSE(allows({"a.*.*.example.com"}, "https://a.b.example.com/"));
}

TEST(ReportHosts, AStarInFrontIsOneLabelOrMore) {
  EXPECT_TRUE(allows({"*.Example.com"}, "https://a.example.com/"));
  EXPECT_TRUE(allows({"*.example.com"}, "https://c.b.a.example.com/"));
  EXPECT_FALSE(allows({"*.example.com"}, "https://example.com/"));
  EXPECT_FALSE(allows({"*.example.com"}, "https://a..example.com/"));
  EXPECT_TRUE(allows({"*.x.*.example.com"}, "https://a.b.x.y.example.com/"));
  EXPECT_FALSE(allows({"*.x.*.example.com"}, "https://x.y.example.com/"));
}

TEST(ReportHosts, AddressesAreListedAsTheyAre) {
  EXPECT_TRUE(allows({"10.1.2.3"}, "https://10.1.2.3/"));
  EXPECT_FALSE(allows({"10.1.2.3"}, "https://10.1.2.4/"));
  EXPECT_FALSE(allows({"*.2.3"}, "https://10.1.2.3/"));
  EXPECT_FALSE(allows({"10.*.2.3"}, "https://10.1.2.3/"));
  EXPECT_FALSE(allows({"10.1.2.3"}, "http://10.1.2.3/"));
}

TEST(ReportHosts, AnApiOnLoopbackAllowsLoopback) {
  for (const char* api : {kSimulator, "http://localhost:1/", "http://[::1]:2", "http://127.9.9.9"}) {
    for (const char* url : {"http://127.0.0.1:8081/x?sig=1", "http://localhost/", "http://[::1]:9/",
                            "https://127.0.0.1:8443/", "https://copilot-reports.github.com/"}) {
      EXPECT_TRUE(allows(kDefaults, url, api)) << api << ' ' << url;
    }
    for (const char* url :
         {"http://10.0.0.1/", "http://copilot-reports.github.com/", "http://127.0.0.1.evil.com/",
          "http://localhost.evil.com/", "http://u@127.0.0.1/", "ftp://127.0.0.1/", "http://0.0.0.0/"}) {
      EXPECT_FALSE(allows(kDefaults, url, api)) << api << ' ' << url;
    }
  }
  for (const char* api : {"https://127.0.0.1:8080", "http://ghes.example.com", kGitHub, "", "127.0.0.1"}) {
    EXPECT_FALSE(allows(kDefaults, "http://127.0.0.1:8081/", api)) << api;
  }
}

TEST(ReportHosts, TheErrorNamesHostAndKeyButNoSecret) {
  const auto refused = ReportHosts(kDefaults, kGitHub).check("https://Evil.com/secret-path?sig=SECRET#SECRET");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "refused to download a report: host 'evil.com' is not in copilot.report_hosts_allowlist");
  for (const char* url : {"http://h.azurefd.net/?sig=SECRET", "https://h.azurefd.net:8443/?sig=SECRET",
                          "https://u:SECRET@h.azurefd.net/?sig=SECRET", "https://h azurefd.net/?sig=SECRET"}) {
    const auto checked = ReportHosts(kDefaults, kGitHub).check(url);
    ASSERT_FALSE(checked) << url;
    EXPECT_THAT(checked.error().message, AllOf(HasSubstr("refused to download"), Not(HasSubstr("SECRET")))) << url;
  }
}

}  // namespace
}  // namespace ghstats::copilot
