// Numbers, units, formulas, axis labels, ticks and hulls as the page writes them. Run by test_report_words.sh with the page's
// sources as first argument.
import assert from 'node:assert/strict'
import { pathToFileURL } from 'node:url'

const from = (name) => import(pathToFileURL(`${process.argv[2]}/src/${name}`))
const { axis, duration, formulas, full, name, number, plain, quantity, unit } = await from('words.js')
const { judge } = await from('compare.js')
const { hull, polyhedra, scene } = await from('scene.js')
const { axisTicks } = await from('axes.js')

// As result/table.c: two digits of the error.
for (const [value, error, want] of [
  [37.125, 0.091, '37.125(91)'], [5.989, 0.045, '5.989(45)'], [110.3871, 2.41, '110.4(24)'], [-3.71, 6.188, '−3.7(62)'], [1.23456, 0.0996, '1.23(10)'],
  [12345.6, 7.2, '12345.6(72)'], [5, 20, '5(20)'], [1234, 200, '1.23(20) × 10³'], [1.234e-12, 5e-14, '1.234(50) × 10⁻¹²'], [0, 0.5, '0.00(50)'],
  [3.1416, 0, '3.1416'], [3.1416, undefined, '3.1416'], [NaN, 1, '–'], [undefined, undefined, '–'], [-2.5, undefined, '−2.5'], [1e-12, undefined, '1 × 10⁻¹²'], [20181011, undefined, '20181011']])
  assert.equal(number(value, error), want)
assert.equal(plain(0.00012345678, 4), '0.0001235')
assert.equal(full(0.1 + 0.2, 0.01), '0.30000000000000004 ± 0.01')
assert.deepEqual([0.004, 12.2, 66, 4000].map(duration), ['4 ms', '12 s', '1 min 6 s', '1 h 6 min'])

for (const [text, want] of [['A', 'Å'], ['A3', 'Å³'], ['cm2/s', 'cm² s⁻¹'], ['1/A', 'Å⁻¹'], ['eV/A', 'eV Å⁻¹'], ['g/cm3', 'g cm⁻³'], ['deg', '°'], ['%', '%'], ['S/cm', 'S cm⁻¹'],
  ['mAh/g', 'mAh g⁻¹'], ['deg2', '°²'], ['ohm', 'Ω'], ['', ''], [undefined, ''], ['GPa', 'GPa'], ['eV A', 'eV Å']])
  assert.equal(unit(text), want)

for (const [text, want] of [['Li4Ti5O12 under pressure', 'Li₄Ti₅O₁₂ under pressure'], ['LiO6 and TiO6', 'LiO₆ and TiO₆'], ['Li1.3Al0.3Ti1.7P3O12', 'Li₁.₃Al₀.₃Ti₁.₇P₃O₁₂'], ['Fd3m and IT92', 'Fd3m and IT92'],
  ['PMMCS at 9.5 A', 'PMMCS at 9.5 Å'], ['2 theta', '2θ'], ['H5MD', 'H5MD'], ['K0 and K0\' of', 'K₀ and K₀′ of'], ['0.25 1/A, then', '0.25 Å⁻¹, then'], ['A 5 A long', 'A 5 Å long']])
  assert.equal(formulas(text), want)
for (const [text, want] of [['max_force', 'max force'], ['K0_prime', 'K₀′'], ['alpha2', 'α₂'], ['coordination.Li-O.n', 'coordination Li-O n'], ['V0', 'V₀'], ['electrons^2 per atom', 'electrons² per atom']])
  assert.equal(name(text), want)
for (const [label, u, want] of [['r', 'A', 'r (Å)'], ['V / A3', 'A3', 'V (Å³)'], ['r (A)', 'A', 'r (Å)'], ['g(r)', '', 'g(r)'], ['2 theta (deg)', 'deg', '2θ (°)'], ['two_theta', 'deg', '2θ (°)'],
  ['intensity (electrons^2 per atom)', '', 'intensity (electrons² per atom)'], ['f', '', 'f'], ['K0 / GPa', 'GPa', 'K₀ (GPa)']])
  assert.equal(axis(label, u), want)
assert.equal(quantity('V / A3'), 'V')

// |110.39 - 114.1| over hypot(5.7, 2.41); bounds that exclude a value and that do not.
const row = { published_is: 'equal', computed_is: 'equal' }
const within = judge({ ...row, published: 114.1, published_error: 5.7, computed: 110.39, computed_error: 2.41 })
assert.equal(within.verdict, 'agrees')
assert.ok(Math.abs(within.sigmas + 3.71 / Math.hypot(5.7, 2.41)) < 1e-12 && Math.abs(within.percent + 371 / 114.1) < 1e-9)
assert.equal(judge({ ...row, published: 30.9, published_error: 0.6, computed: 50, computed_error: 5 }).verdict, 'differs')
assert.equal(judge({ ...row, published: 10, computed: 11 }).words, 'no error known')
assert.equal(judge({ ...row, published: 1e-12, computed: 3e-8, computed_is: 'below' }).verdict, 'note')
assert.equal(judge({ ...row, published: 1e-6, computed: 3e-8, computed_is: 'below' }).verdict, 'differs')
assert.equal(judge({ ...row, published: 1e-6, published_is: 'below', computed: 3e-8 }).verdict, 'note')
assert.equal(judge({ ...row, published: 5 }).verdict, 'open')

// Ticks: round numbers in range; powers of ten on logarithmic axes.
const linear = axisTicks(0, 60, false, 7)
assert.deepEqual(linear.major.map((m) => m.text), ['0', '10', '20', '30', '40', '50', '60'])
assert.equal(axisTicks(0, 3e6, false, 5).power, 6)
assert.deepEqual(axisTicks(-3, 2, true, 8).major.map((m) => m.text), ['10⁻³', '0.01', '0.1', '1', '10', '100'])
assert.ok(axisTicks(Math.log10(2), Math.log10(5), true, 5).major.every((m) => m.t >= Math.log10(2) - 1e-9 && m.t <= Math.log10(5) + 1e-9))

// Hulls: octahedron 8 triangles, cube 12 (six squares of two), tetrahedron 4; Euler: V - E + F = 2 with E = 3F/2.
const octahedron = [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]
const cube = [0, 1, 2, 3, 4, 5, 6, 7].map((m) => [m & 1, (m >> 1) & 1, (m >> 2) & 1])
for (const [points, faces] of [[octahedron, 8], [cube, 12], [cube.filter((_, i) => [0, 3, 5, 6].includes(i)), 4]]) {
  const found = hull(points)
  assert.equal(found.length, faces)
  assert.equal(points.length - (3 * found.length) / 2 + found.length, 2)
  const middle = [0, 1, 2].map((k) => points.reduce((sum, p) => sum + p[k], 0) / points.length)
  for (const [a, b, c] of found.map((f) => f.map((i) => points[i]))) { // seen from outside, counter-clockwise
    const u = b.map((v, i) => v - a[i]), w = c.map((v, i) => v - a[i])
    const normal = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]]
    assert.ok(normal.reduce((sum, v, i) => sum + v * (a[i] - middle[i]), 0) > 0)
  }
}

// Rock salt, a = 4.2, its two-atom primitive cell, much smaller than a bond's reach: every ion has six of the other kind at 2.1.
const salt = { atoms: 2, cell: [0, 2.1, 2.1, 2.1, 0, 2.1, 2.1, 2.1, 0], periodic: [1, 1, 1], kind_of: [0, 1], position: [0, 0, 0, 2.1, 0, 0],
  species: [{ label: 'Mg', element: 'Mg', radius: 1.41, oxidation: 2 }, { label: 'O', element: 'O', radius: 0.66, oxidation: -2 }] }
const made = scene(salt)
for (const i of [0, 1]) {
  assert.equal(made.around[i].length, 6)
  assert.ok(made.around[i].every((m) => m.index === 1 - i && Math.abs(m.distance - 2.1) < 1e-9))
}
const octahedra = polyhedra(made, new Set(['Mg']), (s) => s.oxidation < 0)
assert.ok(octahedra.length >= 1 && octahedra.every((p) => p.corners.length === 6 && p.faces.length === 8))
assert.equal(made.edges.length, 12)
assert.equal(scene({ ...salt, cell: [0, 0, 0, 0, 0, 0, 0, 0, 0], periodic: [0, 0, 0] }).around[0].length, 1)
console.log('all as it should be')
