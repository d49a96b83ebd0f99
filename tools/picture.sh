#!/bin/sh
# docs/report.png anew: the top of the demo's report in headless Chromium. Run it when the page changed its looks.
set -eu
build=${BUILD:-build}
page=$(cd "$build/demo/report" && pwd)/report.html
shot=$(mktemp -d)
trap 'rm -rf "$shot"' EXIT
chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update \
    --disable-sync --hide-scrollbars --user-data-dir="$shot/profile" --window-size=1160,940 --screenshot="$shot/report.png" "file://$page" >/dev/null 2>&1
cp "$shot/report.png" docs/report.png
echo "docs/report.png: $(wc -c <docs/report.png) bytes"
