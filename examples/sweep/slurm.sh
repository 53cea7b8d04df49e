#!/bin/sh
# A sweep as a job array of Slurm: each task is a shard. Afterwards: lingersim sweep merge results
#
#   sbatch --array=0-15 slurm.sh study.toml results
#SBATCH --job-name=lingersim
#SBATCH --cpus-per-task=1
#SBATCH --requeue
set -eu
lingersim sweep "$1" --out "$2" --shard auto --threads 1 --quiet
