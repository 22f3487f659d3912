// From a structure to what is drawn: atoms, bonds (by covalent radii), coordination polyhedra, the edges of the cell.
//
// Bonds: cation to anion below 1.25 times the sum of the covalent radii; two non-metals, or atoms of a structure without
// anions, below 1.15 times; ions of equal sign otherwise not. Polyhedra: hulls of the bonded ligands of a centre, four or more.
import { atom as atomColour } from './colour.js'

const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
export const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
const sub = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
const add = (a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
const times = (a, f) => [a[0] * f, a[1] * f, a[2] * f]

const nonMetals = new Set(['H', 'B', 'C', 'N', 'O', 'F', 'Si', 'P', 'S', 'Cl', 'Ge', 'As', 'Se', 'Br', 'Te', 'I'])

function cellOf(structure) {
  const c = structure.cell
  const h = [c.slice(0, 3), c.slice(3, 6), c.slice(6, 9)]
  const volume = dot(h[0], cross(h[1], h[2]))
  if (!(Math.abs(volume) > 1e-9)) return null
  const inverse = [cross(h[1], h[2]), cross(h[2], h[0]), cross(h[0], h[1])].map((v) => times(v, 1 / volume)) // s_i = x . inverse[i]
  return { h, inverse, heights: inverse.map((v) => 1 / Math.hypot(...v)) }
}

/** The longest bond between two species; 0: they do not bond. */
function reach(a, b, anions) {
  const sum = (a.radius ?? 0) + (b.radius ?? 0), qa = a.oxidation ?? 0, qb = b.oxidation ?? 0
  if (qa * qb < 0) return 1.25 * sum
  if ((nonMetals.has(a.element) && nonMetals.has(b.element)) || !anions) return 1.15 * sum
  return 0
}

/** Corners' outer triangles, [i, j, k] seen from outside counter-clockwise; coplanar faces fall into several. */
export function hull(points) {
  const faces = [], n = points.length
  const middle = times(points.reduce(add, [0, 0, 0]), 1 / n)
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++)
      for (let k = j + 1; k < n; k++) {
        let normal = cross(sub(points[j], points[i]), sub(points[k], points[i]))
        const size = Math.hypot(...normal)
        if (size < 1e-6) continue
        normal = times(normal, 1 / size)
        const flip = dot(normal, sub(points[i], middle)) < 0
        if (flip) normal = times(normal, -1)
        const level = dot(normal, points[i])
        const on = []
        let outside = false
        for (let m = 0; m < n && !outside; m++) {
          const d = dot(normal, points[m]) - level
          if (d > 0.02) outside = true
          else if (d > -0.02) on.push(m)
        }
        if (outside) continue
        if (on.length > 3) { // several triangles make this face: keep those that fan out from its first corner
          const around = fan(points, on, normal)
          if (around[0] === i && around.some((m, p) => p > 0 && p + 1 < around.length && same([i, m, around[p + 1]], [i, j, k]))) faces.push(flip ? [i, k, j] : [i, j, k])
        } else faces.push(flip ? [i, k, j] : [i, j, k])
      }
  return faces
}

const same = (a, b) => [...a].sort((x, y) => x - y).join() === [...b].sort((x, y) => x - y).join()

/** The points of a face in order around it, beginning with the one of lowest number. */
function fan(points, on, normal) {
  const middle = times(on.map((m) => points[m]).reduce(add, [0, 0, 0]), 1 / on.length)
  const u = sub(points[on[0]], middle), v = cross(normal, u)
  const angle = (m) => Math.atan2(dot(sub(points[m], middle), v), dot(sub(points[m], middle), u))
  const sorted = [...on].sort((a, b) => angle(a) - angle(b))
  const first = sorted.indexOf(Math.min(...on))
  return [...sorted.slice(first), ...sorted.slice(0, first)]
}

/** {atoms: [{at, species, index, occupancy, bonded}], bonds: [{from, to (places), a, b (species)}], around: [[{at, species, index,
 *  distance, outside}]] per atom of the structure, edges: [[p, q]], centre, radius, species: with colour and count} */
export function scene(structure) {
  const cell = cellOf(structure), n = structure.atoms
  const species = structure.species.map((s) => ({ ...s, colour: atomColour(s.element), count: 0 }))
  const anions = species.some((s) => s.oxidation < 0)
  const at = []
  for (let i = 0; i < n; i++) {
    let p = structure.position.slice(3 * i, 3 * i + 3)
    species[structure.kind_of[i]].count++
    if (cell) {
      const s = cell.inverse.map((v, k) => {
        const f = dot(p, v)
        return structure.periodic[k] ? f - Math.floor(f + 1e-6) : f
      })
      p = [0, 1, 2].map((k) => s[0] * cell.h[0][k] + s[1] * cell.h[1][k] + s[2] * cell.h[2][k])
      p.s = s
    }
    at.push(p)
  }
  const farthest = Math.max(0, ...species.flatMap((a) => species.map((b) => reach(a, b, anions))))

  // The atoms and their images within one bond of the cell.
  const images = []
  const span = [0, 1, 2].map((k) => (cell && structure.periodic[k] ? Math.ceil(farthest / cell.heights[k]) : 0))
  const margin = [0, 1, 2].map((k) => (cell ? farthest / cell.heights[k] + 1e-6 : 0))
  for (let i = 0; i < n; i++)
    for (let a = -span[0]; a <= span[0]; a++)
      for (let b = -span[1]; b <= span[1]; b++)
        for (let c = -span[2]; c <= span[2]; c++) {
          const shift = [a, b, c]
          if (cell && shift.some((v, k) => v && (at[i].s[k] + v < -margin[k] || at[i].s[k] + v > 1 + margin[k]))) continue
          const p = cell && (a || b || c) ? add(at[i], [0, 1, 2].map((k) => a * cell.h[0][k] + b * cell.h[1][k] + c * cell.h[2][k])) : at[i]
          images.push({ at: p, index: i, species: structure.kind_of[i], number: images.length, inside: !(a || b || c), edge: cell && shift.every((v, k) => v === 0 || (v === 1 && at[i].s[k] < 1e-3)) })
        }

  const size = Math.max(farthest, 1)
  const bins = new Map(), bin = (p) => p.map((v) => Math.floor(v / size))
  for (const image of images) {
    const key = bin(image.at).join()
    bins.has(key) ? bins.get(key).push(image) : bins.set(key, [image])
  }
  const near = (p, kind, visit) => {
    const [x, y, z] = bin(p)
    for (let i = x - 1; i <= x + 1; i++)
      for (let j = y - 1; j <= y + 1; j++)
        for (let k = z - 1; k <= z + 1; k++)
          for (const other of bins.get(`${i},${j},${k}`) ?? []) {
            const d = Math.hypot(...sub(other.at, p))
            if (d > 0.3 && d < reach(species[kind], species[other.species], anions)) visit(other, d)
          }
  }

  const bonds = [], around = []
  for (const image of images.filter((i) => i.inside || i.edge)) { // atoms on a face are shown on the opposite one too
    const mine = []
    near(image.at, image.species, (other, d) => {
      mine.push({ at: other.at, species: other.species, index: other.index, distance: d, outside: !(other.inside || other.edge) })
      if ((other.inside || other.edge) && image.number < other.number) bonds.push({ from: image.at, to: other.at, a: image.species, b: other.species })
    })
    image.bonded = mine.sort((a, b) => a.distance - b.distance)
    if (image.inside) around[image.index] = mine
  }
  // An image that would float without its bonds is left out.
  const drawn = images.filter((i) => i.inside || (i.edge && (i.bonded.length === 0 || i.bonded.some((m) => !m.outside))))
  const edges = []
  let centre = times(at.reduce(add, [0, 0, 0]), 1 / Math.max(1, n))
  let corners = at
  if (cell) {
    const corner = (a, b, c) => [0, 1, 2].map((k) => a * cell.h[0][k] + b * cell.h[1][k] + c * cell.h[2][k])
    corners = []
    for (let m = 0; m < 8; m++) {
      const v = [m & 1, (m >> 1) & 1, (m >> 2) & 1]
      corners.push(corner(...v))
      for (let k = 0; k < 3; k++) if (!v[k]) edges.push([corner(...v), corner(...v.map((x, i) => (i === k ? 1 : x)))])
    }
    centre = corner(0.5, 0.5, 0.5)
  }
  const radius = Math.max(2, ...corners.map((p) => Math.hypot(...sub(p, centre)))) + 1
  return { atoms: drawn.map((d) => ({ ...d, occupancy: structure.occupancy?.[d.index] ?? 1 })), bonds, around, edges, centre, radius, species, cell, inside: at }
}

/** Polyhedra of the chosen centres: [{species, index, centre, corners: [place], outside: [corners not drawn as atoms], faces}] */
export function polyhedra(made, centres, ligand) {
  const found = []
  for (const { at, species: kind, index, bonded } of made.atoms) {
    if (!centres.has(made.species[kind].label)) continue
    const ligands = bonded.filter((m) => ligand(made.species[m.species])), corners = ligands.map((m) => m.at)
    if (corners.length >= 4 && corners.length <= 16) found.push({ species: kind, index, centre: at, corners, outside: ligands.filter((m) => m.outside), faces: hull(corners) })
  }
  return found
}
