#!/usr/bin/env python3
"""Hold a plan, or a tree, to a hand-written table of places.

    places.py table TABLE FILES           every whole moved number of FILES is in the table
    places.py recorded TABLE PLAN         the plan has exactly one record for every place
    places.py moved TABLE PLAN OLD        every true place of OLD is applied, rightly
    places.py decoys TABLE PLAN OLD       no other place of OLD is applied
    places.py asked TABLE PLAN            places to ask about are not applied; others are not asked
    places.py tree TABLE FILES DIR        DIR holds FILES with exactly the true places moved
    places.py idle PLAN                   the plan applies nothing and asks nothing new
"""
import json
import os
import re
import sys


def read_table(name):
    rows = {}
    with open(name, encoding="utf-8") as handle:
        for line in handle:
            if line.startswith("#"):
                continue
            path, row, column, old, verdict, why = line.rstrip("\n").split("\t")
            rows[path, int(row), int(column)] = (old, verdict, why)
    if not rows:
        sys.exit("no rows in " + name)
    return rows


def read_edits(name):
    with open(name, encoding="utf-8") as handle:
        plan = json.load(handle)
    edits = {}
    for edit in plan["edits"]:
        edits.setdefault((edit["path"], edit["line"], edit["column"]), []).append(edit)
    return edits


def files_of(folder):
    for base, _, names in os.walk(folder):
        for name in names:
            full = os.path.join(base, name)
            with open(full, "rb") as handle:
                yield os.path.relpath(full, folder), handle.read()


def places_of(folder, olds):
    number = re.compile(rb"(?<![0-9])(" + "|".join(sorted(olds)).encode() + rb")(?![0-9])")
    for path, data in files_of(folder):
        for row, line in enumerate(data.split(b"\n"), 1):
            for found in number.finditer(line):
                yield path, row, found.start() + 1, found.group().decode()


def check_table(table, folder):
    rows = read_table(table)
    found = {p[:3]: p[3] for p in places_of(folder, {row[0] for row in rows.values()})}
    return (["not in the table: %s:%d:%d" % p for p in sorted(set(found) - set(rows))]
            + ["no such place: %s:%d:%d" % p for p in sorted(set(rows) - set(found))]
            + ["another number: %s:%d:%d" % p for p in found
               if p in rows and rows[p][0] != found[p]])


def check_recorded(table, plan):
    rows, edits = read_table(table), read_edits(plan)
    return (["no record: %s:%d:%d (%s)" % (p + (rows[p][2],)) for p in sorted(set(rows) - set(edits))]
            + ["no such place: %s:%d:%d" % p for p in sorted(set(edits) - set(rows))]
            + ["%d records: %s:%d:%d" % ((len(e),) + p) for p, e in edits.items() if len(e) > 1]
            + ["no reason: %s:%d:%d" % p for p, e in edits.items() if not e[0]["reasons"]])


def tell(place, edit):
    if edit is None:
        return "%s:%d:%d: no record" % place
    return "%s:%d:%d: %s %s -> %s (%s %s) %s" % (
        place + (edit["disposition"], edit["old"], edit.get("new"), edit.get("service"),
                 edit.get("role"), "; ".join(edit["reasons"])))


def check_moved(table, plan, old):
    rows, edits = read_table(table), read_edits(plan)
    wanted = {p: row[1] for p, row in rows.items() if row[0] == old and row[1].isdigit()}
    if not wanted:
        return ["the table has no true place of " + old]
    return [tell(p, (edits.get(p) or [None])[0]) for p, new in sorted(wanted.items())
            if not any(e["disposition"] == "apply" and str(e["new"]) == new
                       for e in edits.get(p, []))]


def check_decoys(table, plan, old):
    rows, edits = read_table(table), read_edits(plan)
    return [tell(p, e) + " | " + rows.get(p, ("", "", "no such place"))[2]
            for p, found in sorted(edits.items()) for e in found
            if e["disposition"] == "apply" and e["old"] == old
            and not (p in rows and rows[p][1].isdigit())]


def check_asked(table, plan):
    rows, edits = read_table(table), read_edits(plan)
    wrong = []
    for place, (_, verdict, why) in sorted(rows.items()):
        edit = (edits.get(place) or [None])[0]
        if verdict == "ask" and (edit is None or edit["disposition"] == "apply"):
            wrong.append(tell(place, edit))
        if verdict == "keep" and edit and edit["disposition"] == "review":
            wrong.append("asks needlessly (%s) %s" % (why, tell(place, edit)))
    return wrong


def check_tree(table, folder, result):
    rows = read_table(table)
    want, got = dict(files_of(folder)), dict(files_of(result))
    wrong = ["only in one tree: " + p for p in sorted(set(want) ^ set(got))]
    for path in sorted(set(want) & set(got)):
        lines = want[path].split(b"\n")
        for (_, row, column), (old, new, _) in sorted(
                ((p, r) for p, r in rows.items() if p[0] == path and r[1].isdigit()),
                reverse=True):
            line = lines[row - 1]
            at = column - 1
            lines[row - 1] = line[:at] + new.encode() + line[at + len(old):]
        for row, (a, b) in enumerate(zip(lines, got[path].split(b"\n")), 1):
            if a != b:
                wrong.append("%s:%d: %r, not %r" % (path, row, b, a))
        if len(lines) != len(got[path].split(b"\n")):
            wrong.append(path + ": other number of lines")
    return wrong


def check_idle(plan):
    return [tell(p, e) for p, found in sorted(read_edits(plan).items()) for e in found
            if e["disposition"] == "apply"]


def main():
    checks = {"table": check_table, "recorded": check_recorded, "moved": check_moved,
              "decoys": check_decoys, "asked": check_asked, "tree": check_tree,
              "idle": check_idle}
    if len(sys.argv) < 3 or sys.argv[1] not in checks:
        sys.exit(__doc__)
    wrong = checks[sys.argv[1]](*sys.argv[2:])
    for line in wrong:
        print(line)
    if wrong:
        print("%d wrong" % len(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
