// Prints a page of the documentation that comes from a table of the program.
#include <cstdio>
#include <string>
#include <string_view>

#include "config/document.h"
#include "copilot/document.h"
#include "metrics/catalogue.h"

int main(int argc, char** argv) {
  const std::string_view page = argc == 2 ? argv[1] : "";
  std::string text;
  if (page == "configuration") {
    text = ghstats::config::configuration_document();
  } else if (page == "metrics") {
    text = ghstats::metrics::metrics_document();
  } else if (page == "copilot") {
    text = ghstats::copilot::copilot_document();
  } else {
    std::fputs("usage: generate_docs configuration|copilot|metrics\n", stderr);
    return 2;
  }
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
