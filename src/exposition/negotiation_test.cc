#include "exposition/negotiation.h"

#include <gtest/gtest.h>

namespace ghstats::exposition {
namespace {

using metrics::Format;

TEST(FormatNegotiation, AnswersPrometheusInOpenMetrics) {
  for (const auto* accept :
       {// 2.42
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
        "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        // 3.x
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;"
        "version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,"
        "*/*;q=0.2",
        "application/openmetrics-text", "Application/OpenMetrics-Text; Version=\"1.0.0\"; charset=utf-8",
        "text/plain, application/openmetrics-text"}) {
    EXPECT_EQ(negotiate_format(accept), Format::kOpenMetrics100) << accept;
  }
}

TEST(FormatNegotiation, AnswersEveryoneElseInText) {
  for (const auto* accept :
       {"", "*/*", "text/plain", "text/*;q=0.5", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/openmetrics-text;q=0.3,text/plain;version=0.0.4;q=0.5",
        // The draft version, which we do not speak.
        "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text;q=0", "application/openmetrics-text;q=0,*/*", "application/json", ",,;q=1,",
        "application/openmetrics-text;q=nonsense", "application/openmetrics-text;q=1.5"}) {
    EXPECT_EQ(negotiate_format(accept), Format::kText004) << accept;
  }
}

TEST(FormatNegotiation, ReadsWildcardsByHowMuchTheyCover) {
  EXPECT_EQ(negotiate_format("application/*, text/*;q=0.1"), Format::kOpenMetrics100);
  EXPECT_EQ(negotiate_format("application/*;q=0.1, text/*"), Format::kText004);
  EXPECT_EQ(negotiate_format("application/*, application/openmetrics-text;q=0"), Format::kText004);
  EXPECT_EQ(negotiate_format("text/plain;q=0, */*"), Format::kOpenMetrics100);
}

TEST(EncodingNegotiation, GivesGzipToThoseWhoTakeIt) {
  for (const auto* accept : {"gzip", "GZip", "deflate, gzip;q=1.0, *;q=0.5", "br, x-gzip", "*", "gzip;q=0.001",
                             "identity;q=0.5, gzip;q=0.5", "gzip ; q=0.8 , identity;q=0"}) {
    EXPECT_TRUE(accepts_gzip(accept)) << accept;
  }
}

TEST(EncodingNegotiation, GivesIdentityToAllOthers) {
  for (const auto* accept : {"", "identity", "br", "gzip;q=0", "gzip;q=0.000, *", "*;q=0", "identity, gzip;q=0.5",
                             "gzip;q=", "gzip;q=2", "gzip;q=0.1234", "gzipped"}) {
    EXPECT_FALSE(accepts_gzip(accept)) << accept;
  }
}

}  // namespace
}  // namespace ghstats::exposition
