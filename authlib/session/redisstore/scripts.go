package redisstore

import "github.com/redis/go-redis/v9"

// Each script runs as one step in Redis. KEYS are a record and its kind's index;
// the index has the record's key as a member and its end as the score. An index
// lives as long as its longest record, so that nothing stays of a server that is
// no more.

// endLua counts an ending for this process, in KEYS[3], and tells everybody: the
// process's ID, the mark, the kind and the key. Counting is a part of the write, so
// that a Redis which lost the one has lost the other.
const endLua = `
local function ended(was, channel, process, kind, key, day)
  local n = redis.call('INCR', KEYS[3])
  redis.call('PEXPIRE', KEYS[3], day)
  redis.call('PUBLISH', channel, 'ended ' .. process .. ' ' .. was .. ' ' .. kind .. ' ' .. key)
  return n
end
`

// putScript takes the version that must be there, our time, how long the record
// lives (both in milliseconds), the record, its end, the mark, the key, and whether
// what it replaces has ended (1) or may come back (0); then what endLua tells. It
// sweeps up to 100 ended members of the index: more than it adds, and few enough
// to hold nobody up. It answers with a word, and the mark of what ended and its
// number, if something did.
var putScript = redis.NewScript(endLua + `
local head = redis.call('GETRANGE', KEYS[1], 0, 66)
local version, was, n = '00000000000000000000', '', 0
if head ~= '' then
  local ends = tonumber(string.sub(head, 28, 43))
  if #head < 67 or string.sub(head, 1, 6) ~= 'mcpr1 ' or not ends then return {'damaged', '', 0} end
  if ends > tonumber(ARGV[2]) then
    was = string.sub(head, 45, 66)
    if was == ARGV[6] then return {'done', '', 0} end
    version = string.sub(head, 7, 26)
  end
end
if version ~= ARGV[1] then return {'conflict', '', 0} end
if tonumber(ARGV[3]) > 0 then
  redis.call('SET', KEYS[1], ARGV[4], 'PX', ARGV[3])
  redis.call('ZADD', KEYS[2], ARGV[5], ARGV[7])
  if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[3]) then redis.call('PEXPIRE', KEYS[2], ARGV[3]) end
else
  redis.call('DEL', KEYS[1])
  redis.call('ZREM', KEYS[2], ARGV[7])
end
if was ~= '' and ARGV[8] == '1' then n = ended(was, ARGV[9], ARGV[10], ARGV[11], ARGV[7], ARGV[12]) end
local past = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2], 'LIMIT', 0, 100)
if #past > 0 then redis.call('ZREM', KEYS[2], unpack(past)) end
return {'done', was, n}
`)

// takeScript takes the key, how much of the record to return, and whether to "take" or
// to "delete", which removes what is no record too; then what endLua tells. It answers
// with the record and the ending's number.
var takeScript = redis.NewScript(endLua + `
local record = redis.pcall('GETRANGE', KEYS[1], 0, ARGV[2])
if type(record) ~= 'string' then
  if ARGV[3] == 'take' then return record end
  record = ''
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
local n = 0
if #record >= 67 and string.sub(record, 1, 6) == 'mcpr1 ' then
  n = ended(string.sub(record, 45, 66), ARGV[4], ARGV[5], ARGV[6], ARGV[1], ARGV[7])
end
return {record, n}
`)

// goneScript takes a kind's index and records of it as KEYS, and a mark and a key
// for each as ARGV. It removes those records that have that mark, and counts them.
var goneScript = redis.NewScript(`
local n = 0
for i = 2, #KEYS do
  if string.sub(redis.call('GETRANGE', KEYS[i], 0, 66), 45, 66) == ARGV[2 * i - 3] then
    redis.call('DEL', KEYS[i])
    redis.call('ZREM', KEYS[1], ARGV[2 * i - 2])
    n = n + 1
  end
end
return n
`)

// mendFloorScript replaces a number where it is still there, and returns what is.
var mendFloorScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2]) end
return tonumber(redis.call('GET', KEYS[1]) or '0') or 0
`)

// floorScript raises a number, and returns it.
var floorScript = redis.NewScript(`
local is = tonumber(redis.call('GET', KEYS[1]) or '0') or 0
if is >= tonumber(ARGV[1]) then return is end
redis.call('SET', KEYS[1], ARGV[1])
return tonumber(ARGV[1])
`)
