#!/bin/sh
#SBATCH --job-name=lingersim
#SBATCH --array=1-16
#SBATCH --cpus-per-task=2
#SBATCH --requeue
#
# A sweep as an array of Slurm, one shard a task; OUT is a folder that all nodes
# share:
#
#     job=$(sbatch --parsable slurm.sh SCENARIO.toml OUT)
#     sbatch --dependency=afterok:"$job" --wrap "lingersim sweep merge OUT"
#
# --shard auto counts the tasks of the array. To repeat some, submit all again:
# what is done costs nothing. An array of only those would be another division.
set -eu
lingersim sweep "$1" --out "$2" --shard auto --threads "${SLURM_CPUS_PER_TASK:-1}" --quiet
