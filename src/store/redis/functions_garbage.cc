#include "store/redis/function_code.h"

namespace ghstats::store {

const std::string_view kGarbageCode = R"lua(
-- HSCAN a step further: calls visit(field, value) for each, returns where to go on ('0': nowhere).
local function scan(s, key, visit)
  local page = redis.call('HSCAN', s.prefix .. key, take(s), 'COUNT', 500)
  for i = 1, #page[2], 2 do visit(page[2][i], page[2][i + 1]) end
  return page[1]
end

-- Rows are what their events make them: events too old to count become the time of a row that has forgotten them.
local function collect_repository(s)
  local repo, series_before = take(s), s.series
  local events, row_key = s.prefix .. 'e:' .. repo, s.prefix .. 'rows:' .. repo
  local rows, users = {}, {}
  local stored = redis.call('HGETALL', row_key)
  for i = 1, #stored, 2 do
    local mask, forgotten = unpack_row(stored[i + 1])
    rows[stored[i]] = {mask = 0, forgotten = forgotten, alive = false, stored_mask = mask, stored_forgotten = forgotten}
    users[#users + 1] = stored[i]
  end
  local all, old = redis.call('HGETALL', events), {}
  for i = 1, #all, 2 do
    local field, value = all[i], all[i + 1]
    if #field == 0 or #value < 10 then
      old[#old + 1] = field  -- damaged: nobody can read it
    else
      local _, at = unpack_bytes('>I5I5', value)
      local user = sub(value, 11)
      local row = rows[user]
      if not row then
        row = {mask = 0, forgotten = 0, alive = false, stored_mask = 0, stored_forgotten = 0}
        rows[user] = row
        users[#users + 1] = user
      end
      if at <= s.horizon then
        old[#old + 1] = field
        row.forgotten = math.max(row.forgotten, at)
      else
        row.alive = true
        row.mask = bit.bor(row.mask, at > s.shown_after and bit_of(byte(field)) or 0)
        if at > s.retained_after then row.mask = bit.bor(row.mask, kShownLast) end
      end
    end
  end
  local removed = call_in_parts('HDEL', events, old)
  local changes, over = {}, {}
  for i = 1, #users do
    local row = rows[users[i]]
    if row.forgotten > s.retained_after then row.mask = bit.bor(row.mask, kShownLast) end
    s.series = s.series - shown_by(row.stored_mask) + shown_by(row.mask)
    if not row.alive and row.forgotten <= s.retained_after then
      over[#over + 1] = users[i]
    elseif row.mask ~= row.stored_mask or row.forgotten ~= row.stored_forgotten then
      changes[#changes + 1] = users[i]
      changes[#changes + 1] = pack_row(row)
    end
  end
  local added = call_in_parts('HSET', row_key, changes) - call_in_parts('HDEL', row_key, over)
  count(s, repo, -removed, added, s.series - series_before)
  if redis.call('EXISTS', events, row_key) == 0 then
    count(s, 'repos', -redis.call('SREM', s.prefix .. 'repos', repo))
  end
  return '0'
end

local function collect_checkpoints(s)
  return scan(s, 'cp', function(field, value)
    if #value < 13 or unpack_bytes('>I5', value, 9) <= s.retained_after then
      count(s, 'cp', -redis.call('HDEL', s.prefix .. 'cp', field))
    end
  end)
end

-- Members have no time of their own.
local function collect_coverage(s)
  return scan(s, 'cov', function(org, stored)
    local record = unpack_coverage(stored, s.incarnation)
    if not record or record.noted <= s.retained_after then forget_coverage(s, org) end
  end)
end

local function collect_loc(s)
  local limit = take(s)
  return scan(s, 'loc', function(repo, value)
    local readable = long_enough(value, 31)
    if not readable or not less(limit, sub(value, 1, 8)) then
      local series = readable and unpack_bytes('>I4', value, 9) or 0
      s.series = s.series - series
      count(s, 'loc', -redis.call('HDEL', s.prefix .. 'loc', repo), 0, -series)
      tell(s, 1, 'X', repo)
    end
  end)
end

local function collect_slots(s)
  return scan(s, 'slots', function(slot, value)
    local renewed, samples = 0, 0
    if long_enough(value, 9) then renewed, samples = unpack_bytes('>I5I4', value) end
    if renewed <= s.retained_after then
      s.series = s.series - samples
      local slots = redis.call('HDEL', s.prefix .. 'slots', slot)
      count(s, 'slots', -slots, -redis.call('HDEL', s.prefix .. 'values', slot), -samples)
      tell(s, 1, 'V', slot, '')
    end
  end)
end

-- A name is needed as long as the repository is collected or has anything to show.
local function collect_names(s)
  local p = s.prefix
  return scan(s, 'names', function(repo, name)
    if redis.call('EXISTS', p .. 'e:' .. repo, p .. 'rows:' .. repo) > 0 then return end
    if redis.call('HEXISTS', p .. 'loc', repo) == 1 or is_member(s, repo, name) then return end
    for family = 0, kFamilies - 1 do
      if redis.call('HEXISTS', p .. 'cp', repo .. ':' .. family) == 1 then return end
    end
    count(s, 'names', -redis.call('HDEL', p .. 'names', repo))
  end)
end

-- The totals of an instance that has been silent for longer than retention go over to the past, in one step.
local function collect_instances(s)
  local beats = redis.call('HGETALL', s.prefix .. 'replicas')
  for i = 1, #beats, 2 do
    if not whole(beats[i + 1]) then
      redis.call('HSET', s.prefix .. 'replicas', beats[i], integer(s.now))  -- damaged: as if it had spoken just now
    elseif whole(beats[i + 1]) <= s.retained_after then
      local totals = redis.call('HGETALL', s.prefix .. 'c:' .. beats[i])
      for t = 1, #totals, 2 do
        local past = unpack_total(redis.call('HGET', s.prefix .. 'c:' .. kPast, totals[t]))
        local total = unpack_total(totals[t + 1])
        if total then raise(s, kPast, totals[t], pack('>d', (past or 0) + total)) end
      end
      forget_instance(s, beats[i])
    end
  end
  local folded = redis.call('HGETALL', s.prefix .. 'folded')
  for i = 1, #folded, 2 do
    if (whole(folded[i + 1]) or 0) <= s.retained_after then
      count(s, 'folded', -redis.call('HDEL', s.prefix .. 'folded', folded[i]))
    end
  end
  return '0'
end

local collectors = {
  repository = collect_repository, checkpoints = collect_checkpoints, coverage = collect_coverage,
  loc = collect_loc, slots = collect_slots, names = collect_names, instances = collect_instances,
}

local function collect(keys, argv)
  local s, refusal = open(keys, argv)
  if not s then return refusal end
  if superseded(s) then return {'superseded', s.current_epoch} end
  local next_cursor = collectors[take(s)](s)
  close(s)
  return {'ok', s.series, next_cursor}
end
)lua";

}  // namespace ghstats::store
