#!/usr/bin/env bash
# Makes a virtual environment with the packages of requirements.txt and runs the tests in it.
set -euo pipefail
cd "$(dirname "$0")"
if ! python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
  echo 'SKIPPED: python3 (3.10 or newer) with its module venv is missing'
  exit 0
fi
if ! cmp -s requirements.txt .venv/installed.txt; then
  python3 -m venv --clear .venv
  .venv/bin/pip install --quiet --no-deps -r requirements.txt
  cp requirements.txt .venv/installed.txt
fi
.venv/bin/python -W error::ResourceWarning -m unittest -v test_client
