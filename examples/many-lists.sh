#!/bin/sh
# Signs many lists of URLs, one process per core: a.txt.signed appears when a.txt is signed completely.
#
#   CFSIGN_KEY_PAIR_ID=K2JCJMDEHXQW5F CFSIGN_PRIVATE_KEY=cf.pem ./many-lists.sh lists/*.txt
#
# One long list needs no script: cfsign batch uses all cores.
set -eu

printf '%s\0' "$@" |
    xargs -0 -P "$(getconf _NPROCESSORS_ONLN)" -I FILE cfsign batch FILE --output FILE.signed --jobs 1 --expires 7d
