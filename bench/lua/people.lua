-- The body of one person's signing form. The domains are those of bench/production.py: reserved names, declared as big ones.
local people = {}

function people.form(name, counter, carried)
  return "name=Ada+Lovelace&country=FR&email=" .. name .. "%40m" .. counter % 64 .. ".example.org&" .. carried
end

return people
