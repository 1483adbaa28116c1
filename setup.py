from pathlib import Path

from setuptools import find_namespace_packages, setup

ROOT = Path(__file__).parent
version: dict[str, str] = {}
exec((ROOT / "azure/ai/inference/_version.py").read_text(), version)

setup(
    name="azure-ai-inference",
    version=version["VERSION"],
    description="A small, fast and typed client for models behind the Azure AI Model Inference API",
    long_description=(ROOT / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="MIT",
    author="The azure-ai-inference next contributors",
    keywords=["azure", "ai", "inference", "chat completions", "embeddings", "streaming"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Framework :: AsyncIO",
        "Intended Audience :: Developers",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: 3.14",
        "Typing :: Typed",
    ],
    packages=find_namespace_packages(include=["azure.ai.inference*"]),
    package_data={"azure.ai.inference": ["py.typed"]},
    python_requires=">=3.10",
    install_requires=["azure-core>=1.30.0", "isodate>=0.6.1", "typing-extensions>=4.6.0", "urllib3>=2.2.0"],
    extras_require={
        "aio": ["aiohttp>=3.8.3"],
        "fast": ["orjson>=3.9.15"],
        "opentelemetry": ["azure-core-tracing-opentelemetry>=1.0.0b12", "opentelemetry-api>=1.15"],
        "prompts": ["PyYAML>=6.0"],
    },
)
