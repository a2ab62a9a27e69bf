import { createHash } from 'node:crypto';

/**
 * The scripts that Redis runs, each as one step. KEYS are the names of informers, to which the parts are appended:
 *
 * - `:lease` who leads, as "fencing epoch, blank, replica"; it expires when it is not renewed
 * - `:epoch` the last fencing epoch
 * - `:log` a stream; the id of an entry is its sequence
 * - `:snapshot` the objects at one position of the log
 * - `:news` a channel
 */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

const script = (text: string): Script => ({ text, sha: createHash('sha1').update(text).digest('hex') });

/**
 * Takes the lease when nobody or the same replica holds it. ARGV: replica, duration of the lease, of the other keys. The fencing epoch
 * also grows when Redis has lost the last one. What no replica can have written does not count. Returns it, or 0.
 */
export const LEAD = script(`
local types = {lease = 'string', epoch = 'string', log = 'stream', snapshot = 'string'}
for part, type in pairs(types) do
  local found = redis.call('TYPE', KEYS[1] .. ':' .. part).ok
  if found ~= type and found ~= 'none' then redis.call('DEL', KEYS[1] .. ':' .. part) end
end
local lease, epoch = KEYS[1] .. ':lease', KEYS[1] .. ':epoch'
local left = redis.call('PTTL', lease)
if left == -1 or left > tonumber(ARGV[2]) then redis.call('DEL', lease) end
local holder = redis.call('GET', lease)
if holder and string.match(holder, ' (.*)$') ~= ARGV[1] then return 0 end
local last = tonumber(redis.call('GET', epoch) or '0') or 0
if not (last >= 0 and last < 9e15) then last = 0 end
local time = redis.call('TIME')
local next = math.max(math.floor(last) + 1, time[1] * 1000 + math.floor(time[2] / 1000))
local text = string.format('%.0f', next)
redis.call('SET', epoch, text, 'PX', ARGV[3])
if holder then redis.call('DEL', lease) end
redis.call('SET', lease, text .. ' ' .. ARGV[1], 'NX', 'PX', ARGV[2])
return next`);

/** Returns the snapshot and all entries. */
export const LOAD = script(
  `return {redis.call('GET', KEYS[1] .. ':snapshot'), redis.call('XRANGE', KEYS[1] .. ':log', '-', '+')}`,
);

/**
 * Adds entries. ARGV: holder of the lease, oldest sequence to keep, duration, message, then sequences and entries. Returns 1, or 0 when the lease
 * is lost or entries are missing before these.
 */
export const APPEND = script(`
if redis.call('GET', KEYS[1] .. ':lease') ~= ARGV[1] then return 0 end
local log = KEYS[1] .. ':log'
local last = redis.call('XREVRANGE', log, '+', '-', 'COUNT', 1)[1]
if last and tonumber(string.match(last[1], '%d+')) + 1 ~= tonumber(ARGV[5]) then return 0 end
for i = 5, #ARGV, 2 do redis.call('XADD', log, ARGV[i] .. '-0', 'd', ARGV[i + 1]) end
redis.call('XTRIM', log, 'MINID', ARGV[2] .. '-0')
redis.call('PEXPIRE', log, ARGV[3])
redis.call('PUBLISH', KEYS[1] .. ':news', ARGV[4])
return 1`);

/** Saves a snapshot. ARGV: holder of the lease, duration, snapshot, message, 1 to begin a new log. Returns 1, or 0 when the lease is lost. */
export const SAVE = script(`
if redis.call('GET', KEYS[1] .. ':lease') ~= ARGV[1] then return 0 end
if ARGV[5] == '1' then redis.call('DEL', KEYS[1] .. ':log') end
redis.call('SET', KEYS[1] .. ':snapshot', ARGV[3], 'PX', ARGV[2])
redis.call('PEXPIRE', KEYS[1] .. ':log', ARGV[2])
redis.call('PUBLISH', KEYS[1] .. ':news', ARGV[4])
return 1`);

/**
 * Renews leases. ARGV: duration of the lease, of the other keys; then for each informer the holder, a message, and 1 to renew the other keys, too.
 * Returns for each 1, or 0 when the lease is lost.
 */
export const BEAT = script(`
local held = {}
for i, name in ipairs(KEYS) do
  local at = 3 * i
  held[i] = 0
  if redis.call('GET', name .. ':lease') == ARGV[at] then
    held[i] = 1
    redis.call('PEXPIRE', name .. ':lease', ARGV[1])
    if ARGV[at + 2] == '1' then
      for _, part in ipairs({':epoch', ':log', ':snapshot'}) do redis.call('PEXPIRE', name .. part, ARGV[2]) end
    end
    redis.call('PUBLISH', name .. ':news', ARGV[at + 1])
  end
end
return held`);

/** Gives up the lease. ARGV: its holder, message. */
export const RELEASE = script(`
if redis.call('GET', KEYS[1] .. ':lease') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1] .. ':lease')
redis.call('PUBLISH', KEYS[1] .. ':news', ARGV[2])
return 1`);

/** All of them. They are loaded before the first is used: calls take effect in their order only if none has to be sent twice. */
export const SCRIPTS: readonly Script[] = [LEAD, LOAD, APPEND, SAVE, BEAT, RELEASE];
