-- Posts the signing form, each time for another person. Words: prefix of the addresses, what the page's form carries.
local folder = debug.getinfo(1, "S").source:match("^@(.*/)")
dofile(folder .. "summary.lua")
local people = dofile(folder .. "people.lua")

local threads = 0
function setup(thread)
  threads = threads + 1
  thread:set("number", threads)
end

function init(words)
  prefix, carried, counter = words[1], words[2], 0
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
end

function request()
  counter = counter + 1
  return wrk.format(nil, nil, nil, people.form(prefix .. number .. "x" .. counter, counter, carried))
end
