#!/usr/bin/env python3
"""Lithia's molecular dynamics beside LAMMPS' on the same atoms, cutoffs and time step, in turn and within seconds of
each other, because a shared machine is never twice the same.

usage: run.py [--bench build/bench_md] [--lmp lmp] [--work DIR] [--cases lisi-dsf,lto-dsf,...] [--reps 3] [--scale 1.0]

Cases:  lisi-dsf   Li2O-2SiO2 liquid, 10 008 atoms, Buckingham + damped shifted force, both 10 A
        lto-dsf    Li4Ti5O12, 10 080 atoms, PMMCS within 5.5 A + damped shifted force within 10 A
        lto80k-dsf the same with 80 640 atoms
        lto672-dsf the same with 672 atoms, Coulomb within 8 A
        lisi-pppm  as lisi-dsf with PPPM (LAMMPS) or PME (lithia) at a relative force accuracy of 1e-5
        lisi-pppm8 the same with both cutoffs at 8 A
        nacl-cs    NaCl core-shell crystal, 5184 ions = 10 368 particles, adiabatic shells, 0.2 fs, both cutoffs 10 A, PPPM/PME 1e-5
Printed for either precision: CPU time of a step (both programs on one core; LAMMPS' loop time times its CPU use); the ratio;
the ratio there would be to the fastest LAMMPS that was ever found for the case (see BEST below); what two threads gain (wall
time, meaningful on a quiet machine only); the error of lithia's first forces against its own reference sum, relative.
"""
import argparse
import json
import math
import os
import random
import re
import subprocess

LABELS = {"lisi": ["Li", "Si", "O"], "lto": ["Li", "Ti", "O"]}
MASSES = {"Li": 6.94, "Si": 28.0855, "O": 15.999, "Ti": 47.867}
CHARGES = {"Li": 0.6, "Si": 2.4, "O": -1.2, "Ti": 2.4}
PMMCS = {"LiO": (0.001114, 3.429506, 2.681360, 1.0), "TiO": (0.024235, 2.254703, 2.708943, 1.0),
         "OO": (0.042395, 1.379316, 3.618701, 22.0)}
BUCKINGHAM = {(1, 3): (41051.938, 0.15116, 0.0), (2, 3): (13702.905, 0.193817, 54.681), (3, 3): (2029.2204, 0.343645, 192.58)}


def write_data(path, labels, box, atoms):
    with open(path, "w") as f:
        f.write(f"bench\n\n{len(atoms)} atoms\n{len(labels)} atom types\n")
        for axis, length in zip("xyz", box):
            f.write(f"0.0 {length!r} {axis}lo {axis}hi\n")
        f.write("\nMasses\n\n")
        for i, label in enumerate(labels, 1):
            f.write(f"{i} {MASSES[label]}\n")
        f.write("\nAtoms # charge\n\n")
        for i, (t, x) in enumerate(atoms, 1):
            f.write(f"{i} {t} {CHARGES[labels[t - 1]]} " + " ".join(repr(v) for v in x) + "\n")


def read_data(path):
    """Box, and (type, position, velocity) by identity, of a LAMMPS data file."""
    box, atoms, velocities, section = [], {}, {}, None
    for line in open(path):
        words = line.split("#")[0].split()
        if not words:
            continue
        if len(words) == 4 and words[2].endswith("lo"):
            box.append((float(words[0]), float(words[1])))
        elif words[0] in ("Masses", "Atoms", "Velocities"):
            section = words[0]
        elif section == "Atoms" and len(words) >= 6:
            atoms[int(words[0])] = (int(words[1]), [float(v) for v in words[3:6]])
        elif section == "Velocities":
            velocities[int(words[0])] = [float(v) for v in words[1:4]]
    return box, [(atoms[i][0], [v - b[0] for v, b in zip(atoms[i][1], box)], velocities[i]) for i in sorted(atoms)]


def write_deck(path, labels, box, atoms):
    with open(path, "w") as f:
        f.write(f"{len(atoms)}\n")
        for i in range(3):
            f.write(" ".join(repr(box[i][1] - box[i][0]) if i == k else "0" for k in range(3)) + "\n")
        for t, x, v in atoms:
            f.write(f"{labels[t - 1]} {MASSES[labels[t - 1]]} " + " ".join(repr(a) for a in x + v) + "\n")


def spinel(n, a=8.3595, u=0.2625):
    """Li4Ti5O12, cubic cells, 16d sites filled at random with one Li to five Ti; Fd-3m, origin at a tetrahedral site."""
    rng = random.Random(77)
    tetrahedra = [(0, 0, 0), (0.75, 0.25, 0.75)]
    octahedra = [(5 / 8, 5 / 8, 5 / 8), (3 / 8, 7 / 8, 1 / 8), (7 / 8, 1 / 8, 3 / 8), (1 / 8, 3 / 8, 7 / 8)]
    x = u + 0.125
    oxygens = [(x, x, x), (-x, 0.5 - x, x + 0.5), (0.5 - x, x + 0.5, -x), (x + 0.5, -x, 0.5 - x),
               (x + 0.75, x + 0.25, 0.75 - x), (0.25 - x, 0.25 - x, 0.25 - x), (x + 0.25, 0.75 - x, x + 0.75),
               (0.75 - x, x + 0.75, x + 0.25)]
    centring = [(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)]
    basis = [(kind, p, c) for kind, points in (("A", tetrahedra), ("D", octahedra), ("O", oxygens)) for p in points
             for c in centring]
    sites = [(kind, [((p[d] + c[d]) % 1.0 + cell[d]) * a for d in range(3)])
             for cell in [(i, j, k) for i in range(n[0]) for j in range(n[1]) for k in range(n[2])] for kind, p, c in basis]
    mixed = [i for i, (kind, _) in enumerate(sites) if kind == "D"]
    rng.shuffle(mixed)
    lithium = set(mixed[:len(mixed) // 6])
    atoms = [(1 if kind == "A" or i in lithium else 2 if kind == "D" else 3,
              [v + 0.02 * (rng.random() - 0.5) for v in p]) for i, (kind, p) in enumerate(sites)]
    return [a * m for m in n], atoms


def liquid(n_units=1112, density=2.35, least=1.55):
    """Li2O-2SiO2 at random, no two atoms nearer than `least`."""
    rng = random.Random(20251)
    labels = LABELS["lisi"]
    types = [1] * (2 * n_units) + [2] * (2 * n_units) + [3] * (5 * n_units)
    rng.shuffle(types)
    length = (sum(MASSES[labels[t - 1]] for t in types) / density * 1.66053907) ** (1 / 3)
    cells = int(length / least)
    grid, atoms = {}, []
    for t in types:
        while True:
            p = [rng.random() * length for _ in range(3)]
            at = [int(v / length * cells) for v in p]
            near = (q for a in (-1, 0, 1) for b in (-1, 0, 1) for c in (-1, 0, 1)
                    for q in grid.get(((at[0] + a) % cells, (at[1] + b) % cells, (at[2] + c) % cells), ()))
            if all(sum((x - y - length * round((x - y) / length)) ** 2 for x, y in zip(p, q)) > least * least for q in near):
                break
        grid.setdefault(tuple(at), []).append(p)
        atoms.append((t, p))
    return [length] * 3, atoms


def rocksalt(n=(9, 9, 8), a=6.03):
    """NaCl, every ion 0.05 A or less from its site, with velocities for some 1400 K that heat to half of it."""
    rng = random.Random(5)
    ions = [(ion, [(c + v + (0.5 * ion if d == 0 else 0)) * a + 0.1 * (rng.random() - 0.5) for d, (c, v) in enumerate(zip(cell, f))])
            for cell in [(i, j, k) for i in range(n[0]) for j in range(n[1]) for k in range(n[2])]
            for f in [(0, 0, 0), (0, 0.5, 0.5), (0.5, 0, 0.5), (0.5, 0.5, 0)] for ion in (0, 1)]
    width = [math.sqrt(8.617333e-5 * 1400 / (m * 1.0364269e-4)) for m in NACL_MASSES]
    return [a * m for m in n], [(ion, x, [rng.gauss(0, width[ion]) for _ in range(3)]) for ion, x in ions]


NACL_MASSES = (22.98976, 35.45)


def write_nacl(args):
    """Ions as cores and shells on top of each other for LAMMPS, as ions for lithia."""
    box, ions = rocksalt()
    with open(os.path.join(args.work, "nacl.data"), "w") as f:
        f.write(f"bench\n\n{2 * len(ions)} atoms\n{len(ions)} bonds\n4 atom types\n2 bond types\n")
        for axis, length in zip("xyz", box):
            f.write(f"0.0 {length!r} {axis}lo {axis}hi\n")
        f.write("\nMasses\n\n" + "".join(f"{1 + s * 2 + ion} {(0.1 if s else 0.9) * NACL_MASSES[ion]!r}\n"
                                          for s in (0, 1) for ion in (0, 1)))
        charges = ((1.5056, -0.5056), (1.5005, -2.5005))
        rows, bonds, velocities, pairs = [], [], [], []
        for i, (ion, x, v) in enumerate(ions):
            for s in (0, 1):
                rows.append(f"{2 * i + 1 + s} {i + 1} {1 + 2 * s + ion} {charges[ion][s]} " + " ".join(repr(p) for p in x))
                velocities.append(f"{2 * i + 1 + s} " + " ".join(repr(p) for p in v))
                pairs.append(f"{2 * i + 1 + s} {i + 1}")
            bonds.append(f"{i + 1} {1 + ion} {2 * i + 1} {2 * i + 2}")
        for name, lines in (("Atoms # full", rows), ("Velocities", velocities), ("Bonds", bonds), ("CS-Info", pairs)):
            f.write(f"\n{name}\n\n" + "\n".join(lines) + "\n")
    with open(os.path.join(args.work, "nacl.deck"), "w") as f:
        f.write(f"{len(ions)}\n")
        for i in range(3):
            f.write(" ".join(repr(box[i]) if i == k else "0" for k in range(3)) + "\n")
        for ion, x, v in ions:
            f.write(f"{('Na', 'Cl')[ion]} {NACL_MASSES[ion]} " + " ".join(repr(a) for a in x + v) + "\n")


def tables(path):
    """PMMCS for LAMMPS builds without pair style pedone."""
    with open(path, "w") as f:
        for key, (depth, rate, r0, c12) in PMMCS.items():
            f.write(f"{key}\nN 4000 RSQ 1.0 10.0\n\n")
            for i in range(4000):
                r = math.sqrt(1.0 + 99.0 * i / 3999)
                x = math.exp(-rate * (r - r0))
                f.write(f"{i + 1} {r!r} {depth * (x * x - 2 * x) + c12 / r**12!r} "
                        f"{2 * depth * rate * (x * x - x) + 12 * c12 / r**13!r}\n")
            f.write("\n")


def buckingham_lines(style=""):
    lines = [f"pair_coeff * * {style} 0.0 1.0 0.0"]
    return lines + [f"pair_coeff {i} {j} {style} {a} {rho} {c}" for (i, j), (a, rho, c) in BUCKINGHAM.items()]


def lammps(args, name, lines):
    path = os.path.join(args.work, name + ".in")
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
    log = os.path.join(args.work, name + ".log")
    subprocess.run([args.lmp, "-in", path, "-log", log, "-screen", "none"], check=True, cwd=args.work,
                   env=dict(os.environ, OMP_NUM_THREADS="1"))
    return open(log).read()


HEAD = ["units metal", "atom_style charge"]


def prepare(args):
    """Decks of both programs; the liquid is melted by LAMMPS once."""
    def path(name):
        return os.path.join(args.work, name)
    tables(path("pmmcs.table"))
    for name, n, temperature in (("lto10k", (6, 5, 6), 2000), ("lto80k", (12, 10, 12), 2000), ("lto672", (3, 2, 2), 300)):
        if os.path.exists(path(name + ".deck")) or not any(CASES[case][0] == name for case in args.cases):
            continue
        box, atoms = spinel(n)
        write_data(path(name + ".start"), LABELS["lto"], box, atoms)
        lammps(args, name + "-prepare", HEAD + [
            f"read_data {name}.start", "pair_style zero 5.0", "pair_coeff * *",
            f"velocity all create {temperature} 991 dist gaussian", "run 0", f"write_data {name}.data nocoeff"])
        write_deck(path(name + ".deck"), LABELS["lto"], *read_data(path(name + ".data")))
    if "nacl-cs" in args.cases:
        write_nacl(args)
    if any(case.startswith("lisi") for case in args.cases) and not os.path.exists(path("lisi.deck")):
        box, atoms = liquid()
        write_data(path("lisi.start"), LABELS["lisi"], box, atoms)
        lammps(args, "lisi-prepare", HEAD + [
            "read_data lisi.start", "timestep 0.001", "pair_style hybrid/overlay buck 8.0 coul/dsf 0.25 8.0",
            *buckingham_lines("buck"), "pair_coeff * * coul/dsf", "min_style cg", "minimize 1e-6 1e-3 200 1000",
            "velocity all create 3000 4711 dist gaussian", "fix 1 all nve/limit 0.05",
            "fix 2 all langevin 3000 3000 0.05 8231", "run 500", "unfix 1", "unfix 2", "fix 1 all nve", "run 200",
            "write_data lisi.data nocoeff"])
        write_deck(path("lisi.deck"), LABELS["lisi"], *read_data(path("lisi.data")))


# Time of the fastest LAMMPS found for a case over that of Debian's, both on one other machine (AVX-512, gcc 12, LAMMPS of
# July 2026 built natively, with its OPENMP, INTEL and OPT packages): multiplies the ratio to Debian's LAMMPS here.
BEST = {"lisi-dsf": 64.4 / 72.7, "lto-dsf": 50.8 / 55.7, "lto80k-dsf": 1.0, "lto672-dsf": 50.8 / 55.7,
        "nacl-cs": 1.0, "lisi-pppm": 51.1 / 59.5, "lisi-pppm8": 42.0 / 63.5}
HERE = os.path.dirname(os.path.abspath(__file__))
TABLES = ["pair_coeff 1 3 table pmmcs.table LiO 5.5", "pair_coeff 2 3 table pmmcs.table TiO 5.5",
          "pair_coeff 3 3 table pmmcs.table OO 5.5", "pair_coeff * * coul/dsf"]
PMMCS_10 = ("pmmcs_pedone2006", "coulomb=dsf cutoff=10 damping=0.25 short=5.5 smoothing=none",
            ["neighbor 1.0 bin", "neigh_modify delay 0", "pair_style hybrid/overlay table linear 4000 coul/dsf 0.25 10.0", *TABLES])


def pppm(cutoff):
    return (f"{HERE}/lisi.yaml", f"coulomb=pme accuracy=1e-5 cutoff={cutoff} short={cutoff} smoothing=none",
            ["neighbor 2.0 bin", "neigh_modify delay 5", f"pair_style buck/coul/long {cutoff}.0", *buckingham_lines(),
             "kspace_style pppm 1e-5"])


CASES = {  # deck, time step, steps, force field, options of lithia, lines of LAMMPS
    "lisi-dsf": ("lisi", 1, 40, f"{HERE}/lisi.yaml", "coulomb=dsf cutoff=10 damping=0.25 short=10 smoothing=none",
                 ["neighbor 2.0 bin", "neigh_modify delay 5", "pair_style hybrid/overlay buck 10.0 coul/dsf 0.25 10.0",
                  *buckingham_lines("buck"), "pair_coeff * * coul/dsf"]),
    "lto-dsf": ("lto10k", 2, 40, *PMMCS_10),
    "lto80k-dsf": ("lto80k", 2, 10, *PMMCS_10),
    "lto672-dsf": ("lto672", 1, 500, "pmmcs_pedone2006", "coulomb=dsf cutoff=8 damping=0.25 short=5.5 smoothing=none",
                   ["neighbor 1.0 bin", "neigh_modify delay 0", "pair_style hybrid/overlay table linear 4000 coul/dsf 0.25 8.0",
                    *TABLES]),
    "lisi-pppm": ("lisi", 1, 40, *pppm(10)),
    "lisi-pppm8": ("lisi", 1, 40, *pppm(8)),
    "nacl-cs": ("nacl", 0.2, 40, f"{HERE}/nacl.yaml", "coulomb=pme accuracy=1e-5 cutoff=10 short=10 smoothing=none shells=adiabatic",
                ["neighbor 2.0 bin", "neigh_modify delay 0 check yes", "pair_style born/coul/long/cs 10.0", "kspace_style pppm 1e-5",
                 "pair_coeff * * 0.0 1.0 0.0 0.0 0.0", "pair_coeff 3 3 487.0 0.23768 0.0 1.05 0.5",
                 "pair_coeff 3 4 145134.0 0.23768 0.0 6.99 8.7", "pair_coeff 4 4 405774.0 0.23768 0.0 72.4 145.4",
                 "bond_style harmonic", "bond_coeff 1 63.014 0.0", "bond_coeff 2 25.724 0.0"]),
}


def run_case(args, name):
    deck, femtoseconds, steps, forcefield, options, style = CASES[name]
    steps = max(5, int(steps * args.scale))
    rivals, mine = [], {("double", 1): [], ("double", 2): [], ("mixed", 1): [], ("mixed", 2): []}
    error = {}
    for rep in range(args.reps):
        head = HEAD if deck != "nacl" else ["units metal", "atom_style full", "fix cs all property/atom i_CSID", "comm_modify vel yes"]
        data = f"read_data {deck}.data" + (" fix cs NULL CS-Info" if deck == "nacl" else "")
        log = lammps(args, name, head + [data, *style, f"timestep {femtoseconds / 1000}", "thermo 50",
                                         "fix 1 all nve", "run 10", f"run {steps}"])
        loop = re.findall(r"Loop time of (\S+) on", log)[-1]
        use = re.findall(r"([\d.]+)% CPU use", log)[-1]
        rivals.append(1e3 * float(loop) * float(use) / 100.0 / steps)
        for precision, threads in mine:
            check = rep == 0 and threads == 1 and deck not in ("lto80k", "nacl")
            text = subprocess.run([args.bench, os.path.join(args.work, deck + ".deck"), forcefield, *options.split(),
                                   f"fs={femtoseconds}", f"steps={steps}", "energy_every=50", f"threads={threads}",
                                   f"precision={precision}", f"check={int(check)}"],
                                  check=True, capture_output=True, text=True).stdout
            values = dict(part.split("=") for part in text.split())
            mine[precision, threads].append((float(values["cpu_ms"]), float(values["wall_ms"])))
            if check:
                error[precision] = values["force_error"]
    best, rows = min(rivals), []
    for precision in ("double", "mixed"):
        cpu, wall = (min(v[i] for v in mine[precision, 1]) for i in (0, 1))
        gain = wall / min(v[1] for v in mine[precision, 2])
        rows.append({"case": name, "precision": precision, "lammps_ms": best, "lithia_ms": cpu, "ratio": best / cpu,
                     "ratio_to_best": best / cpu * BEST[name], "two_threads": gain, "force_error": error.get(precision)})
        print(f"{name:11s} {precision:6s}  LAMMPS {best:8.3f} ms   lithia {cpu:8.3f} ms   ratio {best / cpu:5.2f}   to the best LAMMPS "
              f"{best / cpu * BEST[name]:5.2f}   two threads {gain:4.2f} x   force error {error.get(precision, '-')}", flush=True)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default="build/bench_md")
    parser.add_argument("--lmp", default="lmp")
    parser.add_argument("--work", default="build/bench")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--reps", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="of the number of steps")
    parser.add_argument("--json")
    args = parser.parse_args()
    args.cases = args.cases.split(",")
    args.bench, args.work = os.path.abspath(args.bench), os.path.abspath(args.work)
    os.makedirs(args.work, exist_ok=True)
    prepare(args)
    rows = [row for name in args.cases for row in run_case(args, name)]
    if args.json:
        with open(args.json, "w") as f:
            json.dump(rows, f, indent=1)


if __name__ == "__main__":
    main()
