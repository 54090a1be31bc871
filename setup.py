"""Package metadata that pip reads; the tools' settings are in pyproject.toml."""

from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).parent
VERSION = (ROOT / "sparkles" / "VERSION").read_text().strip()

LOCAL = ["pyspark>=3.5.6,<4.2"]
KERAS = [
    "keras>=3.10,<3.13",
    "tensorflow-cpu>=2.19,<2.21; platform_system == 'Linux' and platform_machine == 'x86_64'",
    "tensorflow>=2.19,<2.21; platform_system != 'Linux' or platform_machine != 'x86_64'",
]
S3 = ["boto3>=1.35"]
INT8 = ["nncf>=2.16"]  # on the driver alone
PLOTS = ["jinja2>=3.1", "matplotlib>=3.9", "scipy>=1.13"]  # on the driver alone
EXPLAIN = ["shap>=0.48"]  # second opinions, on the driver alone

setup(
    name="sparkles",
    version=VERSION,
    description="Image classifiers by transfer learning on Apache Spark",
    long_description=(ROOT / "README.md").read_text(),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11,<3.12",
    packages=find_packages(include=["sparkles", "sparkles.*", "sparkdl", "sparkdl.*"]),
    package_data={
        "sparkles": [
            "VERSION",
            "py.typed",
            "log4j2.properties",
            "models/data/*",
            "emr/cost/data/*.json",
            "exploration/*.html",
            "pages/*.html",
            "report/*.html",
        ]
    },
    install_requires=[
        "numpy>=1.26,<2.4",
        "openvino>=2025.0",
        "pandas>=2.2,<3",
        "pillow>=11",
        "pyarrow>=15",
        "pyyaml>=6",
        "simplejpeg>=1.8",
        "tenacity>=8.2",
        "tqdm>=4.66",
    ],
    extras_require={
        "local": LOCAL,
        "keras": KERAS,
        "s3": S3,
        "int8": INT8,
        "plots": PLOTS,
        "explain": EXPLAIN,
        "all": LOCAL + KERAS + S3 + INT8 + PLOTS + EXPLAIN,
    },
    entry_points={"console_scripts": ["sparkles = sparkles.cli:main"]},
)
