#include "store/redis/function_code.h"

namespace ghstats::store {

const std::string_view kCommonCode = R"lua(
-- While a library is loaded there is nothing but `redis`: not even string. So everything is made by the first call.
local made
local function make()
if made then return made end

local kPast = 'past'   -- the instance that holds the totals of those that are gone
local kFormat = '1'    -- of what is in Redis (docs/store.md)
local kTooGreat = 9007199254740992  -- 2^53: from here on doubles are not exact

local recount  -- functions_integrity

local byte, sub, concat = string.byte, string.sub, table.concat
local pack, unpack_bytes = struct.pack, struct.unpack

local bits_of = {}
for mask = 0, 255 do
  local rest, count = mask, 0
  while rest > 0 do
    count = count + rest % 2
    rest = math.floor(rest / 2)
  end
  bits_of[mask] = count
end

-- Lua's own < on strings follows the server's locale.
local function less(a, b)
  if a == b then return false end
  for i = 1, math.min(#a, #b) do
    local x, y = byte(a, i), byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

-- What Redis holds may have been damaged: by hand, by another program. A whole number, or nil; tonumber() alone would
-- take 'inf', 'nan' and '0x10'.
local function whole(text)
  if not string.find(text, '^%d+$') then return nil end
  local number = tonumber(text)
  return number < kTooGreat and number or nil
end

-- What is too short, or no total at all, counts as missing: the next telling writes it anew.
local function long_enough(stored, size) return stored and #stored >= size and stored end

local function unpack_total(stored)
  if not long_enough(stored, 8) then return nil end
  local total = unpack_bytes('>d', stored)
  return total >= 0 and total < math.huge and total or nil
end

-- Without these nothing can be decided, so nothing is written until somebody has looked.
local function damaged(what, key)
  return redis.error_reply('DAMAGED ' .. what .. ' of ' .. key .. ' is no whole number')
end

-- A version that has given the data a greater format writes what this one would spoil.
local function refuse_later_format(format, meta)
  if not format or format == kFormat then return nil end
  if not whole(format) then return damaged('format', meta) end
  if whole(format) > whole(kFormat) then return redis.error_reply('LATER format ' .. format .. ' of ' .. meta) end
end

-- The mask has a byte in front of the time and two behind it, which are left out while they are 0.
local function unpack_row(stored)
  if not long_enough(stored, 6) then return 0, 0 end
  local mask, forgotten = unpack_bytes('>I1I5', stored)
  if #stored >= 8 then mask = mask + 256 * unpack_bytes('>I2', stored, 7) end
  return mask, forgotten
end

local function pack_row(row)
  local later = math.floor(row.mask / 256)
  local stored = pack('>I1I5', row.mask % 256, row.forgotten)
  return later > 0 and stored .. pack('>I2', later) or stored
end

-- Series that a row with this mask shows.
local function shown_by(mask)
  if mask < 256 then return bits_of[mask] end
  return bits_of[mask % 256] + bits_of[math.floor(mask / 256) % 256] + bits_of[math.floor(mask / 65536)]
end

-- A kind that only later versions know shows nothing here.
local function bit_of(kind) return kShownKind[kind] or 0 end

local function integer(number) return string.format('%.0f', number) end

-- Lua's stack bounds how many arguments a call may have.
-- Returns the sum of the answers: of HSET and HDEL, how many fields were added or removed.
local function call_in_parts(command, key, arguments)
  local step, sum = 4000, 0
  for first = 1, #arguments, step do
    sum = sum + redis.call(command, key, unpack(arguments, first, math.min(first + step - 1, #arguments)))
  end
  return sum
end

local function fields_in_parts(key, fields)
  local step, out = 4000, {}
  for first = 1, #fields, step do
    local part = redis.call('HMGET', key, unpack(fields, first, math.min(first + step - 1, #fields)))
    for i = 1, #part do out[first + i - 1] = part[i] end
  end
  return out
end

-- The state of one call: the arguments every function begins with, and what Redis knows about the whole store. Or nil
-- and what to answer.
local function open(keys, argv)
  local s = {prefix = keys[1], at = 12, argv = argv}
  s.epoch, s.instance, s.candidate = argv[1], argv[2], argv[3]
  s.now, s.horizon, s.shown_after = tonumber(argv[4]), tonumber(argv[5]), tonumber(argv[6])
  s.retained_after, s.budget, s.feed_length = tonumber(argv[7]), tonumber(argv[8]), tonumber(argv[9])
  s.expected, s.beats, s.environment = argv[10], argv[11] == '1', argv[12]
  local meta = redis.call('HMGET', s.prefix .. 'meta', 'epoch', 'position', 'series', 'marks', 'incarnation', 'format')
  if not (meta[1] and meta[3] and meta[4] and meta[5]) then
    local copy = redis.call('HGET', s.prefix .. 'marks', 'meta')
    local epoch, series, marks = string.match(copy or '', '^(%d+) (%d+) (%d+)$')
    meta[1], meta[3], meta[4] = meta[1] or epoch, meta[3] or series, meta[4] or marks
    s.restored = epoch and true
  end
  s.current_epoch, s.has_position = meta[1] or '0', meta[2] and true
  for i, field in ipairs({'epoch', 'position', 'series', 'marks'}) do
    if meta[i] and not whole(meta[i]) then return nil, damaged(field, s.prefix .. 'meta') end
  end
  local refusal = refuse_later_format(meta[6], s.prefix .. 'meta')
  if refusal then return nil, refusal end
  s.position, s.series, s.marks = whole(meta[2] or '0'), whole(meta[3] or '0'), meta[4] and whole(meta[4])
  s.series_before = s.series
  s.incarnation = meta[5] or ''
  s.parts, s.weight = {}, 0
  s.counts, s.counted = {}, {}
  return s
end

-- Whether a later leader has begun. A leader later than Redis knows was made by a Redis that forgot it, and goes on.
local function superseded(s)
  if s.epoch == '' then return false end
  local epoch, current = tonumber(s.epoch), tonumber(s.current_epoch)
  if epoch > current then
    redis.call('HSET', s.prefix .. 'meta', 'epoch', s.epoch)
    s.current_epoch, s.restored = s.epoch, true
  end
  return epoch < current
end

local function take(s)
  s.at = s.at + 1
  return s.argv[s.at]
end

-- The feed: an item is a type, and strings with their lengths.
local function tell(s, weight, type, ...)
  local parts = s.parts
  parts[#parts + 1] = type
  for i = 1, select('#', ...) do
    local text = select(i, ...)
    parts[#parts + 1] = pack('>I4', #text)
    parts[#parts + 1] = text
  end
  s.weight = s.weight + weight
end

-- What vouches for a structure: how many entries it was given, how many rows (of `slots`: values), and the series they
-- show. Counts follow the changes and are not taken from the data, so that what is lost is missing. functions_integrity.
local function count(s, what, entries, rows, series)
  rows, series = rows or 0, series or 0
  if entries == 0 and rows == 0 and series == 0 then return end
  local sums = s.counts[what]
  if not sums then
    sums = {0, 0, 0}
    s.counts[what] = sums
    s.counted[#s.counted + 1] = what
  end
  sums[1], sums[2], sums[3] = sums[1] + entries, sums[2] + rows, sums[3] + series
end

-- Whatever was counted before.
local function count_exactly(s, what, entries, rows, series)
  if not s.counts[what] then s.counted[#s.counted + 1] = what end
  s.counts[what] = {entries, rows, series, exact = true}
end

local function unpack_mark(mark)
  if not mark or #mark ~= 12 then return 0, 0, 0 end
  return unpack_bytes('>I4I4I4', mark)
end

-- Data begins to have a name. Checkpoints that are here already claim what nobody vouches for.
local function disown_checkpoints(prefix)
  if redis.call('HEXISTS', prefix .. 'marks', 'meta') == 0 then redis.call('DEL', prefix .. 'cp') end
end

local function save_state(s)
  local key, meta, changes, over, added = s.prefix .. 'marks', s.prefix .. 'meta', {}, {}, 0
  local stored = fields_in_parts(key, s.counted)
  for i = 1, #s.counted do
    local what = s.counted[i]
    local sums = s.counts[what]
    local entries, rows, series = unpack_mark(not sums.exact and stored[i])
    entries, rows, series = entries + sums[1], rows + sums[2], series + sums[3]
    if entries > 0 or rows > 0 or series > 0 then
      changes[#changes + 1] = what
      changes[#changes + 1] = pack('>I4I4I4', math.max(0, entries), math.max(0, rows), math.max(0, series))
      if not stored[i] then added = added + 1 end
    elseif stored[i] then
      over[#over + 1] = what
      added = added - 1
    end
  end
  local state = {}
  if s.series ~= s.series_before or added ~= 0 or s.restored then state = {'series', integer(s.series)} end
  if s.marks and #state > 0 then
    s.marks = s.marks + added
    state[3], state[4] = 'marks', integer(s.marks)
    if s.restored then state[5], state[6] = 'epoch', s.current_epoch end
    changes[#changes + 1] = 'meta'
    changes[#changes + 1] = concat({s.current_epoch, state[2], state[4]}, ' ')
  end
  call_in_parts('HSET', key, changes)
  call_in_parts('HDEL', key, over)
  if #state > 0 then redis.call('HSET', meta, unpack(state)) end
end

local function close(s)
  save_state(s)
  if s.weight == 0 then return end
  local meta, feed, tick = s.prefix .. 'meta', s.prefix .. 'feed', s.prefix .. 'tick'
  if not s.has_position then redis.call('DEL', feed, tick) end
  if s.incarnation == '' then disown_checkpoints(s.prefix) end
  if s.incarnation == '' or s.renewed then
    redis.call('HSET', meta, 'incarnation', s.candidate, 'format', kFormat)
    s.incarnation = s.candidate
  end
  local before, after = integer(s.position), integer(s.position + s.weight)
  redis.call('HSET', meta, 'position', after)
  redis.call('XADD', feed, 'MINID', '=', integer(math.max(0, s.position + s.weight - s.feed_length)), after .. '-1',
             'p', before, 'd', concat(s.parts))
  redis.call('XADD', tick, 'MAXLEN', '=', 1, after .. '-1', 't', '')
end
)lua";

const std::string_view kRegistrationCode = R"lua(
local function begin(keys, argv)
  local meta, marks = keys[1] .. 'meta', keys[1] .. 'marks'
  local copy = redis.call('HGET', marks, 'meta')
  local remembered = string.match(copy or '', '^%d+')
  local epoch = whole(redis.call('HGET', meta, 'epoch') or remembered or '0')
  if not epoch then return damaged('epoch', meta) end
  local refusal = refuse_later_format(redis.call('HGET', meta, 'format'), meta)
  if refusal then return refusal end
  if redis.call('HSETNX', meta, 'incarnation', argv[1]) == 1 then disown_checkpoints(keys[1]) end
  redis.call('HSETNX', meta, 'format', kFormat)
  redis.call('HSET', meta, 'environment', argv[3])
  epoch = integer(math.max(epoch + 1, tonumber(argv[2])))
  redis.call('HSET', meta, 'epoch', epoch)
  if remembered then redis.call('HSET', marks, 'meta', epoch .. sub(copy, #remembered + 1)) end
  return epoch
end

-- Gives data that is still to come its name, so that readers need not begin anew with the first write.
local function found(keys, argv)
  local meta = keys[1] .. 'meta'
  local refusal = refuse_later_format(redis.call('HGET', meta, 'format'), meta)
  if refusal then return refusal end
  redis.call('HSETNX', meta, 'format', kFormat)
  local is_new = redis.call('HSETNX', meta, 'incarnation', argv[1])
  if is_new == 1 then disown_checkpoints(keys[1]) end
  return is_new
end

local function claim(keys, argv)
  local refusal = refuse_later_format(redis.call('HGET', keys[2], 'format'), keys[2])
  if refusal then return refusal end
  local now, ttl = tonumber(argv[1]), tonumber(argv[2])
  local held = redis.call('GET', keys[1])
  if held and not whole(held) then return damaged('the end', keys[1]) end
  if held and whole(held) > now then return 0 end
  redis.call('SET', keys[1], integer(now + ttl), 'PX', integer(ttl + tonumber(argv[3])))
  return 1
end

local function draw(keys, argv)
  local refusal = refuse_later_format(redis.call('HGET', keys[2], 'format'), keys[2])
  if refusal then return refusal end
  local limit, wanted = tonumber(argv[1]), tonumber(argv[2])
  local drawn = whole(redis.call('GET', keys[1]) or '0')
  if not drawn then return damaged('the amount', keys[1]) end
  local granted = math.max(0, math.min(limit - drawn, wanted))
  if granted > 0 then redis.call('SET', keys[1], integer(drawn + granted), 'PX', argv[3]) end
  return granted
end

-- Notices and budgets go by this clock alone: those of replicas may differ.
local function microseconds()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end

-- When it ends and the rest, or nil; what is no notice says nothing.
local function read_notice(key)
  local ends, text = string.match(redis.call('GET', key) or '', '^(%d+) (.*)$')
  return ends and whole(ends), text
end

-- keys: meta, notices that bar, and the budget if there is one, which is kept as the time when it is full again.
local function admit(keys, argv)
  local refusal = refuse_later_format(redis.call('HGET', keys[1], 'format'), keys[1])
  if refusal then return refusal end
  local now, bars = microseconds(), tonumber(argv[1])
  for i = 1, bars do
    local ends, text = read_notice(keys[1 + i])
    if ends and ends > now then return {i, ends - now, text} end
  end
  local budget = keys[2 + bars]
  if not budget then return {0} end
  local points, capacity, per_point = tonumber(argv[2]), tonumber(argv[3]), tonumber(argv[4])
  local full = whole(redis.call('GET', budget) or '0') or 0
  -- No debt is greater than this: the clock went back.
  if full < now or full > now + 10 * capacity * per_point then full = now end
  local wait = full - now - (capacity - math.min(points, capacity)) * per_point
  if wait > 0 then return {bars + 1, wait, ''} end
  full = full + points * per_point
  if points > 0 then redis.call('SET', budget, integer(full), 'PX', integer(math.ceil((full - now) / 1000) + 1)) end
  return {0}
end

local function announce(keys, argv)
  local refusal = refuse_later_format(redis.call('HGET', keys[1], 'format'), keys[1])
  if refusal then return refusal end
  local left, now = tonumber(argv[1]), microseconds()
  local ends = read_notice(keys[2])
  if ends and ends > now + left then return 0 end
  redis.call('SET', keys[2], integer(now + left) .. ' ' .. argv[2], 'PX', integer(math.ceil(left / 1000)))
  return 1
end

local function announced(keys, argv)
  local now, found = microseconds(), {}
  for i = 1, #keys do
    local ends, text = read_notice(keys[i])
    if ends and ends > now then found[#found + 1] = {i, ends - now, text} end
  end
  return found
end

-- keys: lease, meta. The record of an election, replaced by who knows what is there.
local function lease(keys, argv)
  local refusal = refuse_later_format(redis.call('HGET', keys[2], 'format'), keys[2])
  if refusal then return refusal end
  local version = redis.call('HGET', keys[1], 'version') or ''
  if version ~= argv[1] then return version == '' and 'GONE' or 'OTHER' end
  redis.call('HSET', keys[1], 'version', argv[2], 'record', argv[3])
  return 'OK'
end

made = {
  commit = commit, restore = restore, collect = collect, check = check, begin = begin, found = found, claim = claim,
  draw = draw, admit = admit, announce = announce, announced = announced,
  lease = lease,
}
return made
end

local function register(name, flags)
  redis.register_function{
    function_name = '@LIBRARY@_' .. name,
    callback = function(keys, argv) return make()[name](keys, argv) end,
    flags = flags,
  }
end
register('commit', {})
register('restore', {})
register('collect', {'allow-oom'})
register('check', {'allow-oom'})
register('begin', {})
register('found', {})
register('claim', {})
register('draw', {})
register('admit', {})
register('announce', {})
register('announced', {})
register('lease', {'allow-oom'})
)lua";

}  // namespace ghstats::store
