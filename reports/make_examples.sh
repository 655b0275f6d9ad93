#!/bin/sh
# Refresh reports/examples/: what the program prints from sample_logs/. Usage: make_examples.sh AUP
set -eu
aup=$1
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$aup" demo "$place/demo" >/dev/null
here=$(dirname "$0")/examples
for file in "$place"/demo/reports/half-termly-*; do
    cp "$file" "$here/"
done
pdf=$(ls "$here"/half-termly-*.pdf)
pdftoppm -png -r 80 -f 1 -l 1 -singlefile "$pdf" "$here/half-termly"
pdftoppm -png -r 80 -f 2 -l 2 -singlefile "$pdf" "$here/half-termly-page-2"
