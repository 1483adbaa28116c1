import re
from pathlib import Path

from setuptools import find_namespace_packages, setup

ROOT = Path(__file__).parent
version: dict[str, str] = {}
exec((ROOT / "azure/ai/inference/_version.py").read_text(), version)


def readme() -> str:
    """The README for the page of an index, where a link to a file or heading of the repository leads nowhere."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    parts = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)  # the odd ones are code
    parts[::2] = [re.sub(r"(?<!!)\[([^]]+)\]\((?!https?:)[^)]*\)", r"\1", part) for part in parts[::2]]
    parts[::2] = [re.sub(r"!\[[^]]*\]\((?!https?:)[^)]*\)\n*", "", part) for part in parts[::2]]
    return "".join(parts)


setup(
    name="azure-ai-inference",
    version=version["VERSION"],
    description="A small, fast and typed client for models behind the Azure AI Model Inference API",
    long_description=readme(),
    long_description_content_type="text/markdown",
    license_expression="MIT",
    license_files=["LICENSE"],
    author="The azure-ai-inference next contributors",
    project_urls={
        "Specification": "https://github.com/Azure/azure-rest-api-specs/tree/main/specification/ai/ModelInference",
    },
    keywords=["azure", "ai", "inference", "chat completions", "embeddings", "streaming"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Framework :: AsyncIO",
        "Intended Audience :: Developers",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3 :: Only",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: 3.14",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Topic :: Software Development :: Libraries :: Python Modules",
        "Typing :: Typed",
    ],
    options={"editable_wheel": {"mode": "compat"}},  # a path in a .pth file: type checkers run no import hooks
    packages=find_namespace_packages(include=["azure.ai.inference*"]),
    py_modules=["azure.ai.inference_pytest"],
    package_data={"azure.ai.inference": ["py.typed"]},
    entry_points={"pytest11": ["azure.ai.inference_pytest = azure.ai.inference_pytest"]},
    python_requires=">=3.10",
    install_requires=["azure-core>=1.30.0", "isodate>=0.6.1", "typing-extensions>=4.6.0", "urllib3>=2.2.0"],
    extras_require={
        "aio": ["aiohttp>=3.8.3"],
        "fast": ["orjson>=3.9.15"],
        "opentelemetry": ["azure-core-tracing-opentelemetry>=1.0.0b12", "opentelemetry-api>=1.15"],
        "prompts": ["PyYAML>=6.0.4"],
        "ray": ["ray[data]>=2.60"],  # for samples alone
        "structured": ["pydantic>=2.9"],
        "telemetry": ["opentelemetry-util-genai>=1.2b0,<2"],
    },
)
