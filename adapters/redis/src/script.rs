/// Adds or removes origins. Published as [`RedisStore::SCRIPT`](crate::RedisStore::SCRIPT).
///
/// A server does not roll back the writes of a script that fails. So the first write is the one that can fail: `XADD` fails if
/// the memory is full, if an argument is wrong, or if the stream is ahead of the revision. Redis does not refuse the later writes of a
/// script for a lack of memory.
///
/// A removal is always recorded. If somebody has removed the member without the script, servers that hold a copy still allow it.
///
/// Numbers in Lua are exact up to 2^53. `%.0f`, because `tostring` would write 1e+15.
pub(crate) const CHANGE: &str = r#"-- KEYS: the origins, the changes, the revision, the history
-- ARGV: "add" or "remove", the number of changes to keep, the origins
if #KEYS ~= 4 or #ARGV < 2 or (ARGV[1] ~= "add" and ARGV[1] ~= "remove") then
  return redis.error_reply("ERR expected 4 keys, add or remove, the number of changes to keep, and origins")
end
if redis.call("EXISTS", KEYS[4]) == 0 then
  return redis.error_reply("ERR the store of origins is not initialized: " .. KEYS[4] .. " does not exist")
end
local is_add = ARGV[1] == "add"
local revision = tonumber(redis.call("GET", KEYS[3]))
local written = 0
local changed = 0
for i = 3, #ARGV do
  local is_member = redis.call("SISMEMBER", KEYS[1], ARGV[i]) == 1
  if not is_add or not is_member then
    written = written + 1
    local id = string.format("%.0f-0", revision + written)
    redis.call("XADD", KEYS[2], "MAXLEN", "~", ARGV[2], id, ARGV[1], ARGV[i])
    changed = changed + redis.call(is_add and "SADD" or "SREM", KEYS[1], ARGV[i])
  end
end
if written > 0 then
  redis.call("SET", KEYS[3], string.format("%.0f", revision + written))
end
return changed
"#;

/// Creates the keys, unless that of the history is there. Keeps the origins. The old changes belong to another history.
pub(crate) const INIT: &str = r#"-- KEYS: the origins, the changes, the revision, the history
-- ARGV: a random text
if redis.call("EXISTS", KEYS[4]) == 1 then
  return 0
end
redis.call("SET", KEYS[4], ARGV[1])
redis.call("SET", KEYS[3], "0")
redis.call("DEL", KEYS[2])
return 1
"#;
