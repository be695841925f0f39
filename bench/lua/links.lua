-- Takes the links of a file one after the other. Words: the file, one link's path a line; the method; the form's body.
local folder = debug.getinfo(1, "S").source:match("^@(.*/)")
dofile(folder .. "summary.lua")

function init(words)
  wrk.method = words[2]
  wrk.headers["Accept-Encoding"] = "gzip"
  if wrk.method == "POST" then
    wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
    wrk.body = words[3]
  end
  links = io.open(words[1], "r")
end

function request()
  local link = links:read("*l")
  if not link and wrk.method == "GET" then  -- looking changes nothing: each may be looked at again
    links:seek("set", 0)
    link = links:read("*l")
  end
  return wrk.format(nil, link or "/no-link-is-left/")
end
