"""Elastic constants of a crystal in a shipped force field from LAMMPS alone: box and atoms relaxed, six strains of either sign,
atoms relaxed, central differences of the stress. Usage: lammps_elastic.py FORCEFIELD.yaml CIF
Debian's lmp (29 Sep 2022), pair_style coul/long + table (spline), Ewald 1e-10; short range ends at 12 A with a
quintic switch over the last 0.5 A, Coulomb's real part at 12 A."""
import json, os, subprocess, sys, tempfile
import numpy as np, yaml, ase.io
ff, cif = sys.argv[1:3]
out = yaml.safe_load(open(ff))
atoms = ase.io.read(cif)
kinds = sorted(set(atoms.get_chemical_symbols()))
charge = {k: out["species"][k]["charge"] for k in kinds}
CUT, WIDTH, N = 12.0, 0.5, 60000
r = 0.8 + (CUT - 0.8) * np.arange(N) / (N - 1)
def pair(a, b):
    u, f, any_ = np.zeros(N), np.zeros(N), False
    for t in out["pair_terms"]:
        row = t["rows"].get(f"{a}-{b}") or t["rows"].get(f"{b}-{a}")
        if not row: continue
        any_ = True
        if t["form"] == "morse":
            D, al, r0 = row; e = np.exp(-al * (r - r0))
            u += D * ((1 - e) ** 2 - 1); f -= 2 * D * al * (1 - e) * e
        elif t["form"] == "inverse_power":
            c, n = row[0] * t.get("sign", 1), t["power"]
            u += c / r ** n; f += n * c / r ** (n + 1)
        elif t["form"] == "buckingham":
            A, rho, C = row
            u += A * np.exp(-r / rho) - C / r ** 6; f += A / rho * np.exp(-r / rho) - 6 * C / r ** 7
        elif t["form"] == "exponential":
            A, rho = row
            u += A * np.exp(-r / rho); f += A / rho * np.exp(-r / rho)
        else: raise SystemExit(t["form"])
    x = np.clip((r - CUT + WIDTH) / WIDTH, 0, 1)  # quintic switch over the last 0.5 A
    w, dw = 1 - x ** 3 * (10 - 15 * x + 6 * x * x), -30 * (x * (1 - x)) ** 2 / WIDTH
    return (u * w, f * w - u * dw) if any_ else None
work = tempfile.mkdtemp(); os.chdir(work)
cell = atoms  # LAMMPS takes cutoffs beyond the cell
pairs, table = [], open("pairs.table", "w")
for i, a in enumerate(kinds):
    for j, b in enumerate(kinds[i:], i):
        p = pair(a, b)
        if p is None: continue
        table.write(f"{a}{b}\nN {N} R 0.8 {CUT}\n\n")
        for k in range(N): table.write(f"{k+1} {r[k]:.15g} {p[0][k]:.15g} {p[1][k]:.15g}\n")
        table.write("\n"); pairs.append(f"pair_coeff {i+1} {j+1} table pairs.table {a}{b} {CUT}")
table.close()
from ase.calculators.lammps import Prism
pr = Prism(cell.cell.array); lx, ly, lz, xy, xz, yz = pr.get_lammps_prism(); pos = pr.vector_to_lammps(cell.positions)
with open("start.data", "w") as d:
    d.write(f"start\n\n{len(cell)} atoms\n{len(kinds)} atom types\n0 {lx:.14g} xlo xhi\n0 {ly:.14g} ylo yhi\n0 {lz:.14g} zlo zhi\n{xy:.14g} {xz:.14g} {yz:.14g} xy xz yz\n\nMasses\n\n")
    for i, k in enumerate(kinds): d.write(f"{i+1} 1.0\n")
    d.write("\nAtoms # charge\n\n")
    for n, (s, x) in enumerate(zip(cell.get_chemical_symbols(), pos)):
        d.write(f"{n+1} {kinds.index(s)+1} {charge[s]} {x[0]:.14g} {x[1]:.14g} {x[2]:.14g}\n")
head = f"""units metal
atom_style charge
box tilt large
read_data %s
pair_style hybrid/overlay coul/long {CUT} table spline {N}
pair_coeff * * coul/long
""" + "\n".join(pairs) + """
pair_modify pair coul/long table 0
kspace_style ewald 1e-10
neighbor 1.0 bin
neigh_modify every 1 delay 0 check yes
thermo_style custom step pe pxx pyy pzz pyz pxz pxy lx ly lz xy xz yz
thermo_modify format float %%.13g norm no
min_style cg
min_modify line quadratic dmax 0.05
"""
def lmp(text):
    open("in.lmp", "w").write(text)
    res = subprocess.run(["lmp", "-in", "in.lmp", "-screen", "none"], capture_output=True, text=True)
    log = open("log.lammps").read().split("\n")
    if res.returncode: raise SystemExit("\n".join(log[-20:]))
    last = None
    for n, line in enumerate(log):
        if line.startswith("Loop time"): last = [float(v) for v in log[n - 1].split()]
    return last
relax = "".join(f"fix r{k} all box/relax tri 0.0 vmax 0.0005\nminimize 0 1e-9 2000 20000\nunfix r{k}\nminimize 0 1e-9 2000 20000\n" for k in range(8))
ref = lmp(head % "start.data" + relax + "run 0\nwrite_data ref.data\n")
L = dict(zip(["lx", "ly", "lz", "xy", "xz", "yz"], ref[8:14]))
def stress(F):
    a, b, c = np.array([L["lx"], 0, 0]), np.array([L["xy"], L["ly"], 0]), np.array([L["xz"], L["yz"], L["lz"]])
    a, b, c = F @ a, F @ b, F @ c
    box = f"change_box all x final 0 {a[0]:.16g} y final 0 {b[1]:.16g} z final 0 {c[2]:.16g} xy final {b[0]:.16g} xz final {c[0]:.16g} yz final {c[1]:.16g} remap units box\n"
    o = lmp(head % "ref.data" + box + "minimize 0 1e-9 5000 50000\n")
    return -np.array(o[2:8]) * 1e-4
# the reference keeps its origin at 0
C = np.zeros((6, 6))
idx = [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)]
for j, (p, q) in enumerate(idx):
    s = {}
    for e in (-0.002, -0.001, 0.001, 0.002):
        F = np.eye(3); F[p, q] += e  # shear upper triangular: e is the engineering strain, its turn is even in e
        s[e] = stress(F)
    d1, d2 = (s[0.001] - s[-0.001]) / 0.002, (s[0.002] - s[-0.002]) / 0.004
    C[:, j] = (4 * d1 - d2) / 3
print(json.dumps({"crystal": os.path.basename(cif), "forcefield": os.path.basename(ff), "reference_stress_GPa": [-1e-4 * v for v in ref[2:8]],
                  "volume_A3": L["lx"] * L["ly"] * L["lz"], "C_GPa": np.round(C, 4).tolist()}))
