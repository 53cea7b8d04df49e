#!/bin/sh
# A sweep in shards with GNU parallel; add --sshlogin for other machines that see the folder. Run it again after an
# interruption: shards that were done are skipped, the others go on where they were.
#
#   sh parallel.sh study.toml results 16
set -eu
study=$1 results=$2 shards=$3
mkdir -p "$results"
seq "$shards" | parallel --joblog "$results/jobs.log" --resume-failed \
    lingersim sweep "$study" --out "$results" --shard "{}/$shards" --threads 1 --quiet
lingersim sweep merge "$results"
