"""python -m cli"""

from __future__ import annotations

from cli.main import hub

if __name__ == "__main__":
    hub(prog_name="hub")
