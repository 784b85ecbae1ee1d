#include "base/time_format.h"
#include "sim/graphql/connection.h"
#include "sim/graphql/objects.h"
#include "sim/render/commit_files.h"

namespace ghstats::sim::graphql {
namespace {

struct About {
  const Moment& moment;
  const Repository& repository;
  const Commit& commit;
};
using Of = const About&;
using With = const Arguments&;

// Null when git knows no name.
Resolved person(Of about, const GitPerson& person, const Account* account, TimePoint date) {
  if (!person.name) return nullptr;
  return ObjectPtr(
      std::make_shared<const Record>("GitActor", Record::Fields{{"name", *person.name},
                                                                {"email", person.email},
                                                                {"date", format_rfc3339(date)},
                                                                {"user", user_object(about.moment, account)}}));
}

std::optional<TimePoint> time_of(With arguments, std::string_view name) {
  const auto text = arguments.text(name);
  if (!text) return std::nullopt;
  return from_unix_seconds(to_unix_seconds(parse_rfc3339(*text).value_or(TimePoint::min())));
}

// By committer date, newest first, as REST lists them: whatever was there when the commit was the head.
Resolved history(Of about, With arguments) {
  const auto since = time_of(arguments, "since");
  const auto until = time_of(arguments, "until");
  Listing listing{.type = "CommitHistoryConnection", .edge = "CommitEdge", .items = {}, .descending = true};
  const auto& commits = about.repository.commits;
  for (std::size_t i = 0; i < commits.size(); ++i) {
    const auto& commit = commits[i];
    if (commit.visible_from > std::min(about.moment.now(), about.commit.visible_from)) continue;
    if ((since && commit.committer_date < *since) || (until && commit.committer_date > *until)) continue;
    listing.items.push_back({{to_unix_seconds(commit.committer_date), {}, i},
                             [&moment = about.moment, &repository = about.repository, &commit] {
                               return commit_object(moment, repository, commit);
                             }});
  }
  return page_of(std::move(listing), arguments);
}

// Those of a branch that was merged are not in the world.
Resolved parents(Of about, With arguments) {
  Listing listing{.type = "CommitConnection", .edge = "CommitEdge", .items = {}};
  for (std::size_t i = 0; i < about.commit.parents.size(); ++i) {
    listing.items.push_back(
        {{static_cast<std::int64_t>(i), {}, 0}, [about, &sha = about.commit.parents[i]]() -> ObjectPtr {
           const auto& commits = about.repository.commits;
           const auto parent = std::ranges::find(commits, sha, &Commit::sha);
           if (parent == commits.end()) return nullptr;
           return commit_object(about.moment, about.repository, *parent);
         }});
  }
  return page_of(std::move(listing), arguments);
}

const Modelled<About>::Fields& fields() {
  static const Modelled<About>::Fields all{
      {"additions", [](Of a, With) -> Resolved { return a.commit.lines.additions; }},
      {"author", [](Of a, With) { return person(a, a.commit.author, a.commit.author_account, a.commit.author_date); }},
      {"authoredDate", [](Of a, With) -> Resolved { return format_rfc3339(a.commit.author_date); }},
      {"changedFilesIfAvailable", [](Of a, With) -> Resolved { return files_of(a.commit).size(); }},
      {"committedDate", [](Of a, With) -> Resolved { return format_rfc3339(a.commit.committer_date); }},
      {"committer",
       [](Of a, With) { return person(a, a.commit.committer, a.commit.committer_account, a.commit.committer_date); }},
      {"deletions", [](Of a, With) -> Resolved { return a.commit.lines.deletions; }},
      {"history", history},
      {"id", [](Of a, With) -> Resolved { return "C_" + a.commit.sha; }},
      {"message", [](Of a, With) -> Resolved { return a.commit.message; }},
      {"messageHeadline",
       [](Of a, With) -> Resolved { return a.commit.message.substr(0, a.commit.message.find('\n')); }},
      {"oid", [](Of a, With) -> Resolved { return a.commit.sha; }},
      {"parents", parents},
      {"repository", [](Of a, With) -> Resolved { return repository_object(a.moment, a.repository); }}};
  return all;
}

}  // namespace

ObjectPtr commit_object(const Moment& moment, const Repository& repository, const Commit& commit) {
  return std::make_shared<const Modelled<About>>("Commit", fields(), About{moment, repository, commit});
}

ObjectPtr default_branch_object(const Moment& moment, const Repository& repository) {
  const auto sha = head_sha(repository, moment.now());
  if (!sha) return nullptr;
  const auto head = std::ranges::find(repository.commits, *sha, &Commit::sha);
  return std::make_shared<const Record>("Ref", Record::Fields{{"id", "REF_" + std::to_string(repository.id)},
                                                              {"name", repository.default_branch},
                                                              {"prefix", "refs/heads/"},
                                                              {"repository", repository_object(moment, repository)},
                                                              {"target", commit_object(moment, repository, *head)}});
}

}  // namespace ghstats::sim::graphql
