-- Walks a prepared list of requests. Each line of the file: header, tab, body.
local requests, bodies, headers, count, at, serial = {}, {}, {}, 0, 0, 0
local unique, nonce = "@@unique@@", ""

function init(args)
  local path = wrk.path
  nonce = args[2]
  for line in io.lines(args[1]) do
    local name, value, body = line:match("^([^:]+): ([^\t]+)\t(.*)$")
    count = count + 1
    headers[count] = { ["content-type"] = "application/json", [name] = value }
    bodies[count] = body
    if not body:find(unique, 1, true) then
      requests[count] = wrk.format("POST", path, headers[count], body)
    end
  end
end

function request()
  at = at % count + 1
  if requests[at] then return requests[at] end
  serial = serial + 1
  local body = bodies[at]:gsub(unique, nonce .. "-" .. serial, 1)
  return wrk.format("POST", nil, headers[at], body)
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nRESULT {"requests":%d,"microseconds":%d,"bytes":%d,"refused":%d,"broken":%d,"p50":%.1f,"p99":%.1f}\n',
    summary.requests, summary.duration, summary.bytes, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
