"""Who is treated where, by whom, in which arm, from which day on?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradex_analysis.simulation.design import Setting
from gradex_analysis.simulation.draws import Floats, Ints, office_generator
from gradex_analysis.simulation.instruments import SITE_SD, THERAPIST_SD

BLOCK = 6  # 1:1:1 (or 1:1) within every six patients of a site
FIRST_DAY = np.datetime64("2024-01-08")
DAYS_BETWEEN_PATIENTS = 4
LEAVING_THERAPIST = 1  # the second of the first site ...
LEAVES_ON_DAY = 230  # ... leaves so many days after the first patient


@dataclass(frozen=True)
class Office:
    """One row per patient: what the trial office decides. Therapist -1: none."""

    site: Ints
    arm: Ints
    therapist: Ints
    start: Ints  #: days after the first patient was randomised
    therapist_level: Floats  #: SDs of a questionnaire
    site_level: Floats

    def take(self, rows: Ints) -> Office:
        """Return some patients."""
        return Office(*(values[rows] for values in vars(self).values()))


def set_up_office(setting: Setting) -> Office:
    """Assign site, arm (blocks of 6 stratified by site), therapist and first day."""
    site = _assign_sites(setting)
    arm = _randomise(site, setting)
    start = np.arange(setting.n, dtype=np.int64) * DAYS_BETWEEN_PATIENTS
    treats = np.array([one.treats for one in setting.arms])[arm]
    therapist = np.where(treats, _assign_therapists(site, start, setting), -1)
    n_therapists = setting.sites * setting.therapists_per_site
    levels = office_generator(setting.seed, 2).normal(0, THERAPIST_SD, n_therapists)
    site_levels = office_generator(setting.seed, 3).normal(0, SITE_SD, setting.sites)
    # Without differences between arms patients of any arm must be exchangeable: no therapists.
    therapist_level = np.where(treats & (not setting.is_null), levels[therapist], 0.0)
    return Office(site, arm, therapist, start, therapist_level, site_levels[site])


def present_therapist(therapist: Ints, day: Floats) -> Ints:
    """Return who is there on a day of the study: a colleague stands in for who has left."""
    gone = (therapist == LEAVING_THERAPIST) & (day > LEAVES_ON_DAY)
    return np.where(gone, LEAVING_THERAPIST - 1, therapist)


def _assign_sites(setting: Setting) -> Ints:
    sites, every = setting.sites, setting.planted.small_site_every
    uniforms = office_generator(setting.seed, 0).random(setting.n)
    if every is None or sites == 1:
        return (uniforms * sites).astype(np.int64)
    number = np.arange(setting.n)
    is_small = number % every == setting.planted.small_site_first
    return np.where(is_small, sites - 1, (uniforms * (sites - 1)).astype(np.int64))


def _randomise(site: Ints, setting: Setting) -> Ints:
    arm = np.zeros(setting.n, dtype=np.int64)
    slots = np.arange(BLOCK) % len(setting.arms)
    for number in range(setting.sites):
        here = np.flatnonzero(site == number)
        keys = office_generator(setting.seed, 10 + number).random((len(here) // BLOCK + 1, BLOCK))
        arm[here] = slots[np.argsort(keys, axis=1)].ravel()[: len(here)]
    return arm


def _assign_therapists(site: Ints, start: Ints, setting: Setting) -> Ints:
    per_site = setting.therapists_per_site
    uniforms = office_generator(setting.seed, 1).random(setting.n)
    chosen = site * per_site + (uniforms * per_site).astype(np.int64)
    if per_site == 1 or setting.is_clinic:
        return chosen
    return present_therapist(chosen, start.astype(np.float64))
