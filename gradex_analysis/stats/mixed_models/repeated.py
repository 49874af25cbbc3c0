"""How do covariances between a patient's visits enter the likelihood?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import (
    Floats,
    differentiate,
    differentiate_twice,
)
from gradex_analysis.stats.mixed_models.structures import Structure
from gradex_analysis.stats.mixed_models.sums import Integers, Sums


@dataclass(frozen=True, eq=False)
class Patterns:
    """Patients with equally many rows: their sums, and where the rows of each pattern stand.

    ``places`` has shape ``(m, size)``: visits counted from 0, or days with ``size`` last; ``group``
    the covariance group of each pattern.
    """

    sums: Sums
    places: Floats
    group: Integers


@dataclass(frozen=True, eq=False)
class Repeated:
    """Covariance matrices of visits, one for every group of patients."""

    patterns: Sequence[Patterns]
    structure: Structure
    n_visits: int
    n_groups: int

    @property
    def is_spatial(self) -> bool:
        """Whether rows stand at days rather than at visits that all patients share."""
        return self.structure.name == "spatial_exponential"

    @property
    def n_parameters(self) -> int:
        """Number of covariance parameters over all groups."""
        return self.n_groups * self.structure.n_parameters(self.n_visits)

    def lags(self) -> Floats:
        """Return how many visits apart the visits are."""
        visits = np.arange(self.n_visits)
        return np.asarray(np.abs(visits[:, None] - visits[None, :]), dtype="float64")

    def covariances(self, parameters: Floats) -> Floats:
        """Return each group's covariance of all visits, ``(groups, visits, visits)``."""
        build = self.structure.build(self.lags())
        own = parameters.reshape(self.n_groups, -1)
        found = np.asarray(build(own), dtype="float64")
        return found.reshape(self.n_groups, self.n_visits, self.n_visits)

    def evaluate(self, parameters: Floats) -> RepeatedMoments | None:
        """Return the moments; None where a covariance matrix has no inverse."""
        own = parameters.reshape(self.n_groups, -1)
        blocks = [Block.make(self, patterns, own) for patterns in self.patterns]
        if any(block is None for block in blocks):
            return None
        return RepeatedMoments(self, own, [block for block in blocks if block is not None])


def _pick(matrices: Floats, places: Floats) -> Floats:
    at = places.astype(int)
    return matrices[..., at[:, :, None], at[:, None, :]]


def distances(places: Floats) -> Floats:
    """Return how far apart the rows of each pattern are; from ``(m, size, dimensions)``."""
    return np.asarray(np.sqrt(((places[:, :, None] - places[:, None, :]) ** 2).sum(axis=-1)))


@dataclass(frozen=True, eq=False)
class Block:
    """The matrices of patterns of one size: ``W`` and ``W V_k`` of each group's own parameters."""

    patterns: Patterns
    log_det: float
    inverse: Floats
    solved: Floats  #: ``W V_k``, ``(K, m, size, size)``

    @classmethod
    def make(cls, model: Repeated, patterns: Patterns, own: Floats) -> Block | None:
        """Invert the covariances of these patterns; None where that cannot be done."""
        values = np.stack([_values(model, patterns, theta) for theta in own])
        covariance = values[patterns.group, np.arange(len(patterns.group))]
        try:
            factor = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            return None
        diagonal = np.diagonal(factor, axis1=1, axis2=2)
        log_det = 2 * float(patterns.sums.n @ np.log(diagonal).sum(axis=1))
        inverse = np.linalg.inv(covariance)
        inverse = (inverse + np.swapaxes(inverse, 1, 2)) / 2
        return cls(patterns, log_det, inverse, inverse @ _derivatives(model, patterns, own))


def _values(model: Repeated, patterns: Patterns, theta: Floats) -> Floats:
    if model.is_spatial:
        return np.asarray(model.structure.build(distances(patterns.places))(theta))
    return _pick(np.asarray(model.structure.build(model.lags())(theta)), patterns.places)


def _derivatives(model: Repeated, patterns: Patterns, own: Floats) -> Floats:
    """Return ``V_k`` of every parameter; 0 for patterns of another group."""
    k = own.shape[1]
    size = patterns.sums.size
    out = np.zeros((own.size, len(patterns.group), size, size))
    for group, theta in enumerate(own):
        here = patterns.group == group
        if model.is_spatial:
            build = model.structure.build(distances(patterns.places[here]))
            values = differentiate(build, theta)
        else:
            values = differentiate(model.structure.build(model.lags()), theta)
            values = _pick(values, patterns.places[here])
        out[group * k : (group + 1) * k, here] = values
    return out


def _add_up(parts: list[Floats]) -> Floats:
    return np.asarray(np.sum(parts, axis=0))


def _pair_up(left: Floats, right: Floats) -> Floats:
    """Return ``sum_m tr(left_k right_l)`` over the patterns."""
    k = len(left)
    return left.reshape(k, -1) @ np.swapaxes(right, -1, -2).reshape(k, -1).T


@dataclass(frozen=True, eq=False)
class RepeatedMoments:
    """The moments of covariances between visits (see ``Moments``)."""

    model: Repeated
    own: Floats
    blocks: list[Block]

    @property
    def log_det(self) -> float:
        """``log |V|``."""
        return sum(block.log_det for block in self.blocks)

    @cached_property
    def inner(self) -> Floats:
        """``A'WA``."""
        parts = [block.patterns.sums.sandwich(block.inverse[None])[0] for block in self.blocks]
        return _add_up(parts)

    @cached_property
    def first(self) -> Floats:
        """``A'W V_k W A``."""
        return _add_up([b.patterns.sums.sandwich(b.solved @ b.inverse) for b in self.blocks])

    @cached_property
    def traces(self) -> Floats:
        """``tr(W V_k)``."""
        return _add_up([np.einsum("kmaa,m->k", b.solved, b.patterns.sums.n) for b in self.blocks])

    @cached_property
    def pair_traces(self) -> Floats:
        """``tr(W V_k W V_l)``."""
        return _add_up(
            [_pair_up(b.solved * b.patterns.sums.n[:, None, None], b.solved) for b in self.blocks]
        )

    def weigh_second(self, weights: Floats) -> Floats:
        """Weigh ``A'W V_k W V_l W A``."""
        out = np.zeros((self.own.size, self.own.size))
        for block in self.blocks:
            middle = block.inverse @ block.patterns.sums.spread(weights)
            out += _pair_up(block.solved, block.solved @ middle)
        return (out + out.T) / 2

    def weigh_pairs(self, weights: Floats) -> Floats:
        """Weigh the pairs of ``A'W V_k W V_l W A``."""
        parts = []
        for block in self.blocks:
            right = np.tensordot(weights, block.solved, axes=1)
            middle = (block.solved @ right).sum(axis=0) @ block.inverse
            parts.append(block.patterns.sums.sandwich(middle[None])[0])
        return _add_up(parts)

    def curvature(self, weights: Floats) -> Floats:
        """Return what the second derivatives of ``V`` add."""
        k = self.own.shape[1]
        out = np.zeros((self.own.size, self.own.size))
        for group, theta in enumerate(self.own):
            at = slice(group * k, (group + 1) * k)
            out[at, at] = self._curvature_of(group, theta, weights)
        return out

    def _curvature_of(self, group: int, theta: Floats, weights: Floats) -> Floats:
        """Gather the slope of the deviance along ``V`` by visits, then weigh ``V_kl`` with it."""
        model = self.model
        slope = np.zeros((model.n_visits, model.n_visits))
        total = np.zeros((len(theta), len(theta)))
        for block in self.blocks:
            patterns = block.patterns
            here = patterns.group == group
            inverse = block.inverse[here]
            own = inverse * patterns.sums.n[here, None, None]
            own = own - inverse @ patterns.sums.spread(weights)[here] @ inverse
            if model.is_spatial:
                build = model.structure.build(distances(patterns.places[here]))
                total += np.einsum("klmab,mab->kl", differentiate_twice(build, theta), own)
            else:
                at = patterns.places[here].astype(int)
                np.add.at(slope, (at[:, :, None], at[:, None, :]), own)
        if model.is_spatial:
            return total
        second = differentiate_twice(model.structure.build(model.lags()), theta)
        return np.asarray(np.einsum("klab,ab->kl", second, slope))
