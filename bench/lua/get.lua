-- Asks for one page again and again, as a browser that takes compressed answers.
local folder = debug.getinfo(1, "S").source:match("^@(.*/)")
dofile(folder .. "summary.lua")

wrk.headers["Accept-Encoding"] = "gzip"
if os.getenv("BENCH_COOKIE") then
  wrk.headers["Cookie"] = os.getenv("BENCH_COOKIE")
end
