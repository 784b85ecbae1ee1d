# Where setup_prometheus unpacks Debian's prometheus package; sourced.
# shellcheck shell=bash disable=SC2034
prometheus_home=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/github-stats-exporter/prometheus
prometheus_bin=$prometheus_home/usr/bin
