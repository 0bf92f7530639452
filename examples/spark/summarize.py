"""Explains the 403s in CloudFront access logs with Apache Spark: each task summarizes some files with `cfsign verify`.

On one machine, with Java, `pip install pyspark`, and cfsign on the PATH:

    spark-submit --master 'local[2]' summarize.py 'logs/*.gz' --public-key "$PWD/cf.pub.pem"

On a cluster, the program and the public key sent along as files of the job:

    spark-submit --files cfsign,cf.pub.pem summarize.py 's3a://BUCKET/logs/*.gz' --public-key cf.pub.pem

Flags that are not Spark's are for `cfsign verify`. The summaries are small and add up, whatever the number of files.
"""

import argparse
import gzip
import os
import subprocess

from pyspark import SparkFiles
from pyspark.sql import SparkSession


def run(command, data):
    """The output of cfsign. An exit code of 1 means that some requests were denied."""
    files = SparkFiles.getRootDirectory()  # Where --files are.
    environment = {**os.environ, "PATH": files + os.pathsep + os.environ["PATH"]}
    done = subprocess.run(command, input=data, capture_output=True, cwd=files, env=environment)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"cfsign ended with status {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(usage="summarize.py LOGS FLAGS-OF-CFSIGN-VERIFY", allow_abbrev=False)
    parser.add_argument("logs")
    arguments, flags = parser.parse_known_args()
    # One thread, since Spark runs a task on each core.
    command = ["cfsign", "verify", "-", "--summary", "--json", "--jobs", "1", *flags]

    def summary(file):
        name, log = file
        return run(command, gzip.decompress(log) if name.endswith(".gz") else log)

    spark = SparkSession.builder.appName("cfsign").getOrCreate()
    summaries = spark.sparkContext.binaryFiles(arguments.logs).map(summary).collect()
    print(run(["cfsign", "verify", "--summary", "--merge", "-"], b"".join(summaries)).decode(), end="")
    spark.stop()


if __name__ == "__main__":
    main()
