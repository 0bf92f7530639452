#!/bin/sh
# Prints a Markdown list of download links, one for each file in a folder of build artifacts, that expire after seven days.
#
#   CFSIGN_KEY_PAIR_ID=K2JCJMDEHXQW5F CFSIGN_PRIVATE_KEY=cf.pem \
#       ./download-links.sh dist https://d111111abcdef8.cloudfront.net/builds/42
#
# The files are expected below the URL already: aws s3 sync dist/ s3://BUCKET/builds/42/
set -eu

links=$(mktemp)
trap 'rm -f "$links"' EXIT

# The column download_as makes S3 name the download.
{
    printf 'url\tdownload_as\n'
    (cd "$1" && find . -type f) | sed 's|^\./||' | LC_ALL=C sort | awk -F / '{ print $0 "\t" $NF }'
} | cfsign batch --from tsv --base-url "$2" --encode --expires 7d > "$links"

awk -F '\t' 'NR > 1 { print "- [" $1 "](" $3 ")" }' "$links"
