#include <boost/json.hpp>

#include "sim/render/render.h"
#include "sim/rest/rest.h"

namespace ghstats::sim {

// Not paged. Nobody whose account is gone has a name left: `author` is null.
Reply get_contributor_statistics(const Call& call) {
  const auto asked = call.statistics.ask(*call.repository, call.now);
  if (asked.state == Statistics::State::kEmpty) {
    Reply nothing;
    nothing.status = 204;
    return nothing;
  }
  if (asked.state == Statistics::State::kComputing) return json_reply(202, boost::json::object{});
  const View view{call.now, call.api_base};
  boost::json::array listed;
  for (const auto& contributor :
       contributors_of(*call.repository, asked.computed_at, call.statistics.options().max_commits)) {
    boost::json::array weeks;
    for (const auto& week : contributor.weeks) {
      weeks.push_back(boost::json::object{{"w", to_unix_seconds(week.begin)},
                                          {"a", week.lines.additions},
                                          {"d", week.lines.deletions},
                                          {"c", week.commits}});
    }
    listed.push_back(boost::json::object{{"total", contributor.commits},
                                         {"weeks", std::move(weeks)},
                                         {"author", render_account(view, contributor.account)}});
  }
  return json_reply(200, listed);
}

}  // namespace ghstats::sim
