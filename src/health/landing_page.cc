#include "health/landing_page.h"

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "base/time_format.h"

namespace ghstats::health {
namespace {

constexpr std::string_view kStyle =
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:46rem;padding:0 1rem;"
    "color:#1f2328;background:#fff}"
    "@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}a{color:#4493f8}}"
    "table{border-collapse:collapse}td,th{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}";

std::string escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string row(std::string_view name, std::string_view value) {
  return fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", escape(name), escape(value));
}

std::string link(std::string_view path, std::string_view text) {
  return fmt::format("<li><a href=\"{}\">{}</a> {}</li>\n", escape(path), escape(path), escape(text));
}

std::string_view component_state(const ComponentStatus& status) {
  if (!status.used) return "not used";
  if (!status.healthy) return "not healthy";
  return status.fallback ? "replaced by a fallback" : "healthy";
}

std::string reasons(const HealthSnapshot& snapshot) {
  if (snapshot.verdict.reasons.empty()) return {};
  std::string html = "<h2>What is wrong</h2>\n<ul>\n";
  for (const auto& reason : snapshot.verdict.reasons) html += fmt::format("<li>{}</li>\n", escape(reason));
  return html + "</ul>\n";
}

std::string component_table(const HealthSnapshot& snapshot) {
  std::string html = "<h2>Components</h2>\n<table>\n";
  for (const auto& component : components()) {
    const auto& status = snapshot.components[static_cast<std::size_t>(component.id)];
    if (!component.only_full) html += row(component.name, component_state(status));
  }
  return html + "</table>\n";
}

std::string leader_rows(const LeaderView& leader) {
  std::string html;
  if (!leader.elected_by.empty()) html += row("Leader elected by", leader.elected_by);
  if (!leader.leader.empty()) html += row("Leader", leader.leader);
  if (leader.since) html += row("Leads since", format_rfc3339(*leader.since));
  if (leader.epoch != 0) html += row("Epoch", fmt::to_string(leader.epoch));
  if (!leader.last_end.empty()) html += row("Its last leadership ended", leader.last_end);
  return html;
}

async::Task<http::ServerResponse> reply(std::string html) {
  auto response = http::text_response(200, "text/html; charset=utf-8", std::move(html));
  response.headers.add("Cache-Control", "no-store");
  response.headers.add("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
  response.headers.add("X-Content-Type-Options", "nosniff");
  co_return response;
}

}  // namespace

std::string landing_page(const ProgramDescription& program, const HealthSnapshot& snapshot) {
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n"
      "<p>Who did what in your GitHub organisations, for Prometheus.</p>\n<table>\n",
      escape(program.name), kStyle);
  html += row("Version", program.version);
  html += row("Role", to_string(snapshot.role));
  html += leader_rows(snapshot.leader);
  html += row("Health", to_string(snapshot.verdict.mode));
  html += row("Ready", snapshot.verdict.ready ? "yes" : "no");
  if (!program.scrape_target.empty()) html += row("Scrape target", program.scrape_target);
  html += "</table>\n<ul>\n";
  html += link(program.metrics_path, "what Prometheus scrapes");
  html += link("/healthz", "health as JSON");
  html += link("/healthz?full=1", "health with details");
  html += link("/readyz", "readiness");
  html += link("/livez", "liveness");
  html += "</ul>\n" + reasons(snapshot) + component_table(snapshot) + "</body>\n</html>\n";
  return html;
}

void add_landing_page(http::Router& router, ProgramDescription program, std::shared_ptr<const HealthBoard> board) {
  router.add("GET", "/", [program = std::move(program), board = std::move(board)](const http::ServerRequest&) {
    return reply(landing_page(program, *board->current()));
  });
}

}  // namespace ghstats::health
