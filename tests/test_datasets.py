import email
import hashlib
import itertools
import json
import re
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import d2l_utils as d2l
import make_wine
from d2l_utils import _places, datasets
from project import ROOT

DATA = ROOT / "data"
BUNDLED = sorted(
    path
    for path in DATA.iterdir()
    if path.is_file() and path.suffix not in {".md", ".py"} and path.name[0] != "."
)
ARRAYS = ["features", "labels", "cultivar"]


def sha256(content):
    return hashlib.sha256(content).hexdigest()


# --- load_wine


def test_wine_has_the_documented_shapes_and_types():
    wine = d2l.load_wine()
    assert wine.features.shape == (178, 12)
    assert wine.labels.shape == (178, 1)
    assert wine.cultivar.shape == (178,)
    assert wine.features.dtype == wine.labels.dtype == np.float64
    assert wine.cultivar.dtype == np.int64


def test_wine_has_its_names():
    wine = d2l.load_wine()
    assert wine.label_name == "alcohol"
    assert wine.feature_names == [
        "malic_acid",
        "ash",
        "alcalinity_of_ash",
        "magnesium",
        "total_phenols",
        "flavanoids",
        "nonflavanoid_phenols",
        "proanthocyanins",
        "color_intensity",
        "hue",
        "od280_od315",
        "proline",
    ]
    assert wine._fields == (
        "features",
        "labels",
        "feature_names",
        "label_name",
        "cultivar",
    )


@pytest.mark.parametrize(
    ("row", "cultivar", "alcohol", "features"),
    [
        (0, 1, 14.23, "1.71 2.43 15.6 127 2.8 3.06 .28 2.29 5.64 1.04 3.92 1065"),
        (59, 2, 12.37, ".94 1.36 10.6 88 1.98 .57 .28 .42 1.95 1.05 1.82 520"),
        (177, 3, 14.13, "4.1 2.74 24.5 96 2.05 .76 .56 1.35 9.2 .61 1.6 560"),
    ],
)
def test_wine_has_the_numbers_of_the_file(row, cultivar, alcohol, features):
    wine = d2l.load_wine()
    assert wine.cultivar[row] == cultivar
    assert wine.labels[row].tolist() == [alcohol]
    assert wine.features[row].tolist() == [float(value) for value in features.split()]


def test_wine_has_the_published_counts_and_is_sorted_by_cultivar():
    cultivar = d2l.load_wine().cultivar
    assert np.repeat([1, 2, 3], [59, 71, 48]).tolist() == cultivar.tolist()


def test_wine_is_complete_and_has_the_published_ranges():
    wine = d2l.load_wine()
    assert np.all(wine.features > 0)
    assert np.all(np.isfinite(wine.features))
    # UCI rounds: alcohol from 11.0 to 14.8, mean 13.0; proline from 278 to 1680.
    assert (wine.labels.min(), wine.labels.max()) == (11.03, 14.83)
    assert wine.labels.mean() == pytest.approx(13.0, abs=0.05)
    proline = wine.features[:, wine.feature_names.index("proline")]
    assert (proline.min(), proline.max()) == (278, 1680)


def test_wine_is_new_at_each_call():
    first, untouched, second = d2l.load_wine(), d2l.load_wine(), d2l.load_wine()
    for name in ARRAYS:
        getattr(first, name)[...] = -1
    first.feature_names.clear()
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(second, name), getattr(untouched, name))
        assert not np.any(getattr(second, name) == -1)
    assert len(second.feature_names) == 12
    assert len(d2l.load_wine().feature_names) == 12


def test_the_arrays_of_wine_are_ordinary_ones_that_share_nothing():
    wine = d2l.load_wine()
    arrays = [getattr(wine, name) for name in ARRAYS]
    for i, array in enumerate(arrays):
        assert array.flags.c_contiguous
        assert array.flags.writeable
        assert array.flags.owndata
        assert not any(np.shares_memory(array, other) for other in arrays[:i])


# --- the bundled files


def test_the_file_is_ucis_below_a_line_of_names():
    bundled = (DATA / "wine.csv").read_bytes()
    names, _, original = bundled.partition(b"\n")
    assert names.decode() == make_wine.NAMES
    assert sha256(original) == make_wine.SHA256
    assert make_wine.convert(original) == bundled


@pytest.mark.parametrize(
    "change",
    [
        lambda original: b"",
        lambda original: original + b"\n",
        lambda original: original.replace(b"14.23", b"14.24", 1),
        lambda original: original.replace(b"\n", b"\r\n"),
        lambda original: b"\n".join(sorted(original.split(b"\n"), reverse=True)),
    ],
)
def test_no_other_file_is_converted(change):
    _, _, original = (DATA / "wine.csv").read_bytes().partition(b"\n")
    changed = change(original)
    assert changed != original
    message = f"^this is not UCI's wine.data: SHA-256 {sha256(changed)}, not "
    with pytest.raises(ValueError, match=message):
        make_wine.convert(changed)


def test_there_are_bundled_files():
    assert [path.name for path in BUNDLED] == ["digits.csv", "wine.csv"]


@pytest.mark.parametrize("path", BUNDLED, ids=lambda path: path.name)
def test_the_readme_names_every_bundled_file_with_its_checksum(path):
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert path.name in readme
    assert sha256(path.read_bytes()) in readme


def test_the_wheel_names_the_licenses_of_what_it_brings(tmp_path):
    build = [sys.executable, "-m", "hatchling", "build", "--target=wheel"]
    subprocess.run([*build, f"--directory={tmp_path}"], cwd=ROOT, check=True)
    (file,) = tmp_path.iterdir()
    with zipfile.ZipFile(file) as wheel:
        (path,) = (name for name in wheel.namelist() if name.endswith("/METADATA"))
        metadata = email.message_from_bytes(wheel.read(path))
        texts = metadata.get_all("License-File")
        for text in texts:
            brought = wheel.read(path.replace("METADATA", f"licenses/{text}"))
            assert brought == (ROOT / text).read_bytes()
    assert texts == ["LICENSE", "data/README.md"]
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    sections = {part.partition("\n")[0]: part for part in readme.split("\n## ")}
    rows = (re.search(r"license \| \[(.+?)\]", sections[x.name]) for x in BUNDLED)
    licenses = {"MIT", *(row[1].replace(" ", "-") for row in rows)}
    assert set(metadata["License-Expression"].split(" AND ")) == licenses


@pytest.fixture
def package(monkeypatch, tmp_path):
    """An empty folder that the package takes for its own."""
    package = tmp_path / "site" / "d2l_utils"
    package.mkdir(parents=True)
    monkeypatch.setattr(_places, "__file__", str(package / "_places.py"))
    return package


def write_results(folder, **results):
    """A result in each record, as far as there are some."""
    (folder / "benchmarks").mkdir(parents=True)
    parts = itertools.zip_longest(datasets.RECORDS, results.items())
    for path, part in parts:
        text = json.dumps({"machine": "any", "results": dict([part] if part else [])})
        (folder / path).write_text(text)


@pytest.mark.parametrize(
    ("call", "path"),
    [
        (lambda: d2l.load_wine(), "data/wine.csv"),
        (lambda: d2l.load_digits(), "data/digits.csv"),
        (lambda: d2l.load_benchmark("slow"), "benchmarks/results.json"),
    ],
)
def test_a_missing_file_is_named(package, call, path):
    message = f"^{re.escape(path)} is missing: install d2l_utils again$"
    with pytest.raises(FileNotFoundError, match=message):
        call()


def test_a_checkout_has_the_files_beside_the_package_and_a_wheel_within(package):
    write_results(package.parent, slow="checkout")
    assert d2l.load_benchmark("slow") == "checkout"
    # What else lies in the folder of all packages is not ours.
    write_results(package / "bundled", slow="wheel")
    assert d2l.load_benchmark("slow") == "wheel"


# --- load_benchmark


@pytest.fixture
def two_results(monkeypatch, tmp_path):
    write_results(tmp_path, slow={"seconds": [2.5, 3.5]}, fast=[{"n": 1}])
    monkeypatch.setattr(datasets, "bundled", lambda path: tmp_path / path)


@pytest.mark.usefixtures("two_results")
def test_a_benchmark_is_what_was_recorded():
    assert d2l.load_benchmark("slow") == {"seconds": [2.5, 3.5]}
    assert d2l.load_benchmark("fast") == [{"n": 1}]


@pytest.mark.usefixtures("two_results")
def test_a_benchmark_is_new_at_each_call():
    d2l.load_benchmark("slow")["seconds"].append(4.5)
    assert d2l.load_benchmark("slow") == {"seconds": [2.5, 3.5]}


@pytest.mark.usefixtures("two_results")
@pytest.mark.parametrize("name", ["Slow", "", "machine", "results"])
def test_an_unknown_benchmark_lists_the_known_ones(name):
    message = f"^name must be one of fast, slow; got {name!r}$"
    with pytest.raises(ValueError, match=message):
        d2l.load_benchmark(name)
