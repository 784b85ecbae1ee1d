#include "amqp/url.h"

#include <gmock/gmock.h>

namespace ghstats::amqp {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(AmqpUrl, SaysEverything) {
  const auto url = parse_url(
      "amqps://us%40er:p%2Fa%3Ass@one:1111,[::1],[2001:db8::2]:2222,four/my%2Fvhost?heartbeat=7&connection_timeout=1500"
      "&name=exporter%201");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->credentials.username, "us@er");
  EXPECT_EQ(url->credentials.password, "p/a:ss");
  EXPECT_THAT(url->hosts, ElementsAre(net::Endpoint{"one", 1111}, net::Endpoint{"::1", 5671},
                                      net::Endpoint{"2001:db8::2", 2222}, net::Endpoint{"four", 5671}));
  EXPECT_EQ(url->vhost, "my/vhost");
  EXPECT_EQ(url->heartbeat, 7s);
  EXPECT_EQ(url->connection_timeout, 1500ms);
  EXPECT_EQ(url->connection_name, "exporter 1");
}

TEST(AmqpUrl, HasDefaults) {
  for (const char* text : {"amqp://h", "amqp://h/", "amqp://h/%2F", "amqp://h/%2f", "amqp://guest:guest@h:5672"}) {
    const auto url = parse_url(text);
    ASSERT_TRUE(url) << text << url.error().message;
    EXPECT_FALSE(url->tls);
    EXPECT_EQ(url->credentials.username, "guest");
    EXPECT_EQ(url->credentials.password, "guest");
    EXPECT_THAT(url->hosts, ElementsAre(net::Endpoint{"h", 5672}));
    EXPECT_EQ(url->vhost, "/");
    EXPECT_EQ(url->heartbeat, std::nullopt);
  }
}

TEST(AmqpUrl, UnderstandsPasswordsThatWereNotEncoded) {
  const auto url = parse_url("amqp://u:p@ss/w?rd#:1@h/v");
  ASSERT_TRUE(url) << url.error().message;
  EXPECT_EQ(url->credentials.password, "p@ss/w?rd#:1");
  EXPECT_THAT(url->hosts, ElementsAre(net::Endpoint{"h", 5672}));
  EXPECT_EQ(url->vhost, "v");
}

TEST(AmqpUrl, RefusesWhatItCannotMeanAndNeverShowsThePassword) {
  for (const char* text : {
           "",
           "s3cret",
           "http://u:s3cret@h",
           "amqp:/u:s3cret@h",
           "amqp://",
           "amqp://u:s3cret@",
           "amqp://u:s3cret",  // the '@' was forgotten
           "amqp://u:s3cret/h",
           "amqp://u:12?s3cret",
           "amqp://u:s3cret%@h",
           "amqp://u:s3cret%2@h",
           "amqp://u:s3cret%zz@h",
           "amqp://u:s3cret%00@h",
           "amqp://:s3cret@h",
           "amqp://u:s3cret@h:0",
           "amqp://u:s3cret@h:65536",
           "amqp://u:s3cret@h:port",
           "amqp://u:s3cret@h,,i",
           "amqp://u:s3cret@h,",
           "amqp://u:s3cret@::1",
           "amqp://u:s3cret@[::1",
           "amqp://u:s3cret@h/a/b",
           "amqp://u:s3cret@h/%",
           "amqp://u:s3cret@h?heartbeat=-1",
           "amqp://u:s3cret@h?heartbeat=65536",
           "amqp://u:s3cret@h?heartbeat=",
           "amqp://u:s3cret@h?connection_timeout=5s",
           "amqp://u:s3cret@h?verify=verify_none",
       }) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(url.error().message, Not(HasSubstr("s3cret"))) << text;
    EXPECT_THAT(url.error().message, HasSubstr("allowed is amqp[s]://"));
  }
}

}  // namespace
}  // namespace ghstats::amqp
