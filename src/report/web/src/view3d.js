// A structure to look at: turns with mouse, fingers and keys; atoms, bonds, polyhedra; a click tells what an atom is.
import { button, download, h, slug, toggle } from './dom.js'
import { available, draw, release, upload } from './gl.js'
import { paintSvg } from './painter.js'
import { polyhedra, scene } from './scene.js'
import { formulas, number } from './words.js'

const times = (a, f) => a.map((v) => v * f)
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const norm = (a) => times(a, 1 / (Math.hypot(...a) || 1))
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]

/** Rows of the rotation that looks along `towards` (into the screen) with `up` upwards. */
function look(towards, up) {
  const z = norm(times(towards, -1))
  const x = norm(cross(up, z))
  return [x, cross(z, x), z]
}

/** Turn the view: about the screen's vertical by a, about its horizontal by b, about its normal by c, radian. */
function turned(rows, a, b, c = 0) {
  const [x, y, z] = rows
  const mix = (p, q, t) => p.map((v, i) => v * Math.cos(t) + q[i] * Math.sin(t))
  let u = mix(x, z, a), w = mix(z, x, -a), v = y
  ;[v, w] = [mix(v, w, -b), mix(w, v, b)]
  ;[u, v] = [mix(u, v, c), mix(v, u, -c)]
  u = norm(u)
  w = norm(cross(u, v))
  return [u, cross(w, u), w]
}

export function structureElement(structure, title) {
  const made = scene(structure)
  const wanted = structure.centres === undefined ? new Set(made.species.filter((sp) => sp.oxidation >= 3).map((sp) => sp.label))
    : new Set(structure.centres.split(',').map((t) => t.trim()).filter(Boolean))
  const ligands = new Set((structure.ligand ?? '').split(',').map((t) => t.trim()).filter(Boolean))
  const isLigand = (sp) => (ligands.size ? ligands.has(sp.label) : sp.oxidation < 0)
  const style = { mode: 'ball', hidden: new Set(), poly: new Set(wanted), cell: true }
  const a = made.cell?.h
  /** The longest edge from left to right, another upwards, turned a little. */
  const standard = () => {
    if (!a) return look([0, 1, 0], [0, 0, 1])
    const sizes = a.map((v) => Math.hypot(...v)), longest = sizes[2] > 1.01 * Math.max(sizes[0], sizes[1]) ? 2 : sizes[1] > 1.01 * sizes[0] ? 1 : 0
    const upwards = longest === 2 ? 1 : 2, into = 3 - longest - upwards
    const first = look(a[into], a[upwards])
    return turned(dot(first[0], a[longest]) < 0 ? look(times(a[into], -1), a[upwards]) : first, 0.42, 0.3)
  }
  let rows = standard(), zoom = 1, shift = [0, 0], buffers = null, things = null, spinning = false, picked = null
  let width = 0, height = 0

  const canvas = h('canvas', { class: 'scene', tabindex: 0, role: 'img', 'aria-label': '' })
  const stage = h('div', { class: 'stage' }, canvas)
  const paper = h('div', { class: 'paper' })
  const info = h('p', { class: 'pick', 'aria-live': 'polite' })

  const radius = (atom) => {
    const r = made.species[atom.species].radius || 1
    return style.mode === 'space' ? 0.95 * r : style.mode === 'sticks' ? 0.16 : 0.2 + 0.2 * r
  }
  const look3d = () => ({ radius, bond: style.mode === 'sticks' ? 0.16 : 0.09, dark: document.documentElement.dataset.theme === 'dark' })

  function assemble() {
    const visible = (kind) => !style.hidden.has(kind)
    things = {
      species: made.species,
      atoms: made.atoms.filter((t) => visible(t.species)),
      bonds: style.mode === 'space' ? [] : made.bonds.filter((b) => visible(b.a) && visible(b.b)),
      edges: style.cell ? made.edges : [],
      polyhedra: style.mode !== 'space' && style.poly.size ? polyhedra(made, style.poly, isLigand).filter((p) => visible(p.species)) : [],
    }
    const extra = new Map() // corners beyond the cell, and the bonds to them
    for (const p of things.polyhedra)
      for (const c of p.outside.filter((c) => visible(c.species))) {
        extra.set(c.at.map((v) => v.toFixed(3)).join(), { at: c.at, species: c.species, index: c.index, occupancy: 1 })
        things.bonds.push({ from: p.centre, to: c.at, a: p.species, b: c.species })
      }
    things.atoms.push(...extra.values())
    release(buffers)
    buffers = available() ? upload(things, look3d()) : null
    canvas.setAttribute('aria-label', `${title}. ${structure.atoms} atoms${structure.formula ? `, ${structure.formula}` : ''}; drag or use the arrow keys to turn.`)
    render()
  }

  /** Pixels an angstrom: the first view fills the stage, but no view overflows it much. */
  function fit() {
    const extent = [1, 1], first = standard()
    for (const a of made.atoms) for (const k of [0, 1]) extent[k] = Math.max(extent[k], Math.abs(dot(first[k], a.at.map((v, i) => v - made.centre[i]))) + 2.2)
    return Math.min((0.5 * width) / extent[0], (0.5 * height) / extent[1], (0.75 * Math.max(width, height)) / made.radius)
  }

  const camera = () => {
    const scale = zoom * fit()
    const back = times(rows[0], -shift[0] / scale).map((v, i) => v + (rows[1][i] * shift[1]) / scale)
    const centre = made.centre.map((v, i) => v + back[i])
    return {
      rows, centre, scale, half: [width / 2 / scale, height / 2 / scale], depth: made.radius * 1.6 + Math.hypot(...back),
      project: (p) => {
        const d = p.map((v, i) => v - centre[i])
        return [dot(rows[0], d) * scale, dot(rows[1], d) * scale, dot(rows[2], d)]
      },
    }
  }

  let waiting = false
  function render() {
    if (waiting) return
    waiting = true
    requestAnimationFrame(() => {
      waiting = false
      now()
    })
  }
  function now() {
    width = stage.clientWidth || 640
    height = Math.round(Math.min(520, Math.max(300, width * 0.66)))
    stage.style.height = `${height}px`
    const fog = getComputedStyle(document.documentElement).getPropertyValue('--stage').trim() || '#ffffff'
    if (buffers) {
      const fine = Math.min(window.devicePixelRatio || 1, 2.5)
      const w = Math.round(width * fine), t = Math.round(height * fine)
      if (canvas.width !== w || canvas.height !== t) Object.assign(canvas, { width: w, height: t })
      if (!draw(buffers, camera(), fog, canvas)) {
        buffers = available() ? upload(things, look3d()) : null
        if (buffers) draw(buffers, camera(), fog, canvas)
      }
    }
    if (!buffers) {
      stage.querySelector('svg.painted')?.remove()
      const picture = paint(width, height)
      picture.style.pointerEvents = 'none'
      stage.append(picture)
    }
    stage.dataset.drawn = buffers ? 'webgl' : 'svg'
  }

  /** For paper: the view as it stands, as vectors while that is small, else as a picture. */
  function paint(w, t) {
    const kept = [width, height]
    ;[width, height] = [w, t]
    const svg = paintSvg(things, camera(), look3d(), w, t)
    ;[width, height] = kept
    return svg
  }
  function toPaper() {
    if (things.atoms.length <= 2500) paper.replaceChildren(paint(640, 440))
    else if (buffers) paper.replaceChildren(h('img', { src: canvas.toDataURL('image/png'), alt: '' }))
  }

  // Hands: one finger or the mouse turns, two fingers zoom and turn about the line of sight, right or Shift moves.
  const down = new Map()
  let moved = 0
  const place = (e) => {
    const r = canvas.getBoundingClientRect()
    return [e.clientX - r.left, e.clientY - r.top]
  }
  canvas.addEventListener('pointerdown', (e) => {
    canvas.setPointerCapture(e.pointerId)
    down.set(e.pointerId, { at: place(e), slide: e.shiftKey || e.button === 2 })
    moved = 0
    spinning = false
    spin.setAttribute('aria-pressed', false)
  })
  canvas.addEventListener('pointermove', (e) => {
    const held = down.get(e.pointerId)
    if (!held) return
    const to = place(e), dx = to[0] - held.at[0], dy = to[1] - held.at[1]
    moved += Math.abs(dx) + Math.abs(dy)
    if (down.size === 2) {
      const other = [...down.values()].find((d) => d !== held).at
      const before = [held.at[0] - other[0], held.at[1] - other[1]], after = [to[0] - other[0], to[1] - other[1]]
      zoom = Math.max(0.3, Math.min(12, (zoom * Math.hypot(...after)) / Math.max(10, Math.hypot(...before))))
      rows = turned(rows, 0, 0, -(Math.atan2(after[1], after[0]) - Math.atan2(before[1], before[0])))
      shift = [shift[0] + dx / 2, shift[1] + dy / 2]
    } else if (held.slide) shift = [shift[0] + dx, shift[1] + dy]
    else rows = turned(rows, -dx * 0.009, dy * 0.009)
    held.at = to
    render()
  })
  const up = (e) => {
    if (down.delete(e.pointerId) && e.type === 'pointerup' && moved < 6) pick(place(e))
  }
  canvas.addEventListener('pointerup', up)
  canvas.addEventListener('pointercancel', up)
  canvas.addEventListener('contextmenu', (e) => e.preventDefault())
  canvas.addEventListener('wheel', (e) => {
    if (!e.ctrlKey && document.activeElement !== canvas) return
    e.preventDefault()
    zoom = Math.max(0.3, Math.min(12, zoom * Math.exp(-e.deltaY * (e.ctrlKey ? 0.01 : 0.0015))))
    render()
  }, { passive: false })
  canvas.addEventListener('keydown', (e) => {
    const keys = {
      ArrowLeft: () => (rows = turned(rows, 0.12, 0)), ArrowRight: () => (rows = turned(rows, -0.12, 0)), ArrowUp: () => (rows = turned(rows, 0, -0.12)),
      ArrowDown: () => (rows = turned(rows, 0, 0.12)), '+': () => (zoom *= 1.15), '=': () => (zoom *= 1.15), '-': () => (zoom /= 1.15), 0: home, Home: home, Escape: home,
    }
    if (!keys[e.key] || e.ctrlKey || e.metaKey) return
    e.preventDefault()
    keys[e.key]()
    render()
  })
  canvas.addEventListener('dblclick', () => {
    home()
    render()
  })
  function home() {
    rows = standard()
    zoom = 1
    shift = [0, 0]
  }

  function pick([x, y]) {
    const c = camera()
    let best = null
    for (const atom of things.atoms) {
      const p = c.project(atom.at), r = Math.max(5, radius(atom) * c.scale)
      if (Math.hypot(width / 2 + p[0] - x, height / 2 - p[1] - y) <= r && (!best || p[2] > best.z)) best = { atom, z: p[2] }
    }
    picked = best?.atom ?? null
    if (!picked) return info.replaceChildren()
    const near = made.around[picked.index] ?? [], kinds = new Map()
    for (const n of near) {
      const label = made.species[n.species].label
      kinds.set(label, [...(kinds.get(label) ?? []), n.distance])
    }
    const s = made.cell ? ` · fractional (${made.inside[picked.index].s.map((v) => v.toFixed(4)).join(', ')})` : ''
    info.replaceChildren(h('b', {}, `${made.species[picked.species].label} ${picked.index + 1}`), `${s}`,
      [...kinds].map(([label, d]) => ` · ${d.length} ${label} at ${number(d[0], 0, 4)}${d.length > 1 ? `–${number(d[d.length - 1], 0, 4)}` : ''} Å`))
  }

  const tools = h('div', { class: 'tools', role: 'group', 'aria-label': 'View' })
  const modes = [['ball', 'balls'], ['sticks', 'sticks'], ['space', 'spheres']].map(([mode, label]) => {
    const b = h('button', { type: 'button', class: 'tool', 'aria-pressed': mode === 'ball', title: `Draw as ${label}` }, label)
    b.addEventListener('click', () => {
      style.mode = mode
      for (const other of modes) other.setAttribute('aria-pressed', other === b)
      assemble()
    })
    return b
  })
  const spin = toggle('spin', 'Turn slowly', false, (on) => {
    spinning = on
    const step = () => {
      if (!spinning || !canvas.isConnected) return
      rows = turned(rows, 0.006, 0)
      now()
      requestAnimationFrame(step)
    }
    if (on) requestAnimationFrame(step)
  })
  tools.append(...modes, h('span', { class: 'gap' }))
  if (a) tools.append(...['a', 'b', 'c'].map((name, k) => button(name, `Look along ${name}`, () => {
    rows = look(times(a[k], -1), a[(k + 2) % 3])
    render()
  })))
  tools.append(a && toggle('cell', 'Edges of the cell', true, (on) => {
    style.cell = on
    assemble()
  }), spin, button('reset', 'First view (0)', () => {
    home()
    render()
  }), h('span', { class: 'gap' }), button('PNG', 'Save this view', () => canvas.toBlob((b) => b && download(`${slug(title)}.png`, b))),
  button('SVG', 'Save this view as vectors', () => download(`${slug(title)}.svg`, new XMLSerializer().serializeToString(Object.assign(paint(900, 620), { id: '' })), 'image/svg+xml')))

  const chips = made.species.map((sp, kind) => {
    const chip = h('button', { type: 'button', class: 'chip', 'aria-pressed': true, title: `Show or hide ${sp.label}` }, h('i', { class: 'ball', style: { background: sp.colour } }), `${sp.label} × ${sp.count}`)
    chip.addEventListener('click', () => {
      style.hidden.has(kind) ? style.hidden.delete(kind) : style.hidden.add(kind)
      chip.setAttribute('aria-pressed', !style.hidden.has(kind))
      assemble()
    })
    return chip
  })
  const polyChips = [...new Set(made.species.filter((sp) => !isLigand(sp) && sp.oxidation > 0).map((sp) => sp.label))].map((label) => {
    const chip = h('button', { type: 'button', class: 'chip', 'aria-pressed': style.poly.has(label), title: `Coordination polyhedra of ${label}` }, h('i', { class: 'poly', style: { background: made.species.find((sp) => sp.label === label).colour } }), `${label} polyhedra`)
    chip.addEventListener('click', () => {
      style.poly.has(label) ? style.poly.delete(label) : style.poly.add(label)
      chip.setAttribute('aria-pressed', style.poly.has(label))
      assemble()
    })
    return chip
  })

  const element = h('figure', { class: 'structure' },
    h('div', { class: 'head' }, h('h4', {}, formulas(structure.caption ?? structure.formula ?? 'Structure')), tools),
    stage, paper, h('div', { class: 'legend' }, h('div', { class: 'chips' }, chips, polyChips)), info,
    h('figcaption', {}, `${structure.atoms} atoms`, structure.formula && `, ${formulas(structure.formula)}`, structure.density !== undefined && `, ${number(structure.density, 0, 4)} g cm⁻³`,
      '. Bonds: cation to anion below 1.25 times the sum of the covalent radii (Cordero 2008). ',
      h('span', { class: 'no-print' }, 'Drag to turn, Shift-drag to move, two fingers or the wheel (after a click) to zoom; click an atom to see its distances.')))
  new ResizeObserver(() => stage.clientWidth && Math.abs(stage.clientWidth - width) > 1 && render()).observe(stage)
  element.toPaper = toPaper
  element.redraw = assemble
  element.start = () => {
    assemble()
    now()
    toPaper()
  }
  return element
}
