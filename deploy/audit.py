"""Known vulnerabilities of what a lock file names: says them and fails, or says that nobody knows.

    python deploy/audit.py requirements.lock [options of pip-audit]

Exit status 0 without known vulnerabilities, and where no advisory service can be reached; 1
otherwise. pip-audit alone calls a package clean that its service has never heard of, as happens
behind a mirror, and fails alike for a vulnerability and for a network that is down.
"""

import json
import subprocess
import sys
from typing import Any, NamedTuple

_UNREACHABLE = ("requests.exceptions.", "ServiceError", "your network may be blocking")
"""How pip-audit speaks of a service that does not answer, or not as one."""
_NOT_RUN = "not run: no advisory service reachable"


class Verdict(NamedTuple):
    """What is said, and the exit status."""

    words: str
    status: int


def verdict(report: str, complaints: str) -> Verdict:
    """What pip-audit's report in JSON means; without one, what its complaints do."""
    if not report.strip():
        if any(sign in complaints for sign in _UNREACHABLE):
            return Verdict(_NOT_RUN, 0)
        return Verdict(f"pip-audit failed:\n{complaints.strip()}", 1)
    packages = json.loads(report)["dependencies"]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if found := [line for package in packages for line in _vulnerabilities(package)]:
        return Verdict("\n".join(["known vulnerabilities:", *found]), 1)
    if len(skipped) == len(packages):
        return Verdict(_NOT_RUN, 0)
    words = f"no known vulnerabilities in {len(packages) - len(skipped)} packages"
    if skipped:
        words += f"; the advisory service does not know {', '.join(skipped)}"
    return Verdict(words, 0)


def _vulnerabilities(package: dict[str, Any]) -> list[str]:  # Any: a part of the report
    name = f"{package['name']} {package.get('version', '')}"
    return [
        f"  {name}: {each['id']}, fixed in {', '.join(each['fix_versions']) or 'no version'}"
        for each in package.get("vulns", ())
    ]


def main(lock: str, *options: str) -> int:
    """Audit a lock file with pip-audit; returns the exit status."""
    fixed = ("--disable-pip", "--require-hashes", "--format=json", "--progress-spinner=off")
    done = subprocess.run(
        [sys.executable, "-m", "pip_audit", "--requirement", lock, *fixed, *options],
        capture_output=True,
        text=True,
        check=False,
    )
    words, status = verdict(done.stdout, done.stderr)
    sys.stdout.write(f"{lock}: {words}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
