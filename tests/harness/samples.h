// Questions about the samples of a page.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "harness/process.h"

namespace ghstats::harness {

using Samples = std::map<std::string, double>;
using Labels = std::vector<std::pair<std::string, std::string>>;

// The sum of the series of `family` that bear all these labels, whatever others they bear; 0 when there is none.
double sum_of(const Samples& samples, const std::string& family, const Labels& labels = {});

// Asks for complaints until there are none; the last ones when there still are some after `limit`.
std::string complaints_after(std::chrono::milliseconds limit, const std::function<std::string()>& complaints);

}  // namespace ghstats::harness
