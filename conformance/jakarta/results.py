#!/usr/bin/env python3
"""Compares what the TCK's reports say with the committed baseline of tests that do not pass, each with its reason."""

import sys
import xml.etree.ElementTree as xml
from pathlib import Path

PACKAGE = "com.sun.ts.tests.websocket."


def read_baseline(path):
    """Test, or class with .*, to reason: one a line, a blank between them."""
    baseline = {}
    for line in Path(path).read_text().splitlines():
        if line and not line.startswith("#"):
            name, _, reason = line.partition(" ")
            baseline[name] = reason.strip()
    return baseline


def main(reports, baseline_file, *selection):
    baseline = read_baseline(baseline_file)
    passed, known, unknown, skipped = [], [], [], []
    for report in sorted(Path(reports).glob("TEST-*.xml")):
        for case in xml.parse(report).getroot().iter("testcase"):
            name = (case.get("classname") + "." + (case.get("name") or "*")).removeprefix(PACKAGE)
            in_baseline = name in baseline or name.rpartition(".")[0] + ".*" in baseline
            if case.find("skipped") is not None:
                skipped.append(name)
            elif case.find("failure") is None and case.find("error") is None:
                passed.append(name)
            else:
                (known if in_baseline else unknown).append(name)
    for name in unknown:
        print("FAILED", name)
    print(f"{len(passed)} passed, {len(known) + len(unknown)} failed ({len(known)} as the baseline says), {len(skipped)} skipped")
    back = [name for name in passed if name in baseline]
    for name in back:
        print("passes although the baseline says it does not:", name)
    return 1 if unknown or back or not passed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
