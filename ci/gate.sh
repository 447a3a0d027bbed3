#!/bin/sh
# Gate one or more suites from any CI (Jenkins, Buildkite, a cron job). Copy it into your repository as ci/gate.sh.
#
#   ci/gate.sh suites/support.yaml [suites/other.yaml ...]
#
# Ends with evalgate's own exit code; only 0 may let a deploy through:
#   0 pass   1 fail   2 wrong as written   3 inconclusive   4 evalgate or a service broke
#
# REVISION     what is being tested       (default: the commit that is checked out)
# CHANGED_AT   since when it is like that (default: that commit's date); older outputs are inconclusive
# REPORTS      where the reports go       (default: evalgate-report)
set -eu

if [ "$#" -eq 0 ]; then
  echo "usage: $0 SUITE.yaml [SUITE.yaml ...]" >&2
  exit 2
fi
REVISION=${REVISION:-$(git rev-parse HEAD)}
CHANGED_AT=${CHANGED_AT:-$(git show -s --format=%cI HEAD)}
REPORTS=${REPORTS:-evalgate-report}
mkdir -p "$REPORTS"

exec evalgate gate "$@" --revision "$REVISION" --changed-at "$CHANGED_AT" \
  --report "markdown=$REPORTS/report.md,junit=$REPORTS/junit.xml,html=$REPORTS/report.html"
