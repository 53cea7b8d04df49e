"""A sweep in shards on a Ray cluster whose nodes share the folder of results.

    python ray_sweep.py study.toml results 16

A shard that dies with its node is started again on another one, and goes on where it was.
"""

import subprocess
import sys

import ray

WRONG_INPUT = (1, 2, 3, 4)


@ray.remote(num_cpus=1, max_retries=3, retry_exceptions=[OSError])
def shard(study, results, index, count):
    command = ["lingersim", "sweep", study, "--out", results, "--threads", "1", "--quiet"]
    done = subprocess.run(command + ["--shard", f"{index}/{count}"], capture_output=True, text=True)
    if done.returncode in WRONG_INPUT:
        raise ValueError(done.stderr)
    if done.returncode != 0:
        raise OSError(f"shard {index} ended with {done.returncode}: {done.stderr}")
    return index


def main():
    study, results, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    ray.init()
    ray.get([shard.remote(study, results, index, count) for index in range(1, count + 1)])
    subprocess.run(["lingersim", "sweep", "merge", results], check=True)


if __name__ == "__main__":
    main()
