-- wrk's script: an optional pause before each request, and a result that programs can read.
local pause = tonumber(os.getenv("PAUSE_MS") or "0")
if pause > 0 then
  function delay() return pause end
end

local files, turn = tonumber(os.getenv("FILES") or "0"), 0
if files > 0 then
  function request()
    turn = (turn + 7919) % files  -- a prime: neighbours are not asked for one after the other
    return wrk.format(nil, wrk.path .. turn .. ".js")
  end
end

function done(summary, latency, requests)
  local e = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"us":%d,"failed":%d,"refused":%d,"p50":%f,"p99":%f,"max":%f}\n',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.timeout, e.status,
    latency:percentile(50), latency:percentile(99), latency.max))
end
