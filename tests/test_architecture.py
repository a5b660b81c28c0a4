"""The rules of the house: who may import whom, who writes, who reads the time, what carries a docstring."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"
FEATURES = {  # which features a feature may import
    "guide": set(),
    "help": set(),
    "pwa": set(),
    "accounts": set(),
    "spaces": {"accounts"},
    "thoughts": {"accounts"},
    "notes": {"accounts"},
    "agreements": {"spaces", "accounts"},
    "proposals": {"spaces", "accounts"},
    "checkin": {"agreements", "proposals", "thoughts", "spaces", "accounts"},
    "reminders": {"checkin", "spaces", "accounts"},
    "privacy": {"reminders", "checkin", "agreements", "proposals", "notes", "thoughts", "spaces", "accounts"},
}
TOP = {"__init__", "server"}  # what composes the features; `commands` and `health` belong to no feature either
# Within a feature a module imports what ranks below it. What is not named here, such as `passwords`, ranks 2.
RANK = {"rules": 0, "models": 1, "forms": 3, "actions": 3, "access": 4, "sending": 5, "scheduler": 6}
RANK |= {"views": 7, "exit": 7, "commands": 7}
PURE = {"rules", "together"}  # what decides, and knows nothing else
WRITERS = {"actions"}
SHARED_WRITERS = {"app/limiter.py", "app/keys.py", "app/db.py", "app/commits.py"}
MODULES = sorted(path for path in APP.rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> list[tuple[str, int]]:
    """Every module of ours and others that a file imports, `from app.x import y` as app.x.y where that is a module."""
    found = []
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}:{node.lineno}: imports are absolute"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                is_module = (ROOT / (full.replace(".", "/") + ".py")).exists() or (
                    ROOT / full.replace(".", "/")
                ).is_dir()
                found.append((full if is_module else str(node.module), node.lineno))
    return found


def feature_of(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "app" and len(parts) > 1 and parts[1] in FEATURES else None


def test_features_import_only_the_features_below_them():
    wrong = []
    for path in MODULES:
        here = path.relative_to(APP).parts[0]
        if here not in FEATURES:
            continue
        for module, line in imports_of(path):
            feature = feature_of(module)
            if feature and feature != here and feature not in FEATURES[here]:
                wrong.append(f"{name_of(path)}:{line} imports {module}")
    assert wrong == []


def test_shared_modules_import_no_feature():
    shared = [path for path in MODULES if path.parent in (APP, APP / "content") and path.stem not in TOP]
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in shared
        for module, line in imports_of(path)
        if feature_of(module)
    ]
    assert wrong == []


def test_within_a_feature_imports_point_from_views_to_rules():
    wrong = []
    for path in MODULES:
        parts = path.relative_to(APP).parts
        if parts[0] not in FEATURES or len(parts) != 2:
            continue
        own = RANK.get(path.stem, 2)
        for module, line in imports_of(path):
            target = module.split(".")[2] if feature_of(module) == parts[0] and module.count(".") >= 2 else None
            if target and RANK.get(target, 2) >= own and not (own == 2 and target not in RANK):
                wrong.append(f"{name_of(path)}:{line} imports {module}")
    assert wrong == []


def test_rules_know_the_standard_library_and_other_rules_only():
    wrong = [
        f"{name_of(path)}:{line} imports {module}"
        for path in MODULES
        if path.stem in PURE
        for module, line in imports_of(path)
        if module.split(".")[0] not in sys.stdlib_module_names and not module.endswith(".rules")
    ]
    assert wrong == []


def test_no_import_stands_inside_a_function():
    wrong = [
        f"{name_of(path)}:{inner.lineno}"
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        for inner in ast.walk(node)
        if isinstance(inner, (ast.Import, ast.ImportFrom))
    ]
    assert wrong == []


def calls_of(path: Path) -> list[tuple[str, int]]:
    return [(ast.unparse(node.func), node.lineno) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)]


def test_only_actions_write():
    wrong = [
        f"{name_of(path)}:{line} calls {call}"
        for path in MODULES
        if path.stem not in WRITERS and name_of(path) not in SHARED_WRITERS
        for call, line in calls_of(path)
        if call in ("transaction", "write_with_others") or call.endswith((".transaction", ".commit"))
    ]
    assert wrong == []


def test_only_the_clock_reads_the_time():
    readers = re.compile(r"(^|\.)(now|utcnow|today|time|time_ns|localtime|gmtime)$")
    wrong = [
        f"{name_of(path)}:{line} calls {call}"
        for path in MODULES
        if name_of(path) != "app/clock.py"
        for call, line in calls_of(path)
        if readers.search(call) and call.split(".")[0] in ("datetime", "date", "time", "dt")
    ]
    assert wrong == []


def test_only_views_and_what_runs_by_itself_ask_the_clock():
    may = {"views", "access", "commands", "scheduler", "mail", "health", "sending", "exit"}
    wrong = [
        f"{name_of(path)}:{line}"
        for path in MODULES
        if path.stem not in may and name_of(path) != "app/clock.py"
        for call, line in calls_of(path)
        if call.endswith("utcnow")
    ]
    assert wrong == []


def test_apscheduler_is_imported_in_one_place():
    importers = {
        name_of(path) for path in MODULES for module, _ in imports_of(path) if module.startswith("apscheduler")
    }
    assert importers == {"app/reminders/scheduler.py"}


def test_content_knows_no_flask():
    imported = [module for path in (APP / "content").glob("*.py") for module, _ in imports_of(path)]
    assert not [module for module in imported if module.startswith("flask")]


@pytest.mark.parametrize("path", [path for path in MODULES if path.read_text().strip()], ids=name_of)
def test_modules_rules_and_actions_say_what_they_are(path):
    tree = tree_of(path)
    assert ast.get_docstring(tree), "a module begins with a sentence: what lives here"
    if path.stem in PURE | {"actions"}:
        missing = [
            node.name
            for node in tree.body
            if isinstance(node, (ast.FunctionDef, ast.ClassDef))
            and not node.name.startswith("_")
            and not ast.get_docstring(node)
        ]
        assert missing == [], "every rule and action has a docstring"


def test_every_requirement_is_pinned_and_has_a_reason():
    for name in ("requirements.txt", "tests/requirements.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if line and not line.startswith(("#", "-r")):
                assert re.fullmatch(r"[\w\-\[\]]+==[\w.]+ +# \S.*", line), line


def test_the_project_speaks_of_itself_alone():
    """No path of a machine and no registry's address in what is kept."""
    suspicious = re.compile(r"/work/|/root/|pypi\.org|registry\.npmjs|localhost:\d{5}")
    kept = [*APP.rglob("*"), *(ROOT / "content").rglob("*"), *(ROOT / "migrations").rglob("*.py"), ROOT / "Makefile"]
    wrong = []
    for path in kept:
        if path.suffix in (".py", ".md", ".toml", ".html", ".txt", ".js", ".css") or path.name == "Makefile":
            wrong += [f"{name_of(path)}: {match[0]}" for match in suspicious.finditer(path.read_text(encoding="utf-8"))]
    assert wrong == []


def test_templates_carry_no_inline_script_style_or_handler():
    data = r'type="application/ld\+json">\{\{ [\w.]+\|tojson \}\}</script>'  # is never run, and cannot end itself
    inline = re.compile(rf"<script(?! {data}|[^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", re.I)
    wrong = [
        f"{name_of(path)}: {match[0]}"
        for path in APP.rglob("*.html")
        if "/mail/" not in path.as_posix() and path.name not in ("mail.html", "archive.html")  # these leave the site
        for match in inline.finditer(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_templates_never_switch_escaping_off():
    wrong = [
        name_of(path)
        for path in APP.rglob("*.html")
        if re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text(encoding="utf-8"))
    ]
    assert wrong == []
