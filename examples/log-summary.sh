#!/bin/sh
# Explains the 403s in CloudFront access logs: a process for each file, on all cores, whose summaries are added up.
#
#   CFSIGN_PUBLIC_KEY=cf.pub.pem ./log-summary.sh logs/*.gz
#
# Summaries of other machines are files too: write them with --json, collect them, and name them after --merge.
set -eu

CORES=$(getconf _NPROCESSORS_ONLN)
SUMMARIES=$(mktemp -d)
export CFSIGN_PUBLIC_KEY SUMMARIES
trap 'rm -r "$SUMMARIES"' EXIT

# An exit code of 1 means that some requests were denied.
printf '%s\0' "$@" | xargs -0 -n 1 -P "$CORES" sh -c '
  gzip -dcf "$1" |
    cfsign verify - --public-key "$CFSIGN_PUBLIC_KEY" --summary --json --jobs 1 > "$SUMMARIES/$$" || [ $? = 1 ]' sh

cfsign verify --summary --merge "$SUMMARIES"/*
