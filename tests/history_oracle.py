#!/usr/bin/env python3
"""Compare `portmig history` with a slow and simple answer, on made-up histories.

    history_oracle.py PORTMIG [SEED...]     (each seed is one history; default 1 2 3)

A history has branches, merges (criss-cross ones too), files and services that are renamed, deleted
and brought back, ports that move, change hands and are swapped, and edits that mean nothing. The
oracle lists the places of every commit with `portmig scan`, knows whose each is because it made the
names, and folds two trees at a time by the rules of docs/cli.md, in its own way. Says what differs
and ends with 1.
"""
import glob, json, os, random, re, shutil, subprocess, sys, tempfile

NAMES = ["orchard-press", "quince-mill", "medlar-barn", "walnut-yard", "hazel-cellar", "damson-kiln"]
SPARE = ["bramble-loft", "currant-shed", "sorrel-attic"]  # what stands in an attic is of the past
DECLARES = {"default", "env", "listen", "compose host", "compose container", "host", "container", "k8s"}
TELLS = {"doc", "schema row"}

# ---- made-up trees: a service is a name, its port by place, and how its files are written ----

PLACES = ["compose", "main", "env", "docker", "url", "readme", "schema"]


class Service:
    def __init__(self, rng, port):
        self.ports = {p: port for p in PLACES if rng.random() < 0.8 or p in ("compose", "main")}
        self.main = "src/main.js"
        self.quotes = "'"
        self.blank = 0

    def copy(self):
        s = Service.__new__(Service)
        s.ports, s.main, s.quotes, s.blank = dict(self.ports), self.main, self.quotes, self.blank
        return s


def files_of(tree):
    files, compose, env, readme, schema = {}, ["services:"], [], ["# Farm", ""], []
    for name in sorted(tree):
        s = tree[name]
        p, var = s.ports, name.upper().replace("-", "_")
        if "compose" in p:
            compose += ["  %s:" % name, "    build: services/%s" % name, "    ports:",
                        '      - "%d:%d"' % (p["compose"], p["compose"])]
        if "main" in p:
            files["services/%s/%s" % (name, s.main)] = "\n" * s.blank + (
                "const port = process.env.PORT || %s%d%s;\n" % (s.quotes, p["main"], s.quotes))
        if "env" in p:
            files["services/%s/.env.example" % name] = "# settings\nPORT=%d\n" % p["env"]
        if "docker" in p:
            files["services/%s/Dockerfile" % name] = "FROM scratch\nEXPOSE %d\n" % p["docker"]
        if "url" in p:
            env.append("%s_URL=http://localhost:%d" % (var, p["url"]))
        if "readme" in p:
            readme.append("- %s: http://localhost:%d" % (name, p["readme"]))
        if "schema" in p:
            schema.append("| %d | %s |" % (p["schema"], name))
    if len(compose) > 1:
        files["docker-compose.yml"] = "\n".join(compose) + "\n"
    if env:
        files[".env.development"] = "\n".join(env) + "\n"
    files["README.md"] = "\n".join(readme) + "\n"
    if schema:
        files["docs/PORTS.md"] = "\n".join(["# Ports", "", "| Port | Service |", "|---|---|"] + schema) + "\n"
    return files


def change(rng, tree):
    """One edit of a tree, in place."""
    kind = rng.choice(["move", "move", "move", "part", "part", "swap", "add", "remove", "rename",
                       "file", "write", "drop", "again"])
    name = rng.choice(sorted(tree)) if tree else None
    fresh = [n for n in NAMES + SPARE if n not in tree]
    port = rng.randrange(4000, 4040)
    if kind == "add" or not name:
        tree[rng.choice(fresh)] = Service(rng, port)
        return
    s = tree[name]
    if kind == "move":
        s.ports = {p: port for p in s.ports}
    elif kind == "part":
        for p in rng.sample(sorted(s.ports), rng.randrange(1, len(s.ports) + 1)) if s.ports else []:
            s.ports[p] = port
    elif kind == "swap" and len(tree) > 1:
        other = tree[rng.choice([n for n in sorted(tree) if n != name])]
        s.ports, other.ports = other.ports, s.ports
    elif kind == "remove":
        del tree[name]
    elif kind == "rename" and fresh:
        tree[rng.choice(fresh)] = tree.pop(name)
    elif kind == "file":
        s.main = "src/server.js" if s.main == "src/main.js" else "src/main.js"
    elif kind == "write":
        s.quotes, s.blank = ('"' if s.quotes == "'" else "'"), s.blank + 1
    elif kind == "drop" and len(s.ports) > 1:
        del s.ports[rng.choice(sorted(s.ports))]
    elif kind == "again":
        s.ports[rng.choice(PLACES)] = port


# ---- made-up histories ----


def merge(rng, a, b):
    """Files of a merge: of one parent each, or changed on top."""
    out = {}
    for path in sorted(set(a) | set(b)):
        text = a.get(path) if a.get(path) == b.get(path) or rng.random() < 0.5 else b.get(path)
        if text is not None:
            out[path] = text
    if rng.random() < 0.3 and out:
        path = rng.choice(sorted(out))
        out[path] = re.sub(r"\b4\d\d\d\b", str(rng.randrange(4000, 4040)), out[path])
    return out


class History:
    def __init__(self, repo, seed, n):
        self.repo, rng = repo, random.Random(seed)
        self.git("init", "-q", "-b", "main", ".")
        self.ids, self.parents, self.files = [], [], []
        trees, heads, stream = [], [], []
        first = {}
        for name in rng.sample(NAMES, 3):
            first[name] = Service(rng, rng.randrange(4000, 4040))
        for i in range(n):
            if i == 0:
                parents, tree, files = [], first, files_of(first)
            elif len(heads) > 1 and (rng.random() < 0.3 or n - i <= len(heads)):
                parents = rng.sample(heads, 2)
                tree = {k: v.copy() for k, v in trees[parents[0]].items()}
                files = merge(rng, self.files[parents[0]], self.files[parents[1]])
            else:
                parents = [rng.choice(heads if rng.random() < 0.8 else range(i))]
                if rng.random() < 0.1:  # as some commit long ago
                    back = rng.randrange(i)
                    tree, files = {k: v.copy() for k, v in trees[back].items()}, self.files[back]
                else:
                    tree = {k: v.copy() for k, v in trees[parents[0]].items()}
                    for _ in range(rng.choice([1, 1, 1, 2, 3])):
                        change(rng, tree)
                    files = files_of(tree)
            trees.append(tree)
            self.files.append(files)
            self.parents.append(parents)
            done = len(parents) if n - i <= len(heads) else 1 if rng.random() < 0.7 or len(heads) > 3 else 0
            heads = [h for h in heads if h not in parents[:done]]
            heads = sorted(set(heads) | {i})
            stream.append(self.commit(i, parents, files))
        stream.append("reset refs/heads/main\nfrom :%d\n\n" % n)
        subprocess.run(["git", "-C", repo, "fast-import", "--quiet", "--export-marks=marks"],
                       input="".join(stream).encode(), check=True)
        marks = dict(line.split() for line in open(os.path.join(repo, "marks")))
        self.ids = [marks[":%d" % (i + 1)] for i in range(n)]

    def git(self, *args):
        return subprocess.run(["git", "-C", self.repo, *args], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    @staticmethod
    def commit(i, parents, files):
        out = ["commit refs/heads/c%d\nmark :%d\ncommitter C <c@example.org> %d +0000\n"
               "data 4\nc%03d\n" % (i, i + 1, 1700000000 + i * 3600, i)]
        for k, p in enumerate(parents):
            out.append("%s :%d\n" % ("merge" if k else "from", p + 1))
        out.append("deleteall\n")
        for path, text in sorted(files.items()):
            out.append("M 100644 inline %s\ndata %d\n%s\n" % (path, len(text.encode()), text))
        return "".join(out) + "\n"


# ---- the oracle ----


def kind_of(hit):
    role, rule, path = hit["role"], hit["rule"], hit["path"]
    if role == "doc" or hit["certainty"] == "maybe":
        return "schema row" if path == "docs/PORTS.md" else "doc"
    if rule == "compose/ports":
        return "compose host" if role == "host-port" else "compose container"
    return {"default": "default", "container-port": "container", "url": "url",
            "listen": "env" if rule.startswith("env/") else "listen"}[role]


def owner_of(path, lines, number):
    line = lines[number - 1]
    for name in NAMES + SPARE:
        if name in line or name.upper().replace("-", "_") + "_" in line:
            return name
    m = re.match(r"services/([^/]+)/", path)
    if m:
        return m.group(1)
    for above in reversed(lines[:number]):
        m = re.match(r"  ([a-z-]+):$", above)
        if m:
            return m.group(1)
    return None


def places(portmig, history, i):
    """All statements of a commit: by path, in order."""
    out = subprocess.run([portmig, "-q", "-C", history.repo, "scan", "--rev", history.ids[i], "--format",
                          "ndjson"], check=True, stdout=subprocess.PIPE, text=True).stdout
    found = {}
    for line in out.splitlines():
        hit = json.loads(line)
        if "path" not in hit or "class" in hit:
            continue
        lines = history.files[i][hit["path"]].split("\n")
        text = lines[hit["line"] - 1]
        which = len(re.findall(r"\b\d+\b", text[:hit["column"] - 1]))
        found.setdefault(hit["path"], []).append({
            "path": hit["path"], "line": hit["line"], "port": hit["port"], "kind": kind_of(hit),
            "owner": owner_of(hit["path"], lines, hit["line"]), "text": text.strip(),
            "mask": (re.sub(r"\b\d+\b", "#", text.strip()), which)})
    return found


def statement(p):
    return (p["kind"], p["owner"], p["text"], p["mask"][1], p["port"])


def minus(a, b):
    """What of `a` is not in `b`; of equal ones the first stand for each other."""
    rest = [statement(p) for p in b]
    out = []
    for p in a:
        if statement(p) in rest:
            rest.remove(statement(p))
        else:
            out.append(p)
    return out


def count(found, owner, port=None):
    return sum(p["kind"] in DECLARES and p["owner"] == owner and port in (None, p["port"])
               for v in found.values() for p in v)


def one(ports):
    return len(set(ports)) == 1


def pairs_of(gone, came):
    """Statements about another port: by text, then by file, owner and kind, then by owner alone."""
    pairs, gone, came = [], list(gone), list(came)

    def take(same, many):
        keys = []
        for g in gone:
            if same(g) is not None and same(g) not in keys:
                keys.append(same(g))
        for key in keys:
            gs, cs = [g for g in gone if same(g) == key], [c for c in came if same(c) == key]
            if not many and not (cs and one(g["port"] for g in gs) and one(c["port"] for c in cs)) and (
                    many is None or len(gs) != len(cs)):
                continue
            for g, c in zip(gs, cs):
                pairs.append((g, c))
                gone.remove(g)
                came.remove(c)

    own = lambda p: (p["path"], p["owner"], p["kind"])
    take(lambda p: own(p) + (p["mask"], p["port"]), True)
    take(lambda p: own(p) + (p["mask"],), True)
    take(lambda p: own(p) + (p["port"],), True)
    take(own, False)
    take(lambda p: (p["owner"], p["kind"], p["port"]), True)
    take(lambda p: (p["owner"], p["kind"] in DECLARES, p["port"]), True)
    take(lambda p: p["owner"] if p["kind"] in DECLARES else None, None)
    return pairs, gone, came


def fold(before, after, own_paths):
    gone, came = [], []
    for path in sorted(set(before) | set(after)):
        if path in own_paths:
            gone += minus(before.get(path, []), after.get(path, []))
            came += minus(after.get(path, []), before.get(path, []))
    pairs, gone, came = pairs_of(gone, came)
    events = {}

    def add(owner, a, b, place):
        events.setdefault((owner, a, b), []).append(place)

    for g, c in pairs:
        if g["port"] != c["port"]:
            add(c["owner"], g["port"], c["port"], c)
    moved = {(o, a, b) for (o, a, b), v in events.items() if any(p["kind"] in DECLARES for p in v)}
    for c in came:
        o, b = c["owner"], c["port"]
        if c["kind"] in DECLARES and not count(before, o, b) and count(after, o, b) and not any(
                m[0] == o and m[2] == b for m in moved):
            add(o, None, b, c)
    for g in gone:
        o, a = g["owner"], g["port"]
        if g["kind"] in DECLARES and count(before, o, a) and not count(after, o, a) and not any(
                m[0] == o and m[1] == a for m in moved):
            add(o, a, None, g)
    lost = lambda o, p: count(before, o, p) and not count(after, o, p)
    won = lambda o, p: not count(before, o, p) and count(after, o, p)

    def only(test, owner, port):
        found = [n for n in NAMES + SPARE if n != owner and test(n, port)]
        return found[0] if len(found) == 1 else None

    result = {}
    for (o, a, b), v in events.items():
        kinds = {p["kind"] for p in v}
        event = ("appeared" if a is None else "gone" if b is None else "moved" if kinds & DECLARES
                 else "documents" if kinds <= TELLS else "callers")
        had = has = None
        if event in ("appeared", "moved") and not count(before, o, b):
            had = only(lost, o, b)
        if event in ("gone", "moved") and not count(after, o, a):
            has = only(won, o, a)
        old, new = (had, o) if event == "appeared" else (o, has) if event == "gone" else (None, None)
        renamed = bool(old and new and not count(after, old) and not count(before, new))
        result[(o, a, b)] = (event, tuple(sorted((p["path"], p["line"], p["kind"]) for p in v)),
                             count(after, o, a) if event == "moved" else None, had, has, renamed)
    return result


def oracle(portmig, history, first_parent, listed):
    answer, known, seen = {}, set(), {}

    def places_of(i):
        if i not in seen:
            seen[i] = places(portmig, history, i)
        return seen[i]

    for i in listed:
        parents = history.parents[i]
        before = places_of(parents[0]) if parents else {}
        if parents and parents[0] not in listed:
            known |= {(p["owner"], p["port"]) for v in before.values() for p in v
                      if p["kind"] in DECLARES}
        files = history.files[i]
        own = set(files) | (set(history.files[parents[0]]) if parents else set())
        if not first_parent:
            for p in parents[1:]:
                own = {f for f in own if history.files[p].get(f) != files.get(f)}
        for key, value in fold(before, places_of(i), own).items():
            answer[(history.ids[i],) + key] = value
    return answer, known


# ---- with and without a cache ----


def said(portmig, repo, cache, *options):
    """All that portmig says, with its cache in this directory; None: without one."""
    env = dict(os.environ, XDG_CACHE_HOME=cache or "/nonexistent")
    got = subprocess.run([portmig, "-C", repo, "history", "--format", "json", *options,
                          *([] if cache else ["--no-cache"])], stdout=subprocess.PIPE,
                         stderr=subprocess.PIPE, text=True, env=env)
    return got.returncode, got.stdout, got.stderr


def damage(rng, cache):
    for path in glob.glob(os.path.join(cache, "portmig", "*.seg")):
        with open(path, "r+b") as f:
            size = os.path.getsize(path)
            for _ in range(size // 500 + 1):
                f.seek(rng.randrange(size))
                f.write(bytes([rng.randrange(256)]))
            if rng.random() < 0.2:
                f.truncate(rng.randrange(size))


def spoil(rng, repo):
    """Take some blobs away."""
    for path in sorted(glob.glob(os.path.join(repo, ".git/objects/pack/*.pack"))):
        pack = open(path, "rb").read()
        for name in glob.glob(path[:-5] + ".*"):
            os.remove(name)
        subprocess.run(["git", "-C", repo, "unpack-objects", "-q"], input=pack, check=True)
    loose = sorted(glob.glob(os.path.join(repo, ".git/objects/??/*")))
    ids = "".join("".join(p.split("/")[-2:]) + "\n" for p in loose)
    kinds = subprocess.run(["git", "-C", repo, "cat-file", "--batch-check=%(objecttype)"], input=ids,
                           text=True, check=True, stdout=subprocess.PIPE).stdout.split()
    blobs = [p for p, kind in zip(loose, kinds) if kind == "blob"]
    for path in rng.sample(blobs, min(3, len(blobs))):
        os.remove(path)


def cached(portmig, history, modes, seed):
    """Whatever the cache has of the same commits, of others, of another clone, or in pieces."""
    rng, bad, runs = random.Random(seed), 0, 0
    older = ["--rev", history.ids[len(history.ids) * 2 // 3]]
    with tempfile.TemporaryDirectory() as top:
        clone = os.path.join(top, "shallow")
        subprocess.run(["git", "clone", "-q", "--depth", "4", "file://" + history.repo, clone], check=True)
        poor = os.path.join(top, "poor")
        shutil.copytree(history.repo, poor)
        spoil(rng, poor)

        def same(what, cache, repo, mode):
            nonlocal bad, runs
            runs += 1
            jobs = ["--jobs", rng.choice(["1", "3"])]
            got, want = said(portmig, repo, cache, *mode, *jobs), said(portmig, repo, None, *mode)
            if got != want:
                print("seed %d %s: another answer %s" % (seed, " ".join(mode), what))
                print("  status %d, not %d; %s, not %s" % (got[0], want[0], got[2], want[2]))
                bad += 1

        others = [["--schema"], ["--stragglers"], ["--port", "4010"]]
        for i, mode in enumerate(rng.sample(modes, 2) + rng.sample(others, 1)):
            at = lambda name: os.path.join(top, "%s%d" % (name, i))
            same("with an empty cache", at("a"), history.repo, mode)
            same("from the cache", at("a"), history.repo, mode)
            same("of a shallow clone", at("a"), clone, mode if "--rev" not in mode else [])
            same("where objects are missing", at("a"), poor, mode)
            said(portmig, history.repo, at("b"), *older)
            same("with the cache of older commits", at("b"), history.repo, mode)
            said(portmig, poor, at("c"), *mode)
            said(portmig, clone, at("c"))
            same("with the cache of poorer clones", at("c"), history.repo, mode)
            said(portmig, history.repo, at("d"), *rng.choice(modes))
            same("with the cache of another question", at("d"), history.repo, mode)
            damage(rng, at("a"))
            same("with a damaged cache", at("a"), history.repo, mode)
    print("seed %d: %d answers with and without a cache" % (seed, runs))
    return bad


# ---- portmig ----


def asked(portmig, history, known, *options):
    out = subprocess.run([portmig, "-q", "-C", history.repo, "history", "--no-cache", "--format", "json",
                          *options],
                         check=True, stdout=subprocess.PIPE, text=True).stdout
    answer, order, known = {}, [], set(known)
    for e in json.loads(out)["events"]:
        key = (e["commit"], e["service"], e.get("from"), e.get("to"))
        answer[key] = (e["event"], tuple(sorted((p["path"], p["line"], p["kind"]) for p in e["places"])),
                       e.get("left"), e.get("had_by"), e.get("goes_to"), e.get("renamed", False))
        order.append(e["commit"])
        if e["event"] in ("appeared", "moved", "gone"):
            if "to" in e and "first" in e and e["first"] != ((e["service"], e["to"]) not in known):
                print("first is wrong:", e)
                answer[key] = ("first",)
            known |= {(e["service"], p) for p in (e.get("from"), e.get("to")) if p}
    return out, answer, order


def compare(what, got, want):
    bad = 0
    for key in sorted(set(got) | set(want), key=str):
        if got.get(key) != want.get(key):
            bad += 1
            if bad <= 3:
                print("%s: %s %s %s -> %s" % ((what, key[0][:9]) + key[1:]))
                print("  history: %s\n  oracle:  %s" % (got.get(key), want.get(key)))
    return bad


def check(portmig, seed, n):
    with tempfile.TemporaryDirectory() as repo:
        history = History(repo, seed, n)
        index = {c: i for i, c in enumerate(history.ids)}
        bad = 0
        modes = [[], ["--first-parent"], ["--rev", "%s..main" % history.ids[n // 2]], ["--all"]]
        for mode in modes:
            rev = (["--all"] if mode == ["--all"] else mode[1:] if mode[:1] == ["--rev"] else ["main"])
            listed = history.git("rev-list", "--date-order", "--reverse",
                                 *(["--first-parent"] if "--first-parent" in mode else []), *rev).split()
            want, known = oracle(portmig, history, "--first-parent" in mode, [index[c] for c in listed])
            text, got, order = asked(portmig, history, known, *mode)
            bad += compare("seed %d %s" % (seed, " ".join(mode)), got, want)
            at = [listed.index(c) for c in order]
            if at != sorted(at):
                print("seed %d: not in the order of git rev-list" % seed)
                bad += 1
            for jobs in ("1", "3"):
                if asked(portmig, history, known, *mode, "--jobs", jobs)[0] != text:
                    print("seed %d: --jobs %s is another answer" % (seed, jobs))
                    bad += 1
            print("seed %d %-40s %d commits, %d events" % (seed, " ".join(mode), len(listed), len(got)))
        return bad + cached(portmig, history, modes, seed)


if __name__ == "__main__":
    seeds = [int(s) for s in sys.argv[2:]] or [1, 2, 3]
    size = int(os.environ.get("PM_HISTORY_COMMITS", "40"))
    sys.exit(1 if sum(check(sys.argv[1], s, size) for s in seeds) else 0)
