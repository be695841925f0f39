-- The whole way of a signature. Every thread has one connection. The first ones sign, each at its own instants; the others
-- look at the page behind a link when its person opens it, and press the button. Words: how many sign, the folder of pipes and logs,
-- the prefix of addresses, what the form carries, the seconds between two signings of a thread, when to begin and to end.
local folder = debug.getinfo(1, "S").source:match("^@(.*/)")
local people = dofile(folder .. "people.lua")
local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } keep4o_instant;
  int clock_gettime(int clock, keep4o_instant *instant);
  int usleep(unsigned int microseconds);
  int open(const char *path, int flags);
  long read(int file, void *bytes, unsigned long count);
]]
local RECORD_BYTES = 256  -- as bench/sink.py writes them: every read takes a whole one, whoever else reads
local record = ffi.new("char[?]", RECORD_BYTES)
local MONOTONIC = 1
local NEVER_MS = 3600 * 1000
local instant = ffi.new("keep4o_instant")

local function now()
  ffi.C.clock_gettime(MONOTONIC, instant)
  return tonumber(instant.seconds) + tonumber(instant.nanoseconds) / 1e9
end

local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(words)
  local signers, place = tonumber(words[1]), words[2]
  signs = number <= signers
  prefix, carried = words[3], words[4]
  interval, ends_at = tonumber(words[5]), tonumber(words[7])
  next_at = tonumber(words[6]) + interval * (number - 1) / signers
  counter, link, kind = 0, nil, nil
  log = io.open(place .. "/log" .. number, "w")
  pipe = not signs and ffi.C.open(place .. "/links", 0) or nil
  form_headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
  page_headers = { ["Accept-Encoding"] = "gzip" }
end

function delay()
  if not signs then return 0 end
  if next_at > ends_at then return NEVER_MS end
  return math.max(0, math.floor((next_at - now()) * 1000))
end

local function form_of_next_person()
  counter = counter + 1
  intended, next_at, kind = next_at, next_at + interval, "sign"
  return wrk.format("POST", nil, form_headers, people.form(prefix .. number .. "x" .. counter, counter, carried))
end

local function page_of_next_link()
  if ffi.C.read(pipe, record, RECORD_BYTES) == RECORD_BYTES then
    local opens_at
    opens_at, link = ffi.string(record, RECORD_BYTES):match("(%S+) (%S+)")
    intended, kind = tonumber(opens_at), "look"
    return wrk.format("GET", link, page_headers)
  end
  intended, kind = now(), "idle"  -- the mail server has been stopped: the run is over
  ffi.C.usleep(50000)
  return wrk.format("GET", "/healthz")
end

local function button_of_this_link()
  intended, kind = now(), "prove"
  return wrk.format("POST", link, form_headers, "name=Ada+Lovelace&country=FR")
end

function request()
  local made = signs and form_of_next_person() or link and button_of_this_link() or page_of_next_link()
  sent = now()
  return made
end

function response(status)
  local done = now()
  log:write(string.format("%s %.6f %.6f %.6f %d %s\n", kind, intended, sent, done, status, link or "-"))
  if kind ~= "look" or status ~= 200 then link = nil end
end
