#!/bin/sh
# A sweep with GNU parallel, one shard a job:
#
#     sh parallel.sh SCENARIO.toml OUT [SHARDS]
#
# It fails if a shard fails; the same command then runs what is missing. Several
# machines: set PARALLEL="--sshloginfile hosts --workdir ." where all of them
# have this folder at the same place.
set -eu
scenario=$1
out=$2
shards=${3:-16}
mkdir -p "$out"
seq "$shards" | parallel --joblog "$out/jobs.log" --resume-failed --retries 2 \
    lingersim sweep "$scenario" --out "$out" --shard "{}/$shards" --threads 1 --quiet
lingersim sweep merge "$out"
