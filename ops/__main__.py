"""`python -m ops`: which backend of each operation runs here, and why not the others."""

from __future__ import annotations

import sys

from .report import backends


def main() -> int:
    reports = backends()
    width = max(len(report.op) for report in reports)
    for report in reports:
        sys.stdout.write(f"{report.op:<{width}}  {report.backend} ({report.reason})\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
