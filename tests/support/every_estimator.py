"""Every estimator of scikit-learn as a person would write it in a cell: how it is made, fitted and measured.

`specimens()` asks scikit-learn which estimators there are; what needs more than `Name().fit(X, y)` stands in the
tables below. An estimator that a later version adds is tried with what its kind needs.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PREPARE = """
import warnings; warnings.simplefilter("ignore")
import numpy as np
import sklearn.experimental.enable_halving_search_cv, sklearn.experimental.enable_iterative_imputer
from sklearn.datasets import load_diabetes, load_iris, load_linnerud
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import *
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, StandardScaler
X, y = load_iris(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
R, r = (part[:150] for part in load_diabetes(return_X_y=True))
R_train, R_test, r_train, r_test = train_test_split(R, r, random_state=0)
M, m = load_linnerud(return_X_y=True)
L, labels = X, np.stack([y > 0, y > 1], axis=1).astype(int)
C, is_setosa = (X > X.mean(axis=0)).astype(int), (y == 0).astype(int)
docs = ["the cat sat", "the dog ran", "a cat ran", "a dog sat down"] * 5
records = [{"town": town, "year": year} for town in ("Oslo", "Rome") for year in range(5)]
images = np.arange(128.0).reshape(2, 8, 8)
rng = np.random.default_rng(0)
holes = np.where(rng.random(X.shape) < 0.1, np.nan, X)
K = X @ X.T
tags = [("a", "b"), ("b",), ("a", "c")]
frozen = LogisticRegression().fit(X_train, y_train)
"""

# How an estimator is made where its name alone does not do: required arguments, and sizes that take no time.
_MADE = {
    "AdaBoostClassifier": "n_estimators=5",
    "AdaBoostRegressor": "n_estimators=5",
    "AffinityPropagation": "random_state=0",
    "BaggingClassifier": "n_estimators=3",
    "BaggingRegressor": "n_estimators=3",
    "BernoulliRBM": "n_components=3, n_iter=3",
    "CalibratedClassifierCV": "cv=2",
    "CategoricalNB": "min_categories=2",
    "ClassicalMDS": "n_components=2",
    "ClassifierChain": "LogisticRegression(C=0.5)",
    "ColumnTransformer": "[('scaled', StandardScaler(), [0, 1])], remainder='passthrough'",
    "DBSCAN": "eps=0.8",
    "DictionaryLearning": "n_components=3, max_iter=5",
    "ExtraTreesClassifier": "n_estimators=5",
    "ExtraTreesRegressor": "n_estimators=5",
    "FactorAnalysis": "n_components=2",
    "FastICA": "n_components=2, random_state=0",
    "FeatureHasher": "n_features=16",
    "FeatureUnion": "[('scaled', StandardScaler()), ('small', MinMaxScaler())]",
    "FixedThresholdClassifier": "LogisticRegression(), threshold=0.4",
    "FrozenEstimator": "frozen",  # fitted before: its own `fit` trains nothing
    "GaussianRandomProjection": "n_components=2",
    "GradientBoostingClassifier": "n_estimators=5",
    "GradientBoostingRegressor": "n_estimators=5",
    "GridSearchCV": "LogisticRegression(), {'C': [0.1, 1.0]}, cv=2",
    "HalvingGridSearchCV": "LogisticRegression(), {'C': [0.1, 1.0, 10.0]}, cv=2",
    "HalvingRandomSearchCV": "LogisticRegression(), {'C': [0.1, 1.0, 10.0]}, n_candidates=3, cv=2, random_state=0",
    "HashingVectorizer": "n_features=16",
    "HistGradientBoostingClassifier": "max_iter=5",
    "HistGradientBoostingRegressor": "max_iter=5",
    "IsolationForest": "n_estimators=5",
    "KBinsDiscretizer": "n_bins=3, quantile_method='averaged_inverted_cdf'",
    "KMeans": "n_clusters=3, n_init=1",
    "LatentDirichletAllocation": "n_components=2, max_iter=2",
    "LogisticRegressionCV": "Cs=2, cv=2, max_iter=1000, use_legacy_attributes=False, l1_ratios=(0,)",
    "MDS": "n_components=2, n_init=1, max_iter=20, init='random'",
    "MLPClassifier": "hidden_layer_sizes=(5,), max_iter=20",
    "MLPRegressor": "hidden_layer_sizes=(5,), max_iter=20",
    "MiniBatchDictionaryLearning": "n_components=3, max_iter=5",
    "MiniBatchKMeans": "n_clusters=3, n_init=1",
    "MiniBatchNMF": "n_components=2, max_iter=5",
    "MiniBatchSparsePCA": "n_components=2, max_iter=5",
    "MultiOutputClassifier": "LogisticRegression()",
    "MultiOutputRegressor": "LinearRegression()",
    "NMF": "n_components=2, max_iter=50",
    "NeighborhoodComponentsAnalysis": "max_iter=5",
    "NuSVC": "nu=0.3",
    "OneVsOneClassifier": "LogisticRegression()",
    "OneVsRestClassifier": "LogisticRegression(C=2.0)",
    "OutputCodeClassifier": "LogisticRegression(), random_state=0",
    "PatchExtractor": "patch_size=(2, 2), max_patches=3, random_state=0",
    "Pipeline": "[('scale', StandardScaler()), ('model', LogisticRegression(C=0.5))]",
    "RFE": "LogisticRegression()",
    "RFECV": "LogisticRegression(), cv=2",
    "RadiusNeighborsClassifier": "radius=10.0",
    "RadiusNeighborsRegressor": "radius=10.0",
    "RandomForestClassifier": "n_estimators=5",
    "RandomForestRegressor": "n_estimators=5",
    "RandomTreesEmbedding": "n_estimators=5",
    "RandomizedSearchCV": "LogisticRegression(), {'C': [0.1, 1.0]}, n_iter=2, cv=2, random_state=0",
    "RegressorChain": "LinearRegression()",
    "SelectFromModel": "LogisticRegression()",
    "SelectKBest": "k=2",
    "SelfTrainingClassifier": "LogisticRegression()",
    "SequentialFeatureSelector": "LogisticRegression(), n_features_to_select=2, cv=2",
    "SkewedChi2Sampler": "n_components=5",
    "SparseCoder": "dictionary=np.eye(4)",
    "SparsePCA": "n_components=2, max_iter=5",
    "SparseRandomProjection": "n_components=2",
    "SpectralClustering": "n_clusters=3, random_state=0",
    "StackingClassifier": "[('a', LogisticRegression()), ('b', LogisticRegression(C=0.1))], cv=2",
    "StackingRegressor": "[('a', LinearRegression()), ('b', LinearRegression(positive=True))], cv=2",
    "TSNE": "n_components=2, max_iter=250, init='random'",
    "TargetEncoder": "target_type='binary', cv=2",
    "TheilSenRegressor": "max_subpopulation=20, random_state=0",
    "TruncatedSVD": "n_components=2",
    "TunedThresholdClassifierCV": "LogisticRegression(), cv=2",
    "VotingClassifier": "[('a', LogisticRegression()), ('b', LogisticRegression(C=0.1))]",
    "VotingRegressor": "[('a', LinearRegression()), ('b', LinearRegression(positive=True))]",
}


@dataclass(frozen=True)
class Use:
    """What an estimator is fitted on, and the number that a person would look at.

    Attributes
    ----------
    data : str
        Arguments of `fit`, as the cell says them.
    measure : str
        A line of the cell; empty where there is nothing to measure.
    keys : tuple of str
        The metrics that the run then has.
    """

    data: str
    measure: str = ""
    keys: tuple[str, ...] = ()


_CLASSIFIES = Use("X_train, y_train", "accuracy_score(y_test, model.predict(X_test))", ("accuracy_score.y_test",))
_REGRESSES = Use("R_train, r_train", "r2_score(r_test, model.predict(R_test))", ("r2_score.r_test",))
_CLUSTERS = Use("X", "silhouette_score(X, model.labels_)", ("silhouette_score.X",))
_TRANSFORMS = Use("X_train, y_train")
_SCORES = Use("X_train", "model.score(X_test)", ("score.X_test",))
_DETECTS = Use("X_train", "accuracy_score(y_test, model.predict(X_test))", ("accuracy_score.y_test",))
_MANY = Use("M, m", "mean_squared_error(m, model.predict(M))", ("mean_squared_error.m",))
_LABELS = Use("L, labels", "hamming_loss(labels, model.predict(L))", ("hamming_loss.labels",))
_BINARY = Use("X, is_setosa", "f1_score(is_setosa, model.predict(X))", ("f1_score.is_setosa",))
_TEXT = Use("docs")
_SEARCHES = Use(_CLASSIFIES.data, _CLASSIFIES.measure, ("best_score", *_CLASSIFIES.keys))
_CLASSES_OF_DATA = Use("X", "adjusted_rand_score(y, model.predict(X))", ("adjusted_rand_score.y",))

_USES = {
    "BayesianGaussianMixture": _CLASSES_OF_DATA,
    "GaussianMixture": _CLASSES_OF_DATA,
    "Birch": _CLUSTERS,
    "BisectingKMeans": _CLUSTERS,
    "KMeans": _CLUSTERS,
    "MiniBatchKMeans": _CLUSTERS,
    "SpectralBiclustering": Use("X", "silhouette_score(X, model.row_labels_)", ("silhouette_score.X",)),
    "SpectralCoclustering": Use("X", "silhouette_score(X, model.row_labels_)", ("silhouette_score.X",)),
    **dict.fromkeys(("EmpiricalCovariance", "GraphicalLasso", "GraphicalLassoCV", "LedoitWolf"), _SCORES),
    **dict.fromkeys(("MinCovDet", "OAS", "ShrunkCovariance", "KernelDensity"), _SCORES),
    **dict.fromkeys(("FactorAnalysis", "PCA", "LatentDirichletAllocation"), _SCORES),
    **dict.fromkeys(("EllipticEnvelope", "IsolationForest", "OneClassSVM", "SGDOneClassSVM"), _DETECTS),
    "LocalOutlierFactor": Use(
        "X_train", "roc_auc_score(y_train == 0, model.negative_outlier_factor_)", ("roc_auc_score.y_train == 0",)
    ),
    **dict.fromkeys(("GridSearchCV", "RandomizedSearchCV"), _SEARCHES),
    **dict.fromkeys(("HalvingGridSearchCV", "HalvingRandomSearchCV"), _SEARCHES),
    "Pipeline": _CLASSIFIES,
    **dict.fromkeys(("FixedThresholdClassifier", "TunedThresholdClassifierCV"), _BINARY),
    **dict.fromkeys(("MultiOutputClassifier", "ClassifierChain"), _LABELS),
    **dict.fromkeys(
        ("MultiOutputRegressor", "RegressorChain", "CCA", "PLSCanonical", "PLSRegression", "MultiTaskLasso"), _MANY
    ),
    **dict.fromkeys(("MultiTaskElasticNet", "MultiTaskElasticNetCV", "MultiTaskLassoCV"), _MANY),
    "PLSSVD": Use("M, m"),
    "IsotonicRegression": Use("R[:, 2], r", "r2_score(r, model.predict(R[:, 2]))", ("r2_score.r",)),
    "CategoricalNB": Use("C, y", "accuracy_score(y, model.predict(C))", ("accuracy_score.y",)),
    **dict.fromkeys(("CountVectorizer", "HashingVectorizer", "TfidfVectorizer"), _TEXT),
    "DictVectorizer": Use("records"),
    "FeatureHasher": Use("records"),
    "PatchExtractor": Use("images"),
    "KernelCenterer": Use("K"),
    "LabelBinarizer": Use("y"),
    "LabelEncoder": Use("y"),
    "MultiLabelBinarizer": Use("tags"),
    "IterativeImputer": Use("holes"),
    "KNNImputer": Use("holes"),
    "MissingIndicator": Use("holes"),
    "SimpleImputer": Use("holes"),
    "TargetEncoder": Use("C, is_setosa"),
    "RandomTreesEmbedding": Use("X_train"),
    "FeatureAgglomeration": Use("X_train"),
    **dict.fromkeys(("ClassicalMDS", "MDS", "TSNE", "SpectralEmbedding", "NearestNeighbors"), Use("X_train")),
}


@dataclass(frozen=True)
class Specimen:
    """One estimator in one cell."""

    name: str
    source: str
    data: list[str]
    keys: tuple[str, ...]
    is_transformer: bool


def specimens() -> Iterator[Specimen]:
    """Yield every estimator of the installed scikit-learn."""
    for module in ("enable_halving_search_cv", "enable_iterative_imputer"):
        importlib.import_module(f"sklearn.experimental.{module}")
    from sklearn.utils import all_estimators

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = all_estimators()
    for name, cls in found:
        use = _USES.get(name) or _use_of(cls)
        is_transformer = not use.keys
        lines = ["# celltrail: transformed"] if is_transformer else []
        lines += [f"from {_public_module(cls)} import {name}", f"model = {name}({_MADE.get(name, '')})"]
        lines += [f"model.fit({use.data})", use.measure]
        yield Specimen(name, "\n".join(lines), _names(use.data), use.keys, is_transformer)


def _use_of(cls: type) -> Use:
    mixins = {base.__name__ for base in cls.__mro__}
    if "ClassifierMixin" in mixins:
        return _CLASSIFIES
    if "RegressorMixin" in mixins:
        return _REGRESSES
    return _CLUSTERS if "ClusterMixin" in mixins and "TransformerMixin" not in mixins else _TRANSFORMS


def _public_module(cls: Any) -> str:
    parts = cls.__module__.split(".")
    private = next((place for place, part in enumerate(parts) if part.startswith("_")), len(parts))
    return ".".join(parts[:private])


def _names(data: str) -> list[str]:
    return ["R[:, 2]", "r"] if data.startswith("R[") else data.split(", ")
