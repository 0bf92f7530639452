#!/bin/sh
# Signs a list of URLs on several machines with GNU parallel, and writes the signed URLs in the order of the list.
#
#   ./parallel-ssh.sh urls.txt signed.txt hosts.txt \
#       --key-pair-id K2JCJMDEHXQW5F --private-key /etc/cfsign/cf.pem --expires 2027-01-31
#
# hosts.txt has a line for each machine that ssh logs in to without a question: user@build1, or : for this one. Each needs
# cfsign and Perl. What follows hosts.txt are flags of cfsign batch.
#
# The key is on the machines already, in a file that only the user who logs in can read; or it is on none of them, and
# --sign-command asks KMS. It cannot come along from here: what parallel takes from this environment (--env) stands in the
# arguments of ssh, where other users see it.
#
# A URL that cannot be signed leaves an empty line, and the exit status is 1. Its error names the line within its block.
# When a machine fails, the run ends without signed.txt; the next run makes the same signatures.
set -eu

list=$1 signed=$2 hosts=$3
shift 3

# Every machine can be reached, and can sign, before the list is cut up.
parallel --nonall --sshloginfile "$hosts" --quote cfsign batch "$@" /dev/null || exit 2

# Of the two blocks for each machine, one is on its way while cfsign signs the other, on all cores. For parallel every
# status but 0 is a failure, and a URL that cannot be signed (1) is none. One clock serves all machines, so that an end such
# as 7d is the same second everywhere. There is no --retries, with which parallel 20221122 may wait for ever under --pipe,
# and leaves blocks out under --pipepart.
trap 'rm -f "$signed.part"' EXIT
parallel --pipe --block "${BLOCK:-8M}" --keep-order --sshloginfile "$hosts" --jobs 2 --halt now,fail=1 \
    --quote sh -c 'cfsign batch "$@" || [ $? -eq 1 ] || exit 2' sh --now "@$(date +%s)" "$@" < "$list" > "$signed.part"

# A shell that cannot be started over there may end with 0 all the same.
if [ "$(grep -c '' "$signed.part")" -ne "$(grep -c '' "$list")" ]; then
    echo "error: $signed would not have as many lines as $list" >&2
    exit 2
fi
mv "$signed.part" "$signed"
[ "$(grep -cx '' "$signed")" -eq "$(grep -cx '' "$list")" ]
