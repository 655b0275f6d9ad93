#!/bin/sh
# Build sdist -> wheel -> a new environment, then run the demo from the installed wheel with no source tree in reach.
# Usage: check.sh PYTHON-WITH-BUILD
set -eu
tools=$1
case $tools in /*) ;; *) tools=$PWD/$tools ;; esac
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$tools" -m build --outdir "$place/dist" . >"$place/build.log" 2>&1 || { cat "$place/build.log"; exit 1; }
"${PYTHON:-python3}" -m venv "$place/venv"
"$place/venv/bin/pip" install --quiet --disable-pip-version-check "$place"/dist/*.whl
cd "$place"
"$place/venv/bin/aup" demo demo/ >"$place/demo.log" 2>&1 || { cat "$place/demo.log"; exit 1; }
for form in html pdf json incidents.csv; do
    test -s "$place"/demo/reports/half-termly-*."$form" || { echo "the demo made no $form"; cat "$place/demo.log"; exit 1; }
done
echo "wheel: built, installed and ran the demo"
