#!/usr/bin/env python3
"""Cuts schema.graphql out of GitHub's public schema (docs.github.com, "Public schema"), without descriptions:

    cut_schema.py < github-schema.graphql > schema.graphql

A field keeps its type and all arguments that the simulator heeds; a union keeps the members that are here.
"""
import sys

import graphql
from graphql import language

PAGES = "after before first last"
KEEP = {
    "Query": {"node": "id", "nodes": "ids", "organization": "login", "rateLimit": "",
              "repository": "followRenames name owner", "search": PAGES + " query type", "viewer": ""},
    "Node": "id",
    "Actor": "login",
    "Bot": "createdAt databaseId id login",
    "User": "createdAt databaseId id login name",
    "Organization": {"createdAt": "", "databaseId": "", "id": "", "login": "", "name": "",
                     "repositories": PAGES + " isArchived isFork orderBy privacy"},
    "RateLimit": "cost limit nodeCount remaining resetAt used",
    "PageInfo": "endCursor hasNextPage hasPreviousPage startCursor",
    "Repository": {**dict.fromkeys(
        "createdAt databaseId defaultBranchRef id isArchived isDisabled isEmpty isFork isPrivate name nameWithOwner owner "
        "pushedAt updatedAt url visibility".split(), ""),
        "issue": "number", "issues": PAGES + " filterBy orderBy states", "pullRequest": "number",
        "pullRequests": PAGES + " orderBy states"},
    "RepositoryOwner": "id login",
    "Ref": "id name prefix repository target",
    "GitObject": "id oid",
    "Commit": {**dict.fromkeys("additions author authoredDate changedFilesIfAvailable committedDate committer deletions id "
                               "message messageHeadline oid repository".split(), ""),
               "history": PAGES + " since until", "parents": PAGES},
    "GitActor": "date email name user",
    "PullRequest": {**dict.fromkeys(
        "additions author baseRefName changedFiles closed closedAt createdAt databaseId deletions fullDatabaseId headRefName "
        "headRefOid id isDraft mergeCommit merged mergedAt mergedBy number repository state title updatedAt url".split(), ""),
        "comments": PAGES + " orderBy", "reviewThreads": PAGES, "reviews": PAGES + " author states",
        "timelineItems": PAGES + " itemTypes since"},
    "PullRequestReview": {**dict.fromkeys("author body createdAt databaseId fullDatabaseId id pullRequest repository state "
                                          "submittedAt updatedAt".split(), ""), "comments": PAGES},
    "PullRequestReviewThread": {"comments": PAGES, "id": "", "isResolved": "", "path": "", "pullRequest": "",
                                "repository": ""},
    "PullRequestReviewComment": "author body createdAt databaseId fullDatabaseId id pullRequest pullRequestReview repository "
                                "state updatedAt",
    "Issue": {**dict.fromkeys("author closed closedAt createdAt databaseId fullDatabaseId id number repository state "
                              "stateReason title updatedAt url".split(), ""),
              "comments": PAGES + " orderBy", "timelineItems": PAGES + " itemTypes since"},
    "IssueComment": "author body createdAt databaseId fullDatabaseId id issue pullRequest repository updatedAt",
    "ClosedEvent": "actor closer createdAt id stateReason",
    "MergedEvent": "actor createdAt id mergeRefName",
    "SearchResultItem": "", "IssueTimelineItems": "", "PullRequestTimelineItems": "", "Closer": "",
    "IssueFilters": "since states",
    **dict.fromkeys("RepositoryOrder IssueOrder IssueCommentOrder".split(), "field direction"),
}
CONNECTIONS = ("Repository PullRequest PullRequestReview PullRequestReviewThread PullRequestReviewComment Issue IssueComment "
               "Commit CommitHistory IssueTimelineItems PullRequestTimelineItems SearchResultItem").split()
ENUMS_ONLY = {"IssueTimelineItemsItemType": "CLOSED_EVENT", "PullRequestTimelineItemsItemType": "CLOSED_EVENT MERGED_EVENT"}
for name in CONNECTIONS:
    KEEP[name + "Connection"] = "edges nodes pageInfo totalCount" if name != "SearchResultItem" else \
        "edges issueCount nodes pageInfo repositoryCount userCount"
    KEEP.setdefault(name + "Edge", "cursor node")


def named(node):
    while not isinstance(node, language.NamedTypeNode):
        node = node.type
    return node.name.value


def cut(definition, used):
    """The definition with what is kept of it; notes the types that this uses."""
    definition.description = None
    definition.directives = ()
    kept = KEEP.get(definition.name.value)
    if isinstance(kept, str):
        kept = dict.fromkeys(kept.split(), "")
    if hasattr(definition, "interfaces"):
        definition.interfaces = tuple(i for i in definition.interfaces if i.name.value in KEEP)
    if isinstance(definition, language.UnionTypeDefinitionNode):
        definition.types = tuple(t for t in definition.types if t.name.value in KEEP)
    if isinstance(definition, language.EnumTypeDefinitionNode):
        only = ENUMS_ONLY.get(definition.name.value)
        definition.values = tuple(v for v in definition.values if only is None or v.name.value in only.split())
        for value in definition.values:
            value.description, value.directives = None, ()
        return
    if not hasattr(definition, "fields"):
        return
    missing = set(kept) - {f.name.value for f in definition.fields}
    if missing:
        sys.exit(f"{definition.name.value}: no such fields: {', '.join(sorted(missing))}")
    definition.fields = tuple(f for f in definition.fields if f.name.value in kept)
    for field in definition.fields:
        field.description, field.directives = None, ()
        used.add(named(field.type))
        if hasattr(field, "arguments"):
            field.arguments = tuple(a for a in field.arguments if a.name.value in kept[field.name.value].split())
            for argument in field.arguments:
                argument.description = None
                used.add(named(argument.type))


def main():
    document = graphql.parse(sys.stdin.read())
    used, seen, out = set(KEEP), set(), []
    definitions = {}
    for definition in document.definitions:
        if isinstance(definition, language.TypeDefinitionNode):
            definitions.setdefault(definition.name.value, definition)
    while used - seen:
        for name in sorted(used - seen):
            seen.add(name)
            if name in {"Int", "String", "Boolean", "ID", "Float"} or name not in definitions:
                continue
            composite = not isinstance(definitions[name], (language.ScalarTypeDefinitionNode, language.EnumTypeDefinitionNode))
            if composite and name not in KEEP:
                sys.exit(f"{name} is used, but not kept")
            cut(definitions[name], used)
            out.append(definitions[name])
    out.sort(key=lambda d: d.name.value)
    text = "\n\n".join(graphql.print_ast(d) for d in out)
    print("# Cut from GitHub's public schema by cut_schema.py.\n" + text)


main()
