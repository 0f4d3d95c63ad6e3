"""program.py - programs of any size, in VintLang and in Lua: the same functions, one after the other, and nothing calls them."""

VINT = """\
func work_%(n)d(items, limit) {
    let total = 0
    let names = {"first": %(n)d, "second": limit, "text": "piece %(n)d"}
    for (let i = 0; i < limit; i++) {
        if (items[i] > total && i %% 3 == 0) {
            total = total + items[i] * 2 - names["first"]
        } else if (items[i] == limit) {
            total = helper_%(m)d(total, i + 1, "part of " + names["text"])
        } else {
            names["second"] = total - i
        }
    }
    while (total > limit) { total = total - 10; limit = limit + 1 }
    let add = func(a, b) { return a + b + total }
    return add(total, names["second"]) // the result of %(n)d
}
func helper_%(n)d(a, b, c) { return a + b * %(n)d }
"""

LUA = """\
function work_%(n)d(items, limit)
    local total = 0
    local names = {first = %(n)d, second = limit, text = "piece %(n)d"}
    for i = 0, limit - 1 do
        if items[i] > total and i %% 3 == 0 then
            total = total + items[i] * 2 - names["first"]
        elseif items[i] == limit then
            total = helper_%(m)d(total, i + 1, "part of " .. names["text"])
        else
            names["second"] = total - i
        end
    end
    while total > limit do total = total - 10; limit = limit + 1 end
    local add = function(a, b) return a + b + total end
    return add(total, names["second"]) -- the result of %(n)d
end
function helper_%(n)d(a, b, c) return a + b * %(n)d end
"""


def program(language, size):
    """At least [size] bytes of source in "vint" or "lua"."""
    template = {"vint": VINT, "lua": LUA}[language]
    parts, length = [], 0
    while length < size:
        parts.append(template % {"n": len(parts), "m": max(len(parts) - 1, 0)})
        length += len(parts[-1])
    return "".join(parts)
