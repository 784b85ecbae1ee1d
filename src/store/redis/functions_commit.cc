#include "store/redis/function_code.h"

namespace ghstats::store {

const std::string_view kCommitCode = R"lua(
local function apply_names(s)
  local key = s.prefix .. 'names'
  for _ = 1, tonumber(take(s)) do
    local repo, name = take(s), take(s)
    if redis.call('HGET', key, repo) ~= name then
      count(s, 'names', redis.call('HSET', key, repo, name))
      tell(s, 1, 'N', repo, name)
    end
  end
end

-- The rows of the users that `values` name, by user.
local function load_rows(key, values)
  local users, rows = {}, {}
  for i = 1, #values do
    local user = sub(values[i], 11)
    if not rows[user] then
      rows[user] = {mask = 0, forgotten = 0}
      users[#users + 1] = user
    end
  end
  local stored = fields_in_parts(key, users)
  for i = 1, #users do
    local row = rows[users[i]]
    row.mask, row.forgotten = unpack_row(stored[i])
    row.stored_mask, row.stored_forgotten = row.mask, row.forgotten
  end
  return rows, users
end

local function show(s, row, mask)
  local shown = bit.bor(row.mask, mask)
  if shown == row.mask then return end  -- nearly always
  s.series = s.series + shown_by(shown) - shown_by(row.mask)
  row.mask = shown
end

-- What a user's event at this time shows; of the future, too: it will.
local function mask_of(s, kind, at)
  local mask = 0
  if at > s.shown_after then mask = bit_of(kind) end
  if at > s.retained_after then mask = mask + kShownLast end
  return mask
end

-- Returns how many are new.
local function save_rows(key, rows, users)
  local changes = {}
  for i = 1, #users do
    local row = rows[users[i]]
    if row.mask ~= row.stored_mask or row.forgotten ~= row.stored_forgotten then
      changes[#changes + 1] = users[i]
      changes[#changes + 1] = pack_row(row)
    end
  end
  return call_in_parts('HSET', key, changes)
end

-- A repository that is new in the list, and was not new: whoever lost the list may have lost its mark, too, and then its
-- series have not been counted.
local function enlist(s, repo, events_added)
  if redis.call('SADD', s.prefix .. 'repos', repo) == 0 then return end
  count(s, 'repos', 1)
  if redis.call('HLEN', s.prefix .. 'e:' .. repo) <= events_added then return end
  if redis.call('HEXISTS', s.prefix .. 'marks', repo) == 1 then return end
  local counted = s.counts[repo] and s.counts[repo][3] or 0
  s.series = s.series + recount(s, repo) - counted
end

-- The same of an instance, after its totals.
local function enlist_instance(s, instance)
  local what = 'c:' .. instance
  count(s, 'replicas', 1)
  if redis.call('HEXISTS', s.prefix .. 'marks', what) == 0 then
    count_exactly(s, what, redis.call('HLEN', s.prefix .. what), 0, 0)
  end
end

-- The events of one repository. Of two tellings the greater (version, at, user) wins, as in ledger.h.
local function apply_group(s)
  local repo, told_events = take(s), tonumber(take(s))
  local series_before, known_before = s.series, s.known
  local fields, values = {}, {}
  for i = 1, told_events do
    fields[i], values[i] = take(s), take(s)
  end
  local events, row_key = s.prefix .. 'e:' .. repo, s.prefix .. 'rows:' .. repo
  local stored = fields_in_parts(events, fields)
  local known = {}
  for i = 1, told_events do
    local value = stored[i]
    if value and #value >= 10 then known[fields[i]] = value end
  end
  local rows, users = load_rows(row_key, values)

  local writes, refused, parts, told = {}, {}, {}, 0
  for i = 1, told_events do
    local field, value = fields[i], values[i]
    local before, kind, row = known[field], byte(field), rows[sub(value, 11)]
    local _, at = unpack_bytes('>I5I5', value)
    local write, publish = false, false
    if before then
      write = less(before, value)
      publish = write and sub(before, 6) ~= sub(value, 6)
      if publish then s.changed = s.changed + 1 else s.known = s.known + 1 end
    elseif at == 0 then
      s.known = s.known + 1  -- taken back, and not known
    elseif s.series >= s.budget and bit.band(row.mask, bit_of(kind)) == 0 then
      local series = sub(value, 11) .. '/' .. kind
      if not refused[series] then s.refused = s.refused + 1 end
      refused[series] = true
      s.incomplete[repo] = true
    elseif at > s.horizon then
      write, publish = true, true
      s.new = s.new + 1
    elseif at > row.forgotten then
      publish = true
      s.new = s.new + 1
      row.forgotten = at
    else
      s.known = s.known + 1
    end
    if write then
      known[field] = value
      writes[#writes + 1] = field
      writes[#writes + 1] = value
    end
    if publish then
      show(s, row, mask_of(s, kind, at))
      told = told + 1
      local n = #parts
      parts[n + 1] = pack('>I2', #field)
      parts[n + 2] = field
      parts[n + 3] = pack('>I2', #value)
      parts[n + 4] = value
    end
  end
  local added = call_in_parts('HSET', events, writes)
  count(s, repo, added, save_rows(row_key, rows, users), s.series - series_before)
  if told > 0 or s.known > known_before then enlist(s, repo, added) end
  if told > 0 then tell(s, told, 'E', repo, concat(parts)) end
end

-- Last events whose events are forgotten elsewhere, and were never here or are lost.
local function apply_last_events(s)
  for _ = 1, tonumber(take(s)) do
    local repo, last = take(s), take(s)
    local at, user, row_key = unpack_bytes('>I5', last), sub(last, 6), s.prefix .. 'rows:' .. repo
    local row = {}
    row.mask, row.forgotten = unpack_row(redis.call('HGET', row_key, user))
    if at > row.forgotten and at > s.retained_after then
      if s.series >= s.budget and bit.band(row.mask, kShownLast) == 0 then
        s.refused = s.refused + 1
      else
        local series_before = s.series
        show(s, row, kShownLast)
        row.forgotten = at
        local added = redis.call('HSET', row_key, user, pack_row(row))
        count(s, repo, 0, added, s.series - series_before)
        enlist(s, repo, 0)
        tell(s, 1, 'R', repo, last)
      end
    end
  end
end

-- What is kept of a slot beside its samples: seconds, their number, a digest (of a set that was cut: none) and the
-- edition, if it has one. Nil when there is nothing, or nothing that can be read.
local kNoDigest = string.rep('\0', 8)
local function unpack_slot(stored)
  if not long_enough(stored, 9) then return nil end
  return {samples = unpack_bytes('>I4', stored, 6), digest = sub(stored, 10, 17), edition = sub(stored, 18)}
end

local function pack_slot(s, samples, digest, edition)
  if edition ~= '' and digest == '' then digest = kNoDigest end
  return pack('>I5I4', s.now, samples) .. digest .. edition
end

-- Editions sort by their rank, the first eight bytes.
local function is_outdated(edition, stored)
  return stored and #edition >= 8 and #stored.edition >= 8 and less(sub(edition, 1, 8), sub(stored.edition, 1, 8))
end

local function put_slot(s, slot, stored, set)
  local values, slots = s.prefix .. 'values', s.prefix .. 'slots'
  local before, samples, digest, packed = stored and stored.samples or 0, set.samples, set.digest, set.packed
  local allowed = before + math.max(0, s.budget - s.series)
  if samples > allowed then
    s.refused = s.refused + samples - allowed
    if set.edition ~= '' then return end
    samples, digest = allowed, ''
    packed = sub(packed, 1, unpack_bytes('>I4', set.ends, 4 * allowed + 1))
  end
  s.series = s.series - before + samples
  local remains = samples > 0 or set.edition ~= ''
  local more_slots, more_values = 0, 0
  if remains then
    more_slots = redis.call('HSET', slots, slot, pack_slot(s, samples, digest, set.edition))
  else
    more_slots = -redis.call('HDEL', slots, slot)
  end
  local same = stored and digest ~= '' and digest == stored.digest and samples == before
  if not same and (stored or remains) then
    if remains then
      more_values = redis.call('HSET', values, slot, packed)
    else
      more_values = -redis.call('HDEL', values, slot)
    end
    tell(s, samples + 1, 'V', slot, packed)
  end
  count(s, 'slots', more_slots, more_values, samples - before)
end

local function apply_slots(s)
  for _ = 1, tonumber(take(s)) do
    local slot, set = take(s), {edition = take(s), samples = tonumber(take(s))}
    set.digest, set.ends, set.packed = take(s), take(s), take(s)
    local stored = unpack_slot(redis.call('HGET', s.prefix .. 'slots', slot))
    if is_outdated(set.edition, stored) then
      s.outdated = s.outdated + 1
    else
      put_slot(s, slot, stored, set)
    end
  end
end

-- As replaces() in lines_of_code.h: bytes 1 to 8 are when it was asked for, 24 to 31 the week.
local kNoWeek = string.char(128, 0, 0, 0, 0, 0, 0, 0)
local function loc_replaces(value, stored)
  local week, stored_week = sub(value, 24, 31), sub(stored, 24, 31)
  if week == kNoWeek and stored_week ~= kNoWeek then return false end
  local asked, stored_asked = sub(value, 1, 8), sub(stored, 1, 8)
  if asked ~= stored_asked then return less(stored_asked, asked) end
  return not less(week, stored_week)
end

local function apply_loc(s)
  local key = s.prefix .. 'loc'
  for _ = 1, tonumber(take(s)) do
    local repo, value = take(s), take(s)
    local stored = long_enough(redis.call('HGET', key, repo), 31)
    if not stored or loc_replaces(value, stored) then
      local before = stored and unpack_bytes('>I4', stored, 9) or 0
      local after = unpack_bytes('>I4', value, 9)
      if after > before and after - before > math.max(0, s.budget - s.series) then
        s.refused = s.refused + after - before
      else
        s.series = s.series - before + after
        if stored ~= value then
          count(s, 'loc', redis.call('HSET', key, repo, value), 0, after - before)
          tell(s, math.floor(after / 2) + 1, 'L', repo, value)
        end
      end
    end
  end
end

-- Totals only grow, so the greater one is the later one, however often and in whatever order they come.
-- `anew`: readers could not find the instance, so they are told whatever they should have found.
local function raise(s, instance, key, total, anew)
  local what = 'c:' .. instance
  local totals = s.prefix .. what
  local known = redis.call('HGET', totals, key)
  local stored = unpack_total(known)
  if stored and stored >= unpack_bytes('>d', total) then
    if anew then tell(s, 1, 'C', instance, key, known) end
    return
  end
  count(s, what, redis.call('HSET', totals, key, total))
  tell(s, 1, 'C', instance, key, total)
end

-- What is stored and later than `latest` was written by a clock that was wrong, and may go back.
local function apply_checkpoints(s)
  local key, checkpoints = s.prefix .. 'cp', tonumber(take(s))
  local latest = checkpoints > 0 and take(s)
  for _ = 1, checkpoints do
    local repo, family, until_, continues = take(s), take(s), take(s), take(s)
    local field = repo .. ':' .. family
    local known = long_enough(redis.call('HGET', key, field), 8)
    known = known and sub(known, 1, 8)
    local gap = continues ~= '' and (not known or less(known, continues))
    if not gap and not s.incomplete[repo] then
      if known and not less(latest, known) and less(until_, known) then until_ = known end
      count(s, 'cp', redis.call('HSET', key, field, until_ .. pack('>I5', s.now)))
    end
  end
end

-- Two environments whose replicas live at the same time mix their pages: each is told of the others.
local kHeardOf = 30  -- seconds: six heartbeats
local function note_environment(s)
  local others, key = {}, s.prefix .. 'environments'
  if s.environment == '' then return others end
  local known = redis.call('HGETALL', key)
  for i = 1, #known, 2 do
    local heard = whole(known[i + 1]) or 0
    if known[i] ~= s.environment then
      if heard > s.now - kHeardOf then
        others[#others + 1] = known[i]
      elseif heard <= s.retained_after then
        redis.call('HDEL', key, known[i])
      end
    end
  end
  redis.call('HSET', key, s.environment, integer(s.now))
  return others
end

local function commit(keys, argv)
  local s, refusal = open(keys, argv)
  if not s then return refusal end
  if superseded(s) then return {'superseded', s.current_epoch} end
  if s.expected ~= '' and s.expected ~= s.incarnation then return {'flushed'} end
  if redis.call('HEXISTS', s.prefix .. 'folded', s.instance) == 1 then return {'folded'} end
  s.new, s.changed, s.known, s.refused, s.outdated, s.incomplete = 0, 0, 0, 0, 0, {}
  apply_names(s)
  for _ = 1, tonumber(take(s)) do apply_group(s) end
  apply_last_events(s)
  apply_slots(s)
  apply_loc(s)
  local counters = tonumber(take(s))
  for _ = 1, counters do
    local key, total = take(s), take(s)
    raise(s, s.instance, key, total)
  end
  if counters > 0 or s.beats then
    local is_new = redis.call('HSET', s.prefix .. 'replicas', s.instance, integer(s.now)) == 1
    if is_new then enlist_instance(s, s.instance) end
  end
  apply_checkpoints(s)
  end_memberships(s, s.incomplete)
  local coverage_serial, claim_refused = note_coverage(s)
  close(s)
  local answer = {'ok', s.series, s.new, s.changed, s.known, s.refused, s.outdated, s.incarnation, coverage_serial,
                  claim_refused}
  local environments = s.beats and note_environment(s) or {}
  answer[#answer + 1] = #environments
  for i = 1, #environments do answer[#answer + 1] = environments[i] end
  for repo in pairs(s.incomplete) do answer[#answer + 1] = repo end
  return answer
end

local function forget_instance(s, instance)
  redis.call('DEL', s.prefix .. 'c:' .. instance)
  count_exactly(s, 'c:' .. instance, 0, 0, 0)
  count(s, 'replicas', -redis.call('HDEL', s.prefix .. 'replicas', instance))
  count(s, 'folded', redis.call('HSET', s.prefix .. 'folded', instance, integer(s.now)))
  tell(s, 1, 'F', instance)
end

-- What a replica remembers and this Redis has lost: instances that were folded, then totals.
local function restore(keys, argv)
  local s, refusal = open(keys, argv)
  if not s then return refusal end
  local folded, anew = s.prefix .. 'folded', {}
  for _ = 1, tonumber(take(s)) do
    local instance = take(s)
    if redis.call('HEXISTS', folded, instance) == 0 then forget_instance(s, instance) end
  end
  for _ = 1, tonumber(take(s)) do
    local instance, key, total = take(s), take(s), take(s)
    if redis.call('HEXISTS', folded, instance) == 0 then
      if instance ~= kPast and redis.call('HSETNX', s.prefix .. 'replicas', instance, integer(s.now)) == 1 then
        anew[instance] = true
      end
      raise(s, instance, key, total, anew[instance])
    end
  end
  for instance in pairs(anew) do enlist_instance(s, instance) end
  close(s)
  return {'ok', s.series}
end
)lua";

}  // namespace ghstats::store
