#!/bin/sh
# Prints a Markdown list of download links, one for each file named, that expire after seven days.
#
#   CFSIGN_KEY_PAIR_ID=K2JCJMDEHXQW5F CFSIGN_PRIVATE_KEY=cf.pem \
#       ./download-links.sh https://d111111abcdef8.cloudfront.net/builds/42 app.zip 'read me.txt'
#
# The files are expected under the prefix already: aws s3 sync dist/ s3://BUCKET/builds/42/
set -eu

prefix=$1
shift

for file in "$@"; do
    url=$(cfsign url "$prefix/$file" --encode --expires 7d --download-as "${file##*/}")
    printf -- '- [%s](%s)\n' "$file" "$url"
done
