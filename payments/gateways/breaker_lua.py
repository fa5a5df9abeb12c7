"""The breaker's scripts. Each runs whole and alone inside Redis, and only Redis's clock counts.

KEYS: the breaker (a hash), the failures (a sorted set by time), the prober's lease, the counts (a hash).
Answers: verdict, state, epoch, ms until it may be probed, forced, due for a probe, changed by this call.
"""

from __future__ import annotations

_COMMON = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'state', 'epoch', 'until', 'forced', 'trial')
local state, epoch, ends = kept[1], tonumber(kept[2] or 0), tonumber(kept[3] or 0)
local forced, trial = kept[4] or '', tonumber(kept[5] or 0)
local function answer(verdict, changed)
  local shut = forced == 'open' or (forced == '' and state == 'open')
  local left = math.max(0, ends - now)
  local due = state == 'open' and forced == '' and left == 0 and redis.call('EXISTS', KEYS[3]) == 0
  return {verdict or (shut and 'refused' or 'pass'), state, epoch, left, forced, due and 1 or 0, changed and 1 or 0}
end
"""

# ARGV: the prober's token or nothing, how long its lease lasts.
ASK = (
    _COMMON
    + """
if not state then return {'absent'} end
local said = answer()
if said[1] == 'pass' then return said end
if ARGV[1] ~= '' then
  if said[6] == 1 and redis.call('SET', KEYS[3], ARGV[1], 'NX', 'PX', ARGV[2]) then return answer('probe') end
else
  redis.call('HINCRBY', KEYS[4], 'refused', 1)
end
return said
"""
)

# ARGV: result, the epoch in which the call went out, token, window, threshold, rest, trial, successes needed.
TELL = (
    _COMMON
    + """
if not state then return {'absent'} end
local result, sent_in, token = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local window, threshold, rest, trial_for, needed =
  tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
redis.call('HINCRBY', KEYS[4], result, 1)
if forced ~= '' then return answer() end
if result == 'bad' and state == 'closed' and sent_in == epoch then
  redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - window)
  redis.call('ZADD', KEYS[2], now, token)
  redis.call('PEXPIRE', KEYS[2], window)
  if redis.call('ZCARD', KEYS[2]) >= threshold or now < trial then
    state, epoch, ends = 'open', epoch + 1, now + rest
    redis.call('HSET', KEYS[1], 'state', state, 'epoch', epoch, 'until', ends, 'wins', 0)
    redis.call('DEL', KEYS[2], KEYS[3])
    return answer(nil, true)
  end
elseif (result == 'up' or result == 'down') and state == 'open' and redis.call('GET', KEYS[3]) == token then
  if result == 'down' then
    ends = now + rest
    redis.call('HSET', KEYS[1], 'until', ends, 'wins', 0)
    redis.call('DEL', KEYS[3])
  elseif redis.call('HINCRBY', KEYS[1], 'wins', 1) >= needed then
    state, epoch = 'closed', epoch + 1
    redis.call('HSET', KEYS[1], 'state', state, 'epoch', epoch, 'trial', now + trial_for, 'wins', 0)
    redis.call('DEL', KEYS[2], KEYS[3])
    return answer(nil, true)
  end
end
return answer()
"""
)

# ARGV: state, epoch, ms until it may be probed, forced. Only what is newer is learnt.
LEARN = (
    _COMMON
    + """
if not state or epoch < tonumber(ARGV[2]) then
  state, epoch, ends, forced = ARGV[1], tonumber(ARGV[2]), now + tonumber(ARGV[3]), ARGV[4]
  redis.call('HSET', KEYS[1], 'state', state, 'epoch', epoch, 'until', ends, 'forced', forced, 'wins', 0, 'trial', 0)
  redis.call('DEL', KEYS[2], KEYS[3])
end
return answer()
"""
)
