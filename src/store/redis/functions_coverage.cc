#include "store/redis/function_code.h"

namespace ghstats::store {

// An organisation's coverage has a header in `cov` and its members in a hash of its own. A header is believed only
// under the name the data had when it was written: whoever gives the data another one, also a version that knows
// nothing of coverage, ends all claims that he does not carry over. A header that is lost or cannot be believed takes
// its members with it, so that none of them comes back under a later claim.
const std::string_view kCoverageCode = R"lua(
local kCoverageForm = 1
local kCoverageHead = 26  -- bytes: form 1, seconds of the last note 5, serial 7, what is claimed 13; then the name
local kIsClaimed = 18  -- the byte that says whether there is a watermark: 0 or 1, as readers have it
local kNothingClaimed = string.rep('\0', 13)
-- What is lost counts as so many notes: more than anybody tells between reading a record and claiming.
local kNotesOfLoss = 65536

local function members_key(s, org) return s.prefix .. 'cov:' .. org end

-- Nil when there is none to believe.
local function unpack_coverage(stored, incarnation)
  if not long_enough(stored, kCoverageHead + 1) or byte(stored) ~= kCoverageForm then return nil end
  if sub(stored, kCoverageHead + 1) ~= incarnation then return nil end
  local noted, serial = unpack_bytes('>I5I7', stored, 2)
  if serial == 0 or serial >= kTooGreat or byte(stored, kIsClaimed) > 1 then return nil end
  return {noted = noted, serial = serial, claimed = sub(stored, 14, kCoverageHead)}
end

local function save_coverage(s, org, record, incarnation)
  local head = pack('>I1I5I7', kCoverageForm, math.max(0, record.noted), record.serial)
  redis.call('HSET', s.prefix .. 'cov', org, head .. record.claimed .. incarnation)
end

local function forget_coverage(s, org)
  redis.call('DEL', members_key(s, org))
  redis.call('HDEL', s.prefix .. 'cov', org)
end

-- Nothing at all is claimed any longer.
local function disclaim(s)
  redis.call('DEL', s.prefix .. 'cp')
  local organisations = redis.call('HKEYS', s.prefix .. 'cov')
  for i = 1, #organisations do forget_coverage(s, organisations[i]) end
end

-- Of these repositories (a set), in every organisation; looks at the members or at the repositories, whatever is less.
local function end_memberships(s, repositories)
  local listed = {}
  for repo in pairs(repositories) do listed[#listed + 1] = repo end
  if #listed == 0 then return end
  local organisations = redis.call('HKEYS', s.prefix .. 'cov')
  for i = 1, #organisations do
    local key, gone = members_key(s, organisations[i]), listed
    if redis.call('HLEN', key) < #listed then
      local members = redis.call('HKEYS', key)
      gone = {}
      for m = 1, #members do
        if repositories[members[m]] then gone[#gone + 1] = members[m] end
      end
    end
    call_in_parts('HDEL', key, gone)
  end
end

local function is_member(s, repo, name)
  if not long_enough(name, 2) then return false end
  local org = sub(name, 3, 2 + unpack_bytes('>I2', name))
  return redis.call('HEXISTS', members_key(s, org), repo) == 1
end

local function take_claim(s)
  local claim = {serial = take(s), claimed = take(s), changed = {}, left = {}}
  for i = 1, 2 * tonumber(take(s)) do claim.changed[i] = take(s) end
  for i = 1, tonumber(take(s)) do claim.left[i] = take(s) end
  return claim
end

-- Answers the record's serial, and 1 where a claim is refused.
local function note_coverage(s)
  if take(s) == '0' then return 0, 0 end
  local org, first, complete = take(s), tonumber(take(s)), take(s) == '1'
  local claim = take(s) == '1' and take_claim(s)
  local record = unpack_coverage(redis.call('HGET', s.prefix .. 'cov', org), s.incarnation)
  local serial = record and record.serial or 0
  if not complete or next(s.incomplete) then return serial, claim and 1 or 0 end
  local taken = claim and claim.serial == integer(serial)
  if not record then
    forget_coverage(s, org)
    record = {serial = first - 1, claimed = kNothingClaimed}
  end
  record.serial, record.noted = record.serial + 1, s.now
  if taken then
    record.claimed = claim.claimed
    call_in_parts('HSET', members_key(s, org), claim.changed)
    call_in_parts('HDEL', members_key(s, org), claim.left)
  end
  -- Data without a name gets one now: close().
  if s.incarnation == '' then s.weight = s.weight + 1 end
  save_coverage(s, org, record, s.incarnation == '' and s.candidate or s.incarnation)
  return record.serial, claim and not taken and 1 or 0
end

-- The data has another name because some of it was found lost. What is still claimed is claimed under it, but by nobody
-- who has read it before.
local function carry_coverage(s, before)
  if s.incarnation == before then return end
  local stored = redis.call('HGETALL', s.prefix .. 'cov')
  for i = 1, #stored, 2 do
    local record = unpack_coverage(stored[i + 1], before)
    if record and record.serial + kNotesOfLoss < kTooGreat then
      record.serial = record.serial + kNotesOfLoss
      save_coverage(s, stored[i], record, s.incarnation)
    else
      forget_coverage(s, stored[i])
    end
  end
end
)lua";

}  // namespace ghstats::store
