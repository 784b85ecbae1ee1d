# Where setup_rabbitmq unpacks Debian's rabbitmq-server package and its Erlang; sourced.
# shellcheck shell=bash disable=SC2034
rabbitmq_home=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/github-stats-exporter/rabbitmq
rabbitmq_bin=$rabbitmq_home/usr/lib/rabbitmq/bin:$rabbitmq_home/usr/lib/erlang/bin
