#include "exposition/testing/openmetrics_checker.h"

#include <gtest/gtest.h>

namespace ghstats::exposition::testing {
namespace {

// The checker must be able to say no.
struct Case {
  const char* page;
  const char* problem;  // what the answer begins with
};

class OpenMetricsChecker : public ::testing::TestWithParam<Case> {};

TEST_P(OpenMetricsChecker, FindsWhatIsWrong) {
  const std::string answer = check_openmetrics(GetParam().page);
  EXPECT_EQ(answer.substr(0, std::string_view(GetParam().problem).size()), GetParam().problem);
  EXPECT_EQ(answer.empty(), std::string_view(GetParam().problem).empty()) << answer;
}

INSTANTIATE_TEST_SUITE_P(
    Pages, OpenMetricsChecker,
    ::testing::Values(
        Case{"# EOF\n", ""}, Case{"# TYPE a gauge\n# HELP a x \\\"y\\\".\na{b=\"c\\\\\\n\\\"\"} 1e+09\n# EOF\n", ""},
        Case{"# TYPE a counter\na_total 1\n# EOF\n", ""},
        Case{"# TYPE h histogram\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n# EOF\n", ""},
        Case{"# TYPE a gauge\na 1\n", "no # EOF"}, Case{"# EOF\n# TYPE a gauge\n", "behind # EOF"},
        Case{"# EOF", "the last line does not end"}, Case{"a 1\n# EOF\n", "sample without TYPE"},
        Case{"# HELP a x\n# TYPE a gauge\n# EOF\n", "metadata out of order"},
        Case{"# TYPE a gauge\n# HELP a say \"x\"\n# EOF\n", "quote without escape"},
        Case{"# TYPE a gauge\n# TYPE b gauge\n# TYPE a gauge\n# EOF\n", "family in two places"},
        Case{"# TYPE a_total counter\n# EOF\n", "family name ends in _total"},
        Case{"# TYPE a counter\na 1\n# EOF\n", "counter without _total"},
        Case{"# TYPE a counter\na_total -1\n# EOF\n", "counter below 0"},
        Case{"# TYPE a gauge\n# UNIT a seconds\n# EOF\n", "name does not end in its unit"},
        Case{"# TYPE a gauge\na{b=\"\\x\"} 1\n# EOF\n", "bad label"},
        Case{"# TYPE a gauge\na{b=\"1\",b=\"2\"} 1\n# EOF\n", "label twice"},
        Case{"# TYPE a gauge\na{b=\"1\"} 1\na{b=\"1\"} 1\n# EOF\n", "series twice"},
        Case{"# TYPE a gauge\na 0x1\n# EOF\n", "bad number"}, Case{"# TYPE a gauge\na  1\n# EOF\n", "bad number"},
        Case{"# TYPE a gauge\n\n# EOF\n", "neither metadata nor sample"},
        Case{"# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n# EOF\n",
             "bound is not canonical"},
        Case{"# TYPE h histogram\nh_bucket{le=\"1.0\"} 3\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n# EOF\n",
             "buckets are not cumulative"},
        Case{"# TYPE h histogram\nh_bucket{le=\"1.0\"} 1\nh_sum 3\nh_count 1\n# EOF\n", "no +Inf bucket"},
        Case{"# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 1\n# EOF\n",
             "count is not the +Inf bucket"}));

}  // namespace
}  // namespace ghstats::exposition::testing
