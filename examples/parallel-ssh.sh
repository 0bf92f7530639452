#!/bin/sh
# Signs a list of URLs on several machines with GNU parallel, and writes the signed URLs in the order of the list.
#
#   ./parallel-ssh.sh urls.txt signed.txt hosts.txt \
#       --key-pair-id K2JCJMDEHXQW5F --private-key /etc/cfsign/cf.pem --expires 2027-01-31
#
# hosts.txt has a line for each machine that ssh can log in to without a prompt: user@build1, or : for this one. Each needs
# cfsign and Perl. The arguments after hosts.txt are flags of cfsign batch.
#
# The key is on the machines already, in a file that only the user who logs in can read; or it is on none of them, and
# --sign-command asks KMS. It cannot be sent from here: parallel passes on environment variables (--env) in the arguments
# of ssh, which other users can see.
#
# A URL that cannot be signed leaves an empty line, and the exit status is 1. Its error names the line within its block.
# When a machine fails, the run ends without signed.txt; the next run makes the same signatures.
set -eu

list=$1 signed=$2 hosts=$3
shift 3

# Check that every machine can be reached, and can sign, before the list is split.
parallel --nonall --sshloginfile "$hosts" --quote cfsign batch "$@" /dev/null || exit 2

# Each machine has two blocks: one is sent while cfsign signs the other, on all cores. For parallel, every status but 0 is a
# failure, but a URL that cannot be signed (1) is not. All machines use one clock, so that an expiry such as 7d is the same
# second everywhere. There is no --retries: with it, parallel 20221122 may hang under --pipe, and leaves blocks out under
# --pipepart.
trap 'rm -f "$signed.part"' EXIT
parallel --pipe --block "${BLOCK:-8M}" --keep-order --sshloginfile "$hosts" --jobs 2 --halt now,fail=1 \
    --quote sh -c 'cfsign batch "$@" || [ $? -eq 1 ] || exit 2' sh --now "@$(date +%s)" "$@" < "$list" > "$signed.part"

# If the shell cannot be started on a machine, the status may still be 0.
if [ "$(grep -c '' "$signed.part")" -ne "$(grep -c '' "$list")" ]; then
    echo "error: $signed would not have as many lines as $list" >&2
    exit 2
fi
mv "$signed.part" "$signed"
[ "$(grep -cx '' "$signed")" -eq "$(grep -cx '' "$list")" ]
