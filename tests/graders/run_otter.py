"""Grades notebooks as `otter run` does, one after the other in one process; prints the scores."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from otter.api import grade_submission


def main(archive: str, *submissions: str) -> None:
    found = {}
    for submission in submissions:
        results = grade_submission(submission, archive, quiet=True)
        found[Path(submission).parent.name] = {
            "scores": {name: results.get_score(name) for name in results.results},
            "told": {name: results.get_result(name).summary() for name in results.results},
            "outputs": [output for cell in results.notebook.cells for output in cell.get("outputs", ())],
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
