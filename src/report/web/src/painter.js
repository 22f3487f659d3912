// The structure as SVG, farthest things first: for paper, and where there is no WebGL.
import { s } from './dom.js'

const tint = (hex, f) => {
  const v = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16))
  const mixed = v.map((c) => Math.round(f >= 0 ? c + (255 - c) * f : c * (1 + f)))
  return `#${mixed.map((c) => c.toString(16).padStart(2, '0')).join('')}`
}
const px = (v) => Math.round(v * 10) / 10
let serial = 0

/** things: {atoms, bonds, polyhedra, edges, species}; camera: {project(p) -> [x, y, depth], scale}; shows(species) */
export function paintSvg(things, camera, style, width, height) {
  const id = `atoms${serial++}`
  const items = []
  const at = (p) => {
    const [x, y, z] = camera.project(p)
    return [width / 2 + x, height / 2 - y, z]
  }
  for (const [p, q] of things.edges) { // in pieces, so that atoms hide them where they should
    const a = at(p), b = at(q)
    for (let k = 0; k < 6; k++) {
      const f = (t) => [0, 1, 2].map((i) => a[i] + (b[i] - a[i]) * t)
      const u = f(k / 6), v = f((k + 1) / 6)
      items.push({ z: (u[2] + v[2]) / 2, make: () => s('line', { x1: px(u[0]), y1: px(u[1]), x2: px(v[0]), y2: px(v[1]), class: 'cell-edge' }) })
    }
  }
  for (const b of things.bonds) {
    const from = at(b.from), to = at(b.to), middle = [0, 1, 2].map((i) => (from[i] + to[i]) / 2)
    for (const [p, q, kind] of [[from, middle, b.a], [middle, to, b.b]])
      items.push({ z: (p[2] + q[2]) / 2, make: () => s('line', { x1: px(p[0]), y1: px(p[1]), x2: px(q[0]), y2: px(q[1]), stroke: tint(things.species[kind].colour, -0.12), 'stroke-width': px(2 * style.bond * camera.scale), 'stroke-linecap': 'butt' }) })
  }
  for (const a of things.atoms) {
    const [x, y, z] = at(a.at)
    items.push({ z, make: () => s('circle', { cx: px(x), cy: px(y), r: px(style.radius(a) * camera.scale), fill: `url(#${id}-${a.species})`, stroke: tint(things.species[a.species].colour, -0.5), 'stroke-width': 0.6 }) })
  }
  for (const p of things.polyhedra)
    for (const face of p.faces) {
      const c = face.map((i) => at(p.corners[i]))
      const normal = (c[1][0] - c[0][0]) * (c[2][1] - c[0][1]) - (c[1][1] - c[0][1]) * (c[2][0] - c[0][0])
      const colour = tint(things.species[p.species].colour, normal < 0 ? 0.25 : -0.15)
      items.push({ z: (c[0][2] + c[1][2] + c[2][2]) / 3, make: () => s('path', { d: `M${c.map((v) => `${px(v[0])} ${px(v[1])}`).join('L')}Z`, fill: colour, 'fill-opacity': 0.45, stroke: tint(things.species[p.species].colour, -0.35), 'stroke-width': 0.5, 'stroke-linejoin': 'round' }) })
    }
  items.sort((a, b) => a.z - b.z)
  return s('svg', { viewBox: `0 0 ${width} ${height}`, class: 'painted', role: 'presentation' },
    s('defs', {}, things.species.map((sp, i) => s('radialGradient', { id: `${id}-${i}`, cx: '35%', cy: '30%', r: '75%' },
      s('stop', { offset: '0%', 'stop-color': tint(sp.colour, 0.6) }), s('stop', { offset: '55%', 'stop-color': sp.colour }), s('stop', { offset: '100%', 'stop-color': tint(sp.colour, -0.35) })))),
    items.map((i) => i.make()))
}
