package redisstore

import "github.com/redis/go-redis/v9"

// Each script runs as one step in Redis. KEYS are a record and its kind's index;
// the index has the record's key as a member and its end as the score. An index
// lives as long as its longest record, so that nothing stays of a server that is
// no more.

// putScript takes the version that must be there, our time, how long the record
// lives (both in milliseconds), the record, its end, the write and the key. It
// sweeps up to 100 ended members of the index: more than it adds, and few enough
// to hold nobody up.
var putScript = redis.NewScript(`
local head = redis.call('GETRANGE', KEYS[1], 0, 66)
local version = '00000000000000000000'
if head ~= '' then
  local ends = tonumber(string.sub(head, 28, 43))
  if #head < 67 or string.sub(head, 1, 6) ~= 'mcpr1 ' or not ends then return 'damaged' end
  if ends > tonumber(ARGV[2]) then
    if string.sub(head, 45, 66) == ARGV[6] then return 'done' end
    version = string.sub(head, 7, 26)
  end
end
if version ~= ARGV[1] then return 'conflict' end
if tonumber(ARGV[3]) > 0 then
  redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[3])
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[7])
  if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[2], ARGV[3]) end
else
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[7])
end
local ended = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, 100)
if #ended > 0 then redis.call('ZREM', KEYS[2], unpack(ended)) end
return 'done'
`)

// takeScript takes the key and how much of the record to return.
var takeScript = redis.NewScript(`
local record = redis.call('GETRANGE', KEYS[1], 0, ARGV[2])
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return record
`)

// deleteScript takes the key.
var deleteScript = redis.NewScript(`
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
`)
