// What can go wrong with one request to GitHub, where, and what an exporter must make of it.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace ghstats::harness {

enum class Effect {
  kServed,   // what was asked for comes all the same, if later
  kMissed,   // it does not come while the fault lasts, and is redone
  kFinal,    // GitHub's last word: not redone, and not asked for again within the hour
  kNothing,  // an answer: nothing is there
};

enum class Limit { kNone, kPrimary, kSecondary };

struct Fault {
  std::string name;          // of the organisation it strikes, too
  std::string action;        // as POST /_sim/faults has it
  int times = 0;             // how often it strikes; 0: until it is ended
  std::string status_class;  // of gh_exporter_github_requests_total
  Effect effect{};
  Limit limit = Limit::kNone;
  bool stops_organisation = false;  // nothing else can be asked for in its name
  bool outlasts_its_end = false;    // by design for longer than these tests wait: a restart ends it
};

// Where it goes wrong. In `path`, a regular expression, and in a fault's action "{org}" stands for the organisation's
// name, "{installation}" for its App's installation, "{url}" for the simulator.
struct Place {
  std::string endpoint;          // label of gh_exporter_github_requests_total
  std::string path;              // of the repository "alpha" or of the organisation
  std::string reason;            // of the jobs that redo what was missed there
  bool is_organisation = false;  // without it no repository can be collected
  bool is_lines = false;         // lines of code: no part of a cycle
};

inline void PrintTo(const Place& place, std::ostream* out) {
  *out << place.endpoint;
}

struct Expectation {
  Effect effect{};
  std::vector<std::string> results;  // of cycles: at least one of these, and besides them only success
  std::string reason;                // of the jobs; empty: there are none
  bool others_exact = true;          // the organisation's other repository is served while the fault lasts
  bool heals = true;                 // once the fault is over, without a restart
};

// Limits among them tell for how long they forbid.
std::vector<Fault> all_faults();

// 301 for what has no address by id: once, to the place itself.
Fault moved_to(const std::string& path);

Expectation expectation(const Fault& fault, const Place& place);

}  // namespace ghstats::harness
