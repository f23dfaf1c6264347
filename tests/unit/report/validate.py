#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Validate a result against its schema: validate.py RESULT.json SCHEMA.json

Exit status 0: valid; 1: not, every violation is listed; 2: usage; 77: no jsonschema module (a skip).
Beyond the schema, what no schema can say: the accounting identity.
"""
import json
import sys

try:
    import jsonschema
except ImportError:
    print("skipped: python3-jsonschema is not installed")
    sys.exit(77)


def broken_identities(result):
    sides = [("totals", result["totals"])]
    sides += [(f"lcore {core['lcore']}", core) for core in result["cores"]]
    for name, counts in sides:
        if counts["attempted"] != counts["closed"] + counts["failed"] + counts["open"]:
            yield f"{name}: attempted is not closed + failed + open"
        if counts["failed"] != sum(counts["failures"].values()):
            yield f"{name}: the failure causes do not add up to failed"


def main(argv):
    if len(argv) != 3:
        print(__doc__)
        return 2
    with open(argv[1], encoding="utf-8") as file:
        result = json.load(file)
    with open(argv[2], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    errors = [f"{error.json_path}: {error.message}"
              for error in jsonschema.Draft202012Validator(schema).iter_errors(result)]
    if not errors and "totals" in result:
        errors = list(broken_identities(result))
    for error in errors:
        print(error)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
