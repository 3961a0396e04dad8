"""The two Lua calls in which posts enter and leave Redis: each happens whole or not at all."""

from __future__ import annotations

# Every key is made from the run's prefix, which carries a hash tag, so that one node holds a whole run.
# ARGV lists are flat, because neither JSON nor msgpack inside Lua keeps arbitrary bytes apart from text.

HAND_OVER = """
local prefix, ttl = KEYS[1], ARGV[1]
local source, cursor, expected = ARGV[2], ARGV[3], ARGV[4]
if cursor ~= '' then
  if (redis.call('HGET', prefix .. 'cursors', source) or '') ~= expected then return 0 end
  redis.call('HSET', prefix .. 'cursors', source, cursor)
  if ARGV[5] ~= '' then redis.call('HSET', prefix .. 'progress', source, ARGV[5]) end
  if ARGV[6] ~= '' then  -- where the source stood before the first hand-over of this minute
    redis.call('HSETNX', prefix .. 'marks', source .. '|' .. ARGV[6], expected)
  end
end
local payload, earliest = ARGV[7], ARGV[8]
if payload ~= '' then
  local id = redis.call('XADD', prefix .. 'posts', '*', 'mentions', payload)
  redis.call('ZADD', prefix .. 'inflight', earliest, id)
end
local at = 9
local volumes = tonumber(ARGV[at])
at = at + 1
for _ = 1, volumes do  -- hour, minute of the hour, posts
  local key = prefix .. 'volume:' .. ARGV[at]
  redis.call('HINCRBY', key, source .. '|' .. ARGV[at + 1], ARGV[at + 2])
  redis.call('EXPIRE', key, ttl)
  at = at + 3
end
local touched = {}
while at <= #ARGV do  -- day, source|id, what it is about
  local key = prefix .. 'threads:' .. ARGV[at]
  redis.call('HSET', key, ARGV[at + 1], ARGV[at + 2])
  touched[key] = true
  at = at + 3
end
for key, _ in pairs(touched) do redis.call('EXPIRE', key, ttl) end
return 1
"""

# An author counts once per service, measure and hour, at the earliest of their posts in it: the minimum
# of a set does not depend on the order or the number of times in which its members arrive. Nor does it
# on how often a batch is judged, as long as one version judges it; two may differ, and sums of verdicts are
# no minima. So a batch counts once: whoever comes second, after the claim on it had passed, changes nothing.
COUNT = """
local prefix, ttl, group, id, version = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if not redis.call('ZSCORE', prefix .. 'inflight', id) then
  redis.call('XACK', prefix .. 'posts', group, id)
  return 0
end
local kept = tonumber(ARGV[5])
local sightings = tonumber(ARGV[6])
local verdicts = tonumber(ARGV[7])
local at = 8
local touched, named = {}, {}
for _ = 1, sightings do  -- service|measure, author, hour, minute of the hour
  local what, author, hour, minute = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  at = at + 4
  local seen = prefix .. 'authors:' .. what .. ':' .. hour
  local counts = prefix .. 'counts:' .. hour
  local before = tonumber(redis.call('HGET', seen, author) or 60)
  if minute < before then
    redis.call('HSET', seen, author, minute)
    if before < 60 and redis.call('HINCRBY', counts, what .. '|' .. before, -1) == 0 then
      redis.call('HDEL', counts, what .. '|' .. before)
    end
    redis.call('HINCRBY', counts, what .. '|' .. minute, 1)
    touched[seen] = true
    touched[counts] = true
    named[hour] = named[hour] or {}
    named[hour][minute] = true
  end
end
for hour, minutes in pairs(version ~= '' and named or {}) do
  local key = prefix .. 'versions:' .. hour
  for minute, _ in pairs(minutes) do redis.call('HSET', key, minute, version) end
  touched[key] = true
end
for _ = 1, verdicts do  -- hour, kind or score, how many
  local key = prefix .. 'verdicts:' .. ARGV[at]
  redis.call('HINCRBY', key, version .. '|' .. ARGV[at + 1], ARGV[at + 2])
  touched[key] = true
  at = at + 3
end
while at <= #ARGV do  -- source|id, service:minute, score, post
  if redis.call('SISMEMBER', prefix .. 'withdrawn', ARGV[at]) == 0 then
    local key = prefix .. 'evidence:' .. ARGV[at + 1]
    redis.call('ZADD', key, ARGV[at + 2], ARGV[at + 3])
    redis.call('ZREMRANGEBYRANK', key, kept, -1)
    touched[key] = true
  end
  at = at + 4
end
for key, _ in pairs(touched) do redis.call('EXPIRE', key, ttl) end
redis.call('XACK', prefix .. 'posts', group, id)
redis.call('XDEL', prefix .. 'posts', id)
redis.call('ZREM', prefix .. 'inflight', id)
return 1
"""

# A batch that never ends is put aside, with its bytes, and holds the watermark no longer.
PUT_ASIDE = """
local prefix, group, id, ttl = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local entry = redis.call('XRANGE', prefix .. 'posts', id, id)[1]
if entry then
  redis.call('RPUSH', prefix .. 'dead', entry[2][2])
  redis.call('EXPIRE', prefix .. 'dead', ttl)
end
redis.call('XACK', prefix .. 'posts', group, id)
redis.call('XDEL', prefix .. 'posts', id)
redis.call('ZREM', prefix .. 'inflight', id)
return 1
"""
