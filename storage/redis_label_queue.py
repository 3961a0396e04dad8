"""The label queue of one run in Redis: a few hundred posts, for a day."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import cast

import msgspec
from redis import Redis

from domain.doubt import Doubt, gist, spread
from domain.moments import milliseconds
from storage.interfaces import KnownPost, ThreadId

MOST = 500  # posts that wait: more than anybody labels in a day
KEPT = timedelta(hours=24)

_encode = msgspec.msgpack.Encoder().encode
_doubt = msgspec.msgpack.Decoder(Doubt)

# What every script below begins with. KEYS[1] is the run's prefix; all from before ARGV[1] (ms) is let go.
_LET_GO = """
local queue = KEYS[1] .. 'doubts:'
local function let_go(post)
  local service = redis.call('HGET', queue .. 'service', post)
  if not service then return nil end
  local gist = redis.call('HGET', queue .. 'gist', post)
  for _, of_post in ipairs({'posts', 'service', 'gist'}) do redis.call('HDEL', queue .. of_post, post) end
  redis.call('HDEL', queue .. 'said', gist)
  redis.call('ZREM', queue .. 'written', post)
  redis.call('ZREM', queue .. 'of:' .. service, post)
  if tonumber(redis.call('ZINCRBY', queue .. 'loud', -1, service)) <= 0 then
    redis.call('ZREM', queue .. 'loud', service)
  end
  return gist
end
local older = '(' .. ARGV[1]
for _, post in ipairs(redis.call('ZRANGEBYSCORE', queue .. 'written', '-inf', older)) do let_go(post) end
redis.call('ZREMRANGEBYSCORE', queue .. 'settled', '-inf', older)
"""

_OFFER = (
    _LET_GO
    + """
local oldest, most, ttl = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
for at = 4, #ARGV, 6 do  -- source|id, service, gist, how unsure, when it was written, the doubt itself
  local post, service, gist = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local unsure, written = ARGV[at + 3], ARGV[at + 4]
  local same = redis.call('HGET', queue .. 'said', gist)
  if tonumber(written) >= oldest and (not same or same == post)
    and not redis.call('ZSCORE', queue .. 'settled', post)
    and not redis.call('ZSCORE', queue .. 'settled', gist)
    and redis.call('SISMEMBER', KEYS[1] .. 'withdrawn', post) == 0 then
    let_go(post)
    redis.call('HSET', queue .. 'posts', post, ARGV[at + 5])
    redis.call('HSET', queue .. 'service', post, service)
    redis.call('HSET', queue .. 'gist', post, gist)
    redis.call('HSET', queue .. 'said', gist, post)
    redis.call('ZADD', queue .. 'written', written, post)
    redis.call('ZADD', queue .. 'of:' .. service, unsure, post)
    redis.call('ZINCRBY', queue .. 'loud', 1, service)
    redis.call('EXPIRE', queue .. 'of:' .. service, ttl)
    if redis.call('HLEN', queue .. 'posts') > most then
      local loudest = redis.call('ZREVRANGE', queue .. 'loud', 0, 0)[1]
      let_go(redis.call('ZRANGE', queue .. 'of:' .. loudest, 0, 0)[1])
    end
  end
end
for _, all in ipairs({'posts', 'service', 'gist', 'said', 'written', 'loud'}) do
  redis.call('EXPIRE', queue .. all, ttl)
end
return 1
"""
)

_SETTLE = (
    _LET_GO
    + """
local now, ttl = ARGV[2], ARGV[3]
for at = 4, #ARGV do
  local gist = let_go(ARGV[at])
  redis.call('ZADD', queue .. 'settled', now, ARGV[at])
  if gist then redis.call('ZADD', queue .. 'settled', now, gist) end
end
redis.call('EXPIRE', queue .. 'settled', ttl)
return 1
"""
)

_WITHDRAW = _LET_GO + "for at = 2, #ARGV do let_go(ARGV[at]) end"


class RedisLabelQueue:
    """The ``LabelQueue`` of one run, whose keys begin with ``prefix``."""

    def __init__(self, redis: Redis, prefix: str, *, most: int = MOST) -> None:
        self._redis = redis
        self._prefix = prefix
        self._most = most
        self._offer = redis.register_script(_OFFER)
        self._settle = redis.register_script(_SETTLE)
        self._withdraw = redis.register_script(_WITHDRAW)

    def offer(self, doubts: Sequence[Doubt], now: datetime) -> None:
        if not doubts:
            return
        arguments: list[str | bytes | int | float] = [_oldest(now), self._most, int(KEPT.total_seconds())]
        for doubt in doubts:
            arguments += [
                f"{doubt.source}|{doubt.post}",
                doubt.service,
                gist(doubt.text),
                doubt.unsure,
                milliseconds(doubt.written_at),
                _encode(doubt),
            ]
        self._offer(keys=[self._prefix], args=arguments)

    def find(self, now: datetime, *, service: str | None = None, most: int) -> list[Doubt]:
        packed = cast(list[bytes], self._redis.hvals(f"{self._prefix}doubts:posts"))
        waiting = map(_doubt.decode, packed)
        fresh = (doubt for doubt in waiting if milliseconds(doubt.written_at) >= _oldest(now))
        return spread((doubt for doubt in fresh if service in (None, doubt.service)), most)

    def known_posts(self, posts: Collection[ThreadId]) -> dict[ThreadId, KnownPost]:
        if not posts:
            return {}
        fields = [f"{source}|{post}" for source, post in posts]
        found = cast(list[bytes | None], self._redis.hmget(f"{self._prefix}doubts:posts", fields))
        waiting = [_doubt.decode(packed) for packed in found if packed]
        return {(one.source, one.post): KnownPost(one.text, (one.service,), one.lang) for one in waiting}

    def settle(self, posts: Collection[ThreadId], now: datetime) -> None:
        if posts:
            ttl = int(KEPT.total_seconds())
            fields = [f"{source}|{post}" for source, post in posts]
            self._settle(keys=[self._prefix], args=[_oldest(now), milliseconds(now), ttl, *fields])

    def withdraw(self, posts: Collection[ThreadId]) -> None:
        if posts:
            self._withdraw(keys=[self._prefix], args=[0, *(f"{source}|{post}" for source, post in posts)])

    def sweep(self, now: datetime) -> None:
        self._withdraw(keys=[self._prefix], args=[_oldest(now)])


def _oldest(now: datetime) -> int:
    return milliseconds(now - KEPT)
