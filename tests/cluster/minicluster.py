"""HDFS and YARN on loopback: Hadoop's own minicluster, driven through Py4J."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from py4j.java_gateway import GatewayParameters, JavaGateway

from sparkles.spark.session import find_java
from tests.cluster.jars import MINICLUSTER, SPARK_HOME, resolve
from tests.cluster.processes import end, sweep

__all__ = ["Yarn", "start_hadoop"]

_OPEN = ("lang", "util", "io", "net", "nio")
_MEMORY = 6144  # MB of a node: an application master of 3,072 and two executors of 1,536
_SETTINGS = {
    "dfs.replication": "1",
    "yarn.nodemanager.vmem-check-enabled": "false",
    "yarn.nodemanager.disk-health-checker.max-disk-utilization-per-disk-percentage": "99.9",
    "yarn.minicluster.yarn.nodemanager.resource.memory-mb": str(_MEMORY),
    "yarn.nodemanager.resource.cpu-vcores": "4",
    "yarn.scheduler.minimum-allocation-mb": "256",
    "yarn.scheduler.maximum-allocation-mb": str(_MEMORY),
    "yarn.scheduler.capacity.root.queues": "default",
    "yarn.scheduler.capacity.root.default.capacity": "100",
    "yarn.scheduler.capacity.maximum-am-resource-percent": "1",
    # A node of the minicluster that stops sends nothing; after this time it counts as lost.
    "yarn.nm.liveness-monitor.expiry-interval-ms": "20000",
    # Containers' logs stay when their application is gone.
    "yarn.nodemanager.delete.debug-delay-sec": "3600",
}
_TOLD = (
    "fs.defaultFS",
    "yarn.resourcemanager.address",
    "yarn.resourcemanager.scheduler.address",
)


class Yarn:
    """A running cluster.

    Attributes
    ----------
    folder
        Where its nodes work.
    nodes
        The numbers of its NodeManagers.
    variables
        ``HADOOP_CONF_DIR``, with its real ports, and what else ``spark-submit`` needs.
    """

    def __init__(self, java: Any, hdfs: Any, cluster: Any, folder: Path, nodes: int) -> None:
        self._java = java
        self._cluster = cluster
        self._hdfs = hdfs
        self.folder = folder
        self.nodes = range(nodes)
        self.variables = {
            "HADOOP_CONF_DIR": str(_write_configuration(cluster.getConfig(), folder / "conf")),
            "JAVA_HOME": str(find_java()),
            "SPARK_HOME": str(SPARK_HOME),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }

    def upload(self, file: Path) -> str:
        """Put a file into HDFS, and give its URI."""
        system = self._hdfs.getFileSystem()
        target = f"{self._hdfs.getURI().toString()}/{file.name}"
        path = self._java.org.apache.hadoop.fs.Path
        system.copyFromLocalFile(path(f"file:{file}"), path(target))
        return target

    def final_status(self, application: str) -> str:
        """What became of an application, as the ResourceManager has it."""
        key = self._java.org.apache.hadoop.yarn.api.records.ApplicationId.fromString(application)
        known = self._cluster.getResourceManager().getRMContext().getRMApps()
        return str(known[key].getFinalApplicationStatus().toString())

    def count_nodes(self) -> tuple[int, int]:
        """How many nodes the ResourceManager counts as active, and as lost."""
        manager = self._java.org.apache.hadoop.yarn.server.resourcemanager
        metrics = manager.ClusterMetrics.getMetrics()
        return metrics.getNumActiveNMs(), metrics.getNumLostNMs()

    def containers(self, node: int) -> list[str]:
        """The ids of the containers on a node."""
        held = self._cluster.getNodeManager(node).getNMContext().getContainers()
        return [key.toString() for key in held.keySet().toArray()]

    def stop_node(self, node: int) -> None:
        """Stop a node with all that runs on it, without a word to the ResourceManager."""
        self._cluster.getNodeManager(node).stop()

    def logs(self, application: str, name: str = "stderr") -> dict[str, str]:
        """What each container of an application has printed."""
        files = self.folder.rglob(f"{application}/container_*/{name}")
        return {file.parent.name: file.read_text(errors="replace") for file in files}


@contextmanager
def start_hadoop(folder: Path, nodes: int) -> Iterator[Yarn]:
    """Start HDFS and YARN with some NodeManagers; end them with all that they started."""
    folder.mkdir(parents=True)
    java = _start_java(folder)
    try:
        port = int(java.stdout.readline())
        gateway = JavaGateway(gateway_parameters=GatewayParameters(port=port, auto_convert=True))
        yield from _start_services(gateway.jvm, folder, nodes)
    finally:
        java.stdin.close()  # it ends when nobody is there to talk to
        end(java)
        sweep(folder)


def _start_java(folder: Path) -> subprocess.Popen[str]:
    home = find_java()
    classpath = [str(jar) for jar in resolve(MINICLUSTER)] + [f"{SPARK_HOME}/jars/*"]
    opens = [f"--add-opens=java.base/java.{name}=ALL-UNNAMED" for name in _OPEN]
    # Without its native library Hadoop runs chmod for each file that it unpacks: 24,000 of them.
    options = ["-Xmx1g", "-Djdk.lang.Process.launchMechanism=VFORK", *opens]
    command = [str(home / "bin" / "java"), *options, "-cp", ":".join(classpath)]
    return subprocess.Popen(
        [*command, "py4j.GatewayServer", "--die-on-broken-pipe", "0"],
        cwd=folder,
        env={**os.environ, "JAVA_HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=(folder / "hadoop.log").open("w"),
        text=True,
    )


def _start_services(java: Any, folder: Path, nodes: int) -> Iterator[Yarn]:
    settings = java.org.apache.hadoop.yarn.conf.YarnConfiguration()
    places = {"hdfs.minidfs.basedir": "hdfs", "yarn.nodemanager.user-home-dir": "home"}
    there = {name: str(folder / place) for name, place in places.items()}
    for name, value in {**_SETTINGS, **there}.items():
        settings.set(name, value)
    hdfs = java.org.apache.hadoop.hdfs.MiniDFSCluster.Builder(settings).numDataNodes(1).build()
    try:
        hdfs.waitActive()
        settings.set("fs.defaultFS", hdfs.getURI().toString())
        yarn = java.org.apache.hadoop.yarn.server.MiniYARNCluster("yarn", 1, nodes, 1, 1)
        try:
            yarn.init(settings)
            yarn.start()
            yield Yarn(java, hdfs, yarn, folder, nodes)
        finally:
            yarn.stop()
    finally:
        hdfs.shutdown()


def _write_configuration(settings: Any, folder: Path) -> Path:
    folder.mkdir()
    root = ElementTree.Element("configuration")
    for name in _TOLD:
        entry = ElementTree.SubElement(root, "property")
        ElementTree.SubElement(entry, "name").text = name
        ElementTree.SubElement(entry, "value").text = settings.get(name)
    for file in ("core-site.xml", "yarn-site.xml"):
        ElementTree.ElementTree(root).write(folder / file)
    return folder
