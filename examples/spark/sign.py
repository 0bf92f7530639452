"""Signs the URLs of a data set with Apache Spark: each partition goes through a `cfsign batch` of its own.

On one machine, with Java, `pip install pyspark`, and cfsign on the PATH:

    spark-submit --master 'local[2]' sign.py urls.parquet signed.parquet \
        --key-pair-id K2JCJMDEHXQW5F --private-key "$PWD/cf.pem" --expires 2027-01-31

On a cluster, the program and the key sent along as files of the job:

    spark-submit --files cfsign,cf.pem sign.py s3a://BUCKET/urls s3a://BUCKET/signed \
        --key-pair-id K2JCJMDEHXQW5F --private-key cf.pem --expires 2027-01-31

The data set has a column url, and where it has expires, starts, ip, resource or download_as, cfsign reads those too. With
--text it is text, a URL a line. All columns come out again, in Parquet, with signed_url and error, one of which is null.
Flags that are not Spark's and not --text are for `cfsign batch`.

The key is in no argument and in no row, but --files leaves a copy of it on every worker for as long as the job runs, and
sends it in the clear unless spark.network.crypto.enabled is set. A secret that the cluster mounts is better
(--private-key /run/secrets/cf.pem), and so is --sign-command. In spark.executorEnv, Spark would show it in its web interface.

Signing takes longer than reading. Smaller partitions keep all cores busy: --conf spark.sql.files.maxPartitionBytes=8m
"""

import argparse
import os
import time
from subprocess import PIPE, Popen
from tempfile import TemporaryFile

from pyspark import SparkFiles
from pyspark.sql import Observation, SparkSession
from pyspark.sql.functions import count, lit, struct, to_json
from pyspark.sql.types import StringType, StructField, StructType

# Rows are JSON on their way to cfsign and back; by default Spark would cut times off at milliseconds.
JSON = {
    "timestampFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "timestampNTZFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSSSS",
}


def through(command):
    """What mapPartitions calls with the rows of a partition; RDD.pipe would hide the environment and the messages."""

    def signed(rows):
        files = SparkFiles.getRootDirectory()  # Where --files are.
        environment = {**os.environ, "PATH": files + os.pathsep + os.environ["PATH"]}
        with TemporaryFile("w+", encoding="utf-8") as lines, TemporaryFile() as messages:
            lines.writelines(row + "\n" for row in rows)
            lines.seek(0)
            with Popen(
                command, stdin=lines, stdout=PIPE, stderr=messages, cwd=files, env=environment, encoding="utf-8"
            ) as cfsign:
                yield from cfsign.stdout
            # 1 means that some rows have an error. After anything else, nothing of the partition counts.
            if cfsign.returncode not in (0, 1):
                messages.seek(0)
                said = messages.read().decode(errors="replace")
                raise RuntimeError(f"cfsign ended with status {cfsign.returncode}\n{said}")

    return signed


def main():
    parser = argparse.ArgumentParser(usage="sign.py [--text] INPUT OUTPUT FLAGS-OF-CFSIGN-BATCH", allow_abbrev=False)
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--text", action="store_true")
    arguments, flags = parser.parse_known_args()

    # One thread, since Spark runs a task on each core. One clock for all tasks, so that 7d ends at the same second in all of
    # them, and one that is run again signs the same bytes.
    now = f"@{int(time.time())}"
    command = ["cfsign", "batch", "--from", "jsonl", "--jobs", "1", "--quiet", "--now", now, *flags]

    spark = SparkSession.builder.appName("cfsign").getOrCreate()
    if arguments.text:
        rows = spark.read.text(arguments.input).withColumnRenamed("value", "url")
    else:
        rows = spark.read.parquet(arguments.input)
    schema = StructType([*rows.schema, StructField("signed_url", StringType()), StructField("error", StringType())])

    lines = rows.select(to_json(struct("*"), JSON)).rdd.map(lambda row: row[0])
    signed = spark.read.schema(schema).options(mode="FAILFAST", **JSON).json(lines.mapPartitions(through(command)))
    counts = Observation()
    signed.observe(counts, count(lit(1)).alias("rows"), count("error").alias("bad")).write.parquet(arguments.output)
    print("{bad} of {rows} rows not signed".format(**counts.get))
    spark.stop()


if __name__ == "__main__":
    main()
