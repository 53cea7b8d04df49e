"""A sweep on Ray, one shard a task: python3 ray_sweep.py SCENARIO.toml OUT [SHARDS]

All nodes need lingersim on their path, and the scenario and OUT at the same place.
"""

import os
import subprocess
import sys

import ray


class Again(Exception):
    """Another attempt may succeed."""


@ray.remote(num_cpus=1, max_retries=3, retry_exceptions=[Again])
def shard(scenario, out, part, parts):
    command = ["lingersim", "sweep", scenario, "--out", out, "--shard", f"{part}/{parts}"]
    done = subprocess.run(command + ["--threads", "1", "--quiet"], stderr=subprocess.PIPE, text=True)
    if done.returncode == 0:
        return part
    told = f"shard {part}/{parts} ended with {done.returncode}: {done.stderr}"
    # 1 to 4 would be the same again: a wrong scenario, a bug.
    raise RuntimeError(told) if 1 <= done.returncode <= 4 else Again(told)


def main():
    scenario, out = (os.path.abspath(path) for path in sys.argv[1:3])
    parts = int(sys.argv[3]) if len(sys.argv) > 3 else 16
    ray.init()
    ray.get([shard.remote(scenario, out, part, parts) for part in range(1, parts + 1)])
    return subprocess.run(["lingersim", "sweep", "merge", out]).returncode


if __name__ == "__main__":
    sys.exit(main())
