"""`python -m tools.release bundle|wheel|wheels`: see the Makefile."""

from __future__ import annotations

import argparse
import platform
import re
import sys
from pathlib import Path

from tools.release import bundle, wheel, wheelhouse

OUT = wheel.ROOT / "dist"
UNREACHABLE = re.compile(
    r"ConnectTimeout|ReadTimeout|NewConnectionError|Name or service|Max retries"
)
LIST = wheel.ROOT / "docs" / "wheels.md"


def main() -> int:
    parser = argparse.ArgumentParser(prog="tools.release")
    parser.add_argument("what", choices=("bundle", "wheel", "wheels"))
    parser.add_argument("--architecture", default=platform.machine())
    parser.add_argument("--pythons", default=".".join(platform.python_version_tuple()[:2]))
    parser.add_argument("--version", default="", help="another name than the commit's")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--check", action="store_true", help="wheels: is docs/wheels.md current?")
    parser.add_argument("--where-reachable", action="store_true", help="no index, no check")
    args = parser.parse_args()
    try:
        if args.what == "wheels":
            return _wheels(args.check)
        if args.what == "wheel":
            made = wheel.build(wheel.ROOT, args.out, wheel.version_of(wheel.ROOT))
        else:
            args.out.mkdir(parents=True, exist_ok=True)
            made = bundle.make(args.out, args.architecture, args.pythons.split(), args.version)
    except wheel.CannotBuildError as error:
        if args.where_reachable and UNREACHABLE.search(str(error)):
            print("the package index cannot be reached; not looked at")
            return 0
        sys.stderr.write(f"{error}\n")
        return 1
    print(f"{made}  {made.stat().st_size / 1024**2:.0f} MiB")
    return 0


def _wheels(check: bool) -> int:
    text = wheelhouse.page()
    if check and LIST.read_text() != text:
        sys.stderr.write("docs/wheels.md is stale: run `make wheels` and commit it\n")
        return 1
    LIST.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
