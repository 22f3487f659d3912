# lithia convert: formats, choice of frames, losses, errors.
command=$1 source=$2
set -e
golden=$source/tests/golden/io
"$command" convert "$golden/ase.XDATCAR" a.extxyz.gz --frames 1:
[ "$(gzip -dc a.extxyz.gz | grep -c Lattice)" = 2 ]
"$command" convert a.extxyz.gz b.dump 2>/dev/null
"$command" convert b.dump c.vasp --frames 1 2>/dev/null
# position of the fifth atom of the third frame, as ASE's file has it
tail -1 c.vasp | awk '{exit !($1 - 0.90292999 < 1e-9 && 0.90292999 - $1 < 1e-9 && $3 - 0.50275862 < 1e-9)}'
"$command" convert --json "$golden/lmp_x.dump" d.cif --types Li,O,Ti | grep -Eq '"frames": ?1\b'
"$command" convert "$golden/lmp_x.dump" d.xyz --types Li,O,Ti --to extxyz --wrap --digits 6
grep -q '^Li' d.xyz
if "$command" convert "$source/tests/golden/structures/Li4Ti5O12.cif" POSCAR 2>err; then exit 1; fi
grep -q "no mixed sites" err
[ ! -e POSCAR ]
if "$command" convert "$golden/ase.XDATCAR" e.vasp 2>err; then exit 1; fi
grep -q "holds one frame" err
[ ! -e e.vasp ]
if "$command" convert a.extxyz.gz f.unknown 2>err; then exit 1; fi
grep -q "tells no format" err
# standard input
gzip -dc a.extxyz.gz | "$command" convert - g.out --to poscar --frames 0 2>/dev/null
grep -q '^Direct' g.out
