#!/bin/sh
# Signs the URLs on standard input and compresses the result, in blocks on all cores. The blocks are written in order;
# concatenated gzip files are one .gz file.
#
#   CFSIGN_KEY_PAIR_ID=K2JCJMDEHXQW5F CFSIGN_PRIVATE_KEY=cf.pem ./gnu-parallel.sh < urls.txt > signed.txt.gz
#
# cfsign itself uses all cores; GNU parallel helps where another program of the pipe is slow.
set -eu

exec parallel --pipe --keep-order --block 10M --quote bash -c 'set -o pipefail; cfsign batch --jobs 1 --expires 7d | gzip'
