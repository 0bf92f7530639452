#!/bin/sh
# Signs many lists of URLs, as many at a time as there are cores: a.txt becomes a.txt.signed, when it is complete.
#
#   CFSIGN_KEY_PAIR_ID=K2JCJMDEHXQW5F CFSIGN_PRIVATE_KEY=cf.pem ./many-lists.sh lists/*.txt
#
# For one long list this is not needed: cfsign batch uses all cores by itself.
set -eu

printf '%s\0' "$@" |
    xargs -0 -P "$(getconf _NPROCESSORS_ONLN)" -I FILE cfsign batch FILE --output FILE.signed --jobs 1 --expires 7d
