"""Small distributions in a folder that uv takes for an index: tests of environments then need no network."""

from __future__ import annotations

import base64
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path


def make_wheel(
    folder: Path, name: str, version: str, files: Mapping[str, str] | None = None, requires: Iterable[str] = ()
) -> Path:
    """Write a wheel; without files it holds one module that says its version."""
    module = name.replace("-", "_")
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {each}\n" for each in requires)
    info = f"{module}-{version}.dist-info"
    content = {
        **(files if files is not None else {f"{module}.py": f"__version__ = {version!r}\n"}),
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},{_digest(text)},{len(text.encode())}\n" for path, text in content.items())
    content[f"{info}/RECORD"] = record + f"{info}/RECORD,,\n"
    path = folder / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for place, text in content.items():
            archive.writestr(place, text)
    return path


def make_source(folder: Path, name: str, version: str, *, build: str) -> Path:
    """Write a source distribution whose build runs these lines."""
    project = (
        f'[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
        f'[project]\nname = "{name}"\nversion = "{version}"\n'
    )
    backend = f"def build_wheel(*_, **__):\n    {build}\nbuild_sdist = get_requires_for_build_wheel = build_wheel\n"
    path = folder / f"{name}-{version}.tar.gz"
    metadata = f"Metadata-Version: 2.2\nName: {name}\nVersion: {version}\n"
    with tarfile.open(path, "w:gz") as archive:
        for place, text in {"pyproject.toml": project, "backend.py": backend, "PKG-INFO": metadata}.items():
            one = tarfile.TarInfo(f"{name}-{version}/{place}")
            one.size = len(text.encode())
            archive.addfile(one, io.BytesIO(text.encode()))
    return path


def _digest(text: str) -> str:
    found = hashlib.sha256(text.encode()).digest()
    return f"sha256={base64.urlsafe_b64encode(found).rstrip(b'=').decode()}"
