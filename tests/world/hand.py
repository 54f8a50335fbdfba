"""A person at a node's machine: runs lines of Python in a process of that node.

Reads JSON {"code", "given"} a line; answers {"result"} or {"error"}. The code sets `result`.
"""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any


def plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return str(value)


def main() -> None:
    import django

    django.setup()
    from fengsui.foundation.access.viewer import node_viewer

    kept: dict[str, Any] = {"V": node_viewer()}
    for line in sys.stdin:
        asked = json.loads(line)
        kept.update(asked["given"])
        kept["result"] = None
        try:
            exec(asked["code"], kept)
            answer = {"result": kept["result"]}
        except Exception:
            answer = {"error": traceback.format_exc()}
        sys.stdout.write(json.dumps(answer, default=plain, ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
