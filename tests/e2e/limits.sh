#!/bin/bash
# limits.sh - docs/limits.md against the code: every limit has the value that the page says, every
# constant that is one is on the page, and those you can meet are tested at and past them by test_limits
# or here.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh" || exit 1
build=${PM_BUILD:-$PM_SRC/build}

cat >"$tmp/compare.py" <<'END'
import ast, glob, os, re, sys

# constants of the code that bound something else than input: sizes of buffers, formats, other projects
inner = {"PM_MOJIBAKE_MAX", "PM_MEMO_LINE_MAX", "MAX_AROUND", "MAX_NESTING", "MAX_FIELDS", "MAX_TEXT",
         "MAX_WORDS", "MAX_NAME", "FILES_MAX", "PM_E_LIMIT"}

def value(text):
    text = re.sub(r"\(uint64_t\)|(?<=\d)[uU]\b", "", text).strip()
    return eval(compile(ast.parse(text, mode="eval"), "limit", "eval"), {"__builtins__": {}})

def number(text):
    n, unit = re.search(r"([\d,]+) ?(MiB|KiB|GiB)?", text.split(":")[-1]).groups()
    return int(n.replace(",", "")) << {"KiB": 10, "MiB": 20, "GiB": 30, None: 0}[unit]

code = {}
for path in glob.glob("schema/**/*.[ch]", recursive=True) + glob.glob("scanners/*.[ch]") + \
        glob.glob("migrate/*.[ch]") + glob.glob("cmd/*.[ch]"):
    text = re.sub(r"/\*.*?\*/", "", open(path, encoding="utf-8").read(), flags=re.S)
    for body in re.findall(r"enum(?: \w+)? \{(.*?)\}", text, re.S):
        for name, v in re.findall(r"\b([A-Z_]*(?:MAX|LIMIT)[A-Z_]*) = ([^,}]+)", body):
            code[path, name] = value(v)
    for name, v in re.findall(r"#define (\w*_MAX) \(?(\(uint64_t\)[^\n]*?)\)?\n", text):
        code[path, name] = value(v)
git_h = open("migrate/git.h", encoding="utf-8").read()
code["migrate/git.h", "PM_LIMITS_DEFAULT"] = value(
    re.search(r"PM_LIMITS_DEFAULT \(\(struct pm_limits\)\{ ([^,]*),", git_h).group(1))

page = open("docs/limits.md", encoding="utf-8").read()
wrong, said, names = [], set(), []
for line in page.split("\n"):
    cells = [c.strip() for c in line.strip("|").split("|")]
    if not line.startswith("| `"):
        continue
    if len(cells) == 4:
        names.append(cells[0].strip("`"))
        path, name = re.findall(r"`([^`]*)`", cells[3])
        pairs = [(path, name, number(re.sub(r", also.*", "", cells[1])))]
    else:
        path = re.match(r"`([^`]*)`", cells[0]).group(1)
        pairs = [(path, n, int(v)) for n, v in re.findall(r"`(\w+)` = (\d+)", cells[0])]
    for path, name, v in pairs:
        said.add((path, name))
        if code.get((path, name)) != v:
            wrong.append("%s %s is %s, not %s" % (path, name, code.get((path, name)), v))
for key in sorted(code):
    if key not in said and key[1] not in inner and not key[1].endswith("MAX_DEPTH") and \
            key[1] not in ("MATCH_LIMIT", "DEPTH_LIMIT"):
        wrong.append("%s %s = %d is not on the page" % (key + (code[key],)))
if sys.argv[1] == "names":
    print("\n".join(names))
    sys.exit(len(names) < 15)
print("\n".join(wrong))
sys.exit(bool(wrong))
END
compare() { (cd "$PM_SRC" && python3 "$tmp/compare.py" "$@"); }
ok "the page has the limits of the code" compare values

# The tests that a limit must have: in test_limits, or in this file.
here='document-file plan-file jobs'
tested() {
	local name all

	all=$("$build/tests/test_limits" 2>/dev/null | sed -n 's/^ok [0-9]* - //p')
	for name in $(compare names); do
		case " $here " in *" $name "*) continue ;; esac
		grep -qx -- "$name" <<<"$all" || { echo "no test of '$name'"; return 1; }
	done
}
export CMOCKA_MESSAGE_OUTPUT=TAP
ok "every limit is tested" tested

git init -q "$tmp/repo" && cd "$tmp/repo" && echo x >x && git add x &&
	git -c user.name=A -c user.email=a@example.com commit -qm x || exit 1
printf '| Port | Service |\n|---|---|\n| 4100 | shop |\n' >"$tmp/ports.md"
pad() { head -c $(($2 - $(stat -c %s "$1"))) /dev/zero | tr '\0' '\n' >>"$1"; }
pad "$tmp/ports.md" $((8 << 20))
ok "a document of 8 MiB is read" exits 0 "$PORTMIG" schema show "$tmp/ports.md"
echo >>"$tmp/ports.md"
ok "one of a byte more is not" exits 5 "$PORTMIG" schema show "$tmp/ports.md"
ok "and the message names the limit" says "$tmp/err" "larger than 8 MiB"
truncate -s $((256 << 20)) "$tmp/plan.json"
ok "a file of 256 MiB is read as a plan" exits 3 "$PORTMIG" apply "$tmp/plan.json"
ok "and found to be none" says "$tmp/err" "does not end like a plan"
truncate -s $(((256 << 20) + 1)) "$tmp/plan.json"
ok "one of a byte more is not read" exits 5 "$PORTMIG" apply "$tmp/plan.json"
ok "and the message names this limit" says "$tmp/err" "longer than 256 MiB"
ok "64 threads" exits 0 "$PORTMIG" scan --jobs 64
ok "65 are refused" exits 2 "$PORTMIG" scan --jobs 65
ok "with the limit" says "$tmp/err" 64
finish
