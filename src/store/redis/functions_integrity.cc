#include "store/redis/function_code.h"

namespace ghstats::store {

// Marks say what should be there. A structure with less than its mark has lost something: the mark becomes what is
// there, nobody claims any longer that it is whole, and the data gets another name, so that readers load it anew and
// tell what they remember. One with more was written by a version without marks, or has no mark yet, and is adopted.
const std::string_view kIntegrityCode = R"lua(
local function lose(s, what) s.lost[#s.lost + 1] = what end

-- In the way of no clock: only adds what rows lack of their events. Returns the series they show.
recount = function(s, repo)
  local row_key = s.prefix .. 'rows:' .. repo
  local rows, users = {}, {}
  local stored = redis.call('HGETALL', row_key)
  for i = 1, #stored, 2 do
    local mask, forgotten = unpack_row(stored[i + 1])
    rows[stored[i]] = {mask = mask, forgotten = forgotten, stored_mask = mask, stored_forgotten = forgotten}
    users[#users + 1] = stored[i]
  end
  local events = redis.call('HGETALL', s.prefix .. 'e:' .. repo)
  for i = 1, #events, 2 do
    local field, value = events[i], events[i + 1]
    if #field > 0 and #value >= 10 then
      local _, at = unpack_bytes('>I5I5', value)
      local user = sub(value, 11)
      if not rows[user] then
        rows[user] = {mask = 0, forgotten = 0}
        users[#users + 1] = user
      end
      rows[user].mask = bit.bor(rows[user].mask, mask_of(s, byte(field), at))
    end
  end
  save_rows(row_key, rows, users)
  local shown = 0
  for i = 1, #users do shown = shown + shown_by(rows[users[i]].mask) end
  count_exactly(s, repo, #events / 2, redis.call('HLEN', row_key), shown)
  return shown
end

-- Series of a structure that were counted, as they were found. What a version without marks wrote is counted already.
local function correct_series(s, gone, counted, found)
  if gone or not s.marks then s.series = math.max(0, s.series + found - counted) end
end

local function check_repository(s, repo, mark)
  local entries, rows, series = unpack_mark(mark)
  local has = redis.call('HLEN', s.prefix .. 'e:' .. repo)
  local has_rows = redis.call('HLEN', s.prefix .. 'rows:' .. repo)
  local gone = has < entries or has_rows < rows
  if gone then lose(s, 'repository ' .. repo) end
  if not s.mends then return end
  if has + has_rows > 0 and redis.call('SADD', s.prefix .. 'repos', repo) == 1 then
    count(s, 'repos', 1)
    lose(s, 'repos')
  end
  if has == entries and has_rows == rows then return end
  if gone then
    s.bereft[repo] = true
    for family = 0, 15 do count(s, 'cp', -redis.call('HDEL', s.prefix .. 'cp', repo .. ':' .. family)) end
  end
  correct_series(s, gone, series, recount(s, repo))
end

local function check_instance(s, what, mark)
  local entries = unpack_mark(mark)
  local has = redis.call('HLEN', s.prefix .. what)
  if has < entries then lose(s, what) end
  if not s.mends then return end
  if has ~= entries then count_exactly(s, what, has, 0, 0) end
  local instance = sub(what, 3)
  if has > 0 and instance ~= kPast and redis.call('HSETNX', s.prefix .. 'replicas', instance, integer(s.now)) == 1 then
    count(s, 'replicas', 1)
    lose(s, 'replicas')
  end
end

local function check_plain(s, what, has, mark)
  local entries = unpack_mark(mark)
  if has < entries then lose(s, what) end
  if s.mends and has ~= entries then count_exactly(s, what, has, 0, 0) end
end

local function check_loc(s, mark)
  local key = s.prefix .. 'loc'
  local entries, _, series = unpack_mark(mark)
  local has, found = redis.call('HLEN', key), 0
  if has < entries then lose(s, 'loc') end
  if not s.mends or has == entries then return end
  local stored = redis.call('HGETALL', key)
  for i = 2, #stored, 2 do
    if #stored[i] >= 31 then found = found + unpack_bytes('>I4', stored[i], 9) end
  end
  count_exactly(s, 'loc', has, 0, found)
  correct_series(s, has < entries, series, found)
end

-- A slot without its values, or the other way round, would be taken for told: it goes, to be told again.
local function check_slots(s, mark)
  local slots, values = s.prefix .. 'slots', s.prefix .. 'values'
  local entries, value_entries, series = unpack_mark(mark)
  local has, has_values = redis.call('HLEN', slots), redis.call('HLEN', values)
  local gone = has < entries or has_values < value_entries
  if gone then lose(s, 'gauges') end
  if not s.mends or (has == entries and has_values == value_entries) then return end
  local stored, known, both, found = redis.call('HGETALL', slots), {}, 0, 0
  local names = redis.call('HKEYS', values)
  for i = 1, #names do known[names[i]] = true end
  for i = 1, #stored, 2 do
    if known[stored[i]] then
      known[stored[i]] = nil
      both = both + 1
      if #stored[i + 1] >= 9 then found = found + unpack_bytes('>I4', stored[i + 1], 6) end
    else
      redis.call('HDEL', slots, stored[i])
    end
  end
  for name in pairs(known) do redis.call('HDEL', values, name) end
  count_exactly(s, 'slots', both, both, found)
  correct_series(s, gone, series, found)
end

-- Marks that cannot be relied on, or are not complete yet, go: everything is adopted as it is found.
local function check_marks(s)
  local key = s.prefix .. 'marks'
  local has = redis.call('HLEN', key)
  if s.marks and has < s.marks then
    lose(s, 'marks')
    if s.mends then disclaim(s) end
  end
  if not s.mends then return end
  if s.incarnation == '' or (not s.has_position and redis.call('EXISTS', s.prefix .. 'feed') == 1) then
    lose(s, 'meta')
    if not s.marks then disclaim(s) end
  end
  if s.marks and has > s.marks then s.marks, s.restored = has, true end
  if s.marks and has >= s.marks then return end
  redis.call('DEL', key)
  redis.call('HDEL', s.prefix .. 'meta', 'marks')
  s.marks, s.series = nil, 0
end

-- Everything there is only one of; answers whether the marks of the others are complete.
local function check_single(s)
  if not s.marks and not s.mends then return 'incomplete' end
  check_marks(s)
  local whats = {'names', 'cp', 'replicas', 'folded', 'repos', 'loc', 'slots'}
  local marks = redis.call('HMGET', s.prefix .. 'marks', unpack(whats))
  for i = 1, 4 do check_plain(s, whats[i], redis.call('HLEN', s.prefix .. whats[i]), marks[i]) end
  check_plain(s, 'repos', #redis.call('SMEMBERS', s.prefix .. 'repos'), marks[5])
  check_loc(s, marks[6])
  check_slots(s, marks[7])
  return s.marks and 'complete' or 'incomplete'
end

local function check_one(s, what, mark)
  if sub(what, 1, 2) == 'c:' then
    check_instance(s, what, mark)
  elseif string.find(what, '^%d+$') then
    check_repository(s, what, mark)
  end
end

local function check_named(s)
  for _ = 1, tonumber(take(s)) do
    local what = take(s)
    check_one(s, what, redis.call('HGET', s.prefix .. 'marks', what))
  end
  return '0'
end

local function check_marked(s) return scan(s, 'marks', function(what, mark) check_one(s, what, mark) end) end

-- From now on less than this is a loss.
local function complete_marks(s)
  local key = s.prefix .. 'marks'
  redis.call('HSET', key, 'meta', '')
  s.marks, s.restored = redis.call('HLEN', key), true
  return '0'
end

local checks = {single = check_single, named = check_named, marked = check_marked, complete = complete_marks}

local function check(keys, argv)
  local s, refusal = open(keys, argv)
  if not s then return refusal end
  if superseded(s) then return {'superseded', s.current_epoch} end
  s.lost, s.bereft, s.mends = {}, {}, take(s) == '1'
  local answer = {'ok', 0, checks[take(s)](s)}
  if s.mends then
    s.renewed = #s.lost > 0
    if s.renewed then s.weight = s.weight + 1 end
    end_memberships(s, s.bereft)
    local before = s.incarnation
    close(s)
    carry_coverage(s, before)
  end
  answer[2] = s.series
  for i = 1, #s.lost do answer[#answer + 1] = s.lost[i] end
  return answer
end
)lua";

}  // namespace ghstats::store
