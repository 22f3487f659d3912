// The drawing of one figure as SVG: axes, curves, error bars, stacked curves, the read-out. State in, picture out; what the
// reader's hands do is in gestures.js, the frame around it (legend, buttons) in figure.js.
import { bisector } from 'd3-array'
import { axisTicks, inverse, transform } from './axes.js'
import { paint } from './colour.js'
import { h, s } from './dom.js'
import { axis, number, plain, quantity, superscript, unit } from './words.js'

let serial = 0
const MARKS = [
  (x, y, r) => `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`,
  (x, y, r) => `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`,
  (x, y, r) => `M${x} ${y - 1.25 * r}l${1.2 * r} ${2.1 * r}h${-2.4 * r}z`,
  (x, y, r) => `M${x} ${y - 1.4 * r}l${1.4 * r} ${1.4 * r}l${-1.4 * r} ${1.4 * r}l${-1.4 * r} ${-1.4 * r}z`,
]
/** The mark of a curve: (x, y, r) to a path. */
export const mark = (c) => MARKS[Math.max(0, Number.isInteger(c.colour.dash) ? c.colour.dash : 1) % MARKS.length]
const px = (v) => Math.round(v * 10) / 10

export class Plot {
  /** figure: {title, xLabel, yLabel, xUnit, yUnit, xLog, yLog, points, sticks, stacked, curves: [{name, label, x, y, xe, ye, line,
   *  colour, group}]}; x, y: arrays with null where there is no number. */
  constructor(figure) {
    this.figure = figure
    this.xLog = figure.xLog
    this.yLog = figure.yLog
    this.stacked = figure.stacked
    this.hidden = new Set()
    this.group = figure.groups.length > 1 ? figure.groups[0] : null
    this.view = null // {x: [lo, hi], y: [lo, hi]} in t; null: everything
    this.cursor = null // {curve, i}
    this.id = `clip${serial++}`
    for (const curve of figure.curves) curve.sorted = curve.x.every((x, i) => i === 0 || x >= curve.x[i - 1])
    this.svg = s('svg', { class: 'plot-svg', tabindex: 0, role: 'img', 'aria-roledescription': 'interactive figure' })
    this.readout = h('div', { class: 'readout', hidden: true })
    this.element = h('div', { class: 'plot-box' }, this.svg, this.readout)
    this.width = 0
    new ResizeObserver(() => {
      if (this.element.clientWidth && Math.abs(this.element.clientWidth - this.width) > 1) requestAnimationFrame(() => this.draw())
    }).observe(this.element)
  }

  /** Curves in the chosen group, hidden ones too. */
  get chosen() {
    return this.figure.curves.filter((c) => this.group === null || c.group === this.group)
  }
  get shown() {
    return this.chosen.filter((c) => !this.hidden.has(c))
  }

  /** The largest ranges that hold every curve shown, in t. */
  full() {
    const tx = transform(this.xLog), ty = transform(this.yLog)
    const x = [Infinity, -Infinity], y = [Infinity, -Infinity]
    const grow = (range, t) => {
      if (t < range[0]) range[0] = t
      if (t > range[1]) range[1] = t
    }
    const shown = this.shown
    this.offsets = new Map()
    let spread = 0
    for (const c of shown) {
      const own = [Infinity, -Infinity]
      for (let i = 0; i < c.x.length; i++) {
        if (c.y[i] === null || c.x[i] === null) continue
        const t = ty(c.y[i])
        if (!Number.isFinite(t) || !Number.isFinite(tx(c.x[i]))) continue
        grow(x, tx(c.x[i]))
        grow(own, t)
        if (c.ye?.[i] > 0 && !this.stacked && (c.x.length < 400)) {
          grow(own, ty(c.y[i] + c.ye[i]))
          const low = ty(c.y[i] - c.ye[i])
          if (Number.isFinite(low)) grow(own, low)
        }
      }
      spread = Math.max(spread, own[1] - own[0])
      c.own = own
    }
    shown.forEach((c, k) => {
      const offset = this.stacked ? k * 0.42 * spread : 0
      this.offsets.set(c, offset)
      grow(y, c.own[0] + offset)
      grow(y, c.own[1] + offset)
    })
    if (this.figure.sticks && !this.yLog) grow(y, 0)
    const pad = (range, part, whole) => {
      if (!(range[0] <= range[1])) return whole
      const width = range[1] - range[0] || Math.abs(range[0]) || 1
      return [range[0] - part * width, range[1] + part * width]
    }
    const marks = this.figure.points || this.figure.sticks
    const all = { x: pad(x, marks ? 0.04 : 0, [0, 1]), y: pad(y, 0.05, [0, 1]) }
    if (this.figure.sticks && !this.yLog && y[0] === 0) all.y[0] = 0
    return all
  }

  /** `width`: in points, for paper; the element's own on the screen. */
  draw(width = this.element.clientWidth || 720) {
    this.width = width
    const height = Math.round(Math.min(440, Math.max(270, width * 0.56))) + (this.stacked ? Math.min(260, 26 * this.shown.length) : 0)
    const all = this.full()
    const view = this.view ?? all
    const phone = width < 480
    const yTicks = axisTicks(view.y[0], view.y[1], this.yLog, Math.max(3, Math.round(height / 60)))
    const xTicks = axisTicks(view.x[0], view.x[1], this.xLog, Math.max(3, Math.round(width / (phone ? 80 : 110))))
    const tickRoom = this.stacked ? 8 : 8 + 6.6 * Math.max(1, ...yTicks.major.map((m) => m.text.length))
    const labels = this.stacked ? Math.max(0, ...this.shown.map((c) => c.label.length)) : 0
    const box = { left: 26 + tickRoom, top: 12, right: width - 14 - Math.min(labels * 7.4, width * 0.36), bottom: height - 46 }
    const X = (t) => box.left + ((t - view.x[0]) / (view.x[1] - view.x[0])) * (box.right - box.left)
    const Y = (t) => box.bottom - ((t - view.y[0]) / (view.y[1] - view.y[0])) * (box.bottom - box.top)
    Object.assign(this, { box, X, Y, all, height })
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`)
    this.svg.setAttribute('aria-label', this.describe())
    this.layer = s('g', { class: 'cursor' })
    this.svg.replaceChildren(
      s('clipPath', { id: this.id }, s('rect', { x: box.left, y: box.top - 1, width: Math.max(1, box.right - box.left), height: box.bottom - box.top + 2 })),
      this.drawAxes(xTicks, yTicks, view),
      s('g', { 'clip-path': `url(#${this.id})` }, this.shown.map((c) => this.drawCurve(c)).sort((a, b) => a.over - b.over)),
      this.stacked ? this.drawLabels() : '',
      this.layer,
    )
    this.drawCursor()
  }

  drawAxes(xTicks, yTicks, view) {
    const { box, X, Y } = this, f = this.figure
    const inside = (t, range) => t >= range[0] - 1e-12 && t <= range[1] + 1e-12
    const g = s('g', { class: 'axes' })
    const power = (p) => (p ? ` × 10${superscript(p)}` : '')
    for (const m of xTicks.major.filter((m) => inside(m.t, view.x)))
      g.append(s('line', { class: 'grid', x1: px(X(m.t)), x2: px(X(m.t)), y1: box.top, y2: box.bottom }),
        s('text', { x: px(X(m.t)), y: box.bottom + 18, 'text-anchor': 'middle' }, m.text))
    for (const t of xTicks.minor.filter((t) => inside(t, view.x)))
      g.append(s('line', { class: 'tick', x1: px(X(t)), x2: px(X(t)), y1: box.bottom, y2: box.bottom - 4 }))
    if (!this.stacked) {
      for (const m of yTicks.major.filter((m) => inside(m.t, view.y)))
        g.append(s('line', { class: 'grid', x1: box.left, x2: box.right, y1: px(Y(m.t)), y2: px(Y(m.t)) }),
          s('text', { x: box.left - 7, y: px(Y(m.t)) + 4, 'text-anchor': 'end' }, m.text))
      for (const t of yTicks.minor.filter((t) => inside(t, view.y)))
        g.append(s('line', { class: 'tick', x1: box.left, x2: box.left + 4, y1: px(Y(t)), y2: px(Y(t)) }))
    }
    const yLabel = axis(f.yLabel, f.yUnit) + (this.stacked ? ', curves offset' : '')
    const middle = (box.top + box.bottom) / 2
    g.append(
      s('path', { class: 'frame', d: `M${box.left} ${box.top}V${box.bottom}H${box.right}` }),
      s('text', { class: 'label', x: (box.left + box.right) / 2, y: this.height - 8, 'text-anchor': 'middle' }, axis(f.xLabel, f.xUnit) + power(xTicks.power)),
      s('text', { class: 'label', transform: `translate(15 ${middle}) rotate(-90)`, 'text-anchor': 'middle' }, yLabel + (this.stacked ? '' : power(yTicks.power))))
    return g
  }

  drawLabels() {
    return s('g', { class: 'names' }, this.shown.map((c) => {
      const ty = transform(this.yLog)
      const last = c.y[c.y.length - 1]
      const t = (Number.isFinite(ty(last)) ? ty(last) : c.own[0]) + this.offsets.get(c)
      const y = this.Y(t)
      if (y < this.box.top || y > this.box.bottom) return ''
      return s('text', { class: 'ink name', style: paint(c.colour), x: this.box.right + 5, y: px(y) + 4 }, c.label)
    }))
  }

  /** Where point i of a curve is, or null. */
  place(c, i) {
    if (c.y[i] === null || c.x[i] === null) return null
    const x = transform(this.xLog)(c.x[i]), y = transform(this.yLog)(c.y[i])
    return Number.isFinite(x) && Number.isFinite(y) ? [this.X(x), this.Y(y + this.offsets.get(c))] : null
  }

  /** Indices that may be in view, one more on each side. */
  range(c) {
    if (!c.sorted || !this.view) return [0, c.x.length]
    const at = inverse(this.xLog), find = bisector((d) => d)
    return [Math.max(0, find.left(c.x, at(this.view.x[0])) - 1), Math.min(c.x.length, find.right(c.x, at(this.view.x[1])) + 1)]
  }

  drawCurve(c) {
    const marks = (this.figure.points && !c.line) || c.x.length === 1
    const g = s('g', { class: `ink curve dash${c.colour.dash}`, style: paint(c.colour) })
    g.over = marks ? 1 : 0 // points lie on lines
    if (c.ye && !this.stacked) g.append(this.drawErrors(c, marks || c.x.length <= 60))
    if (this.figure.sticks) g.append(this.drawSticks(c))
    else if (marks) g.append(s('path', { class: 'marks', d: this.markPath(c) }))
    else g.append(s('path', { class: 'line', d: this.linePath(c) }))
    return g
  }

  linePath(c) {
    const [from, to] = this.range(c), parts = []
    const thin = c.sorted && to - from > 3 * this.width
    let pen = false
    const go = (p) => {
      parts.push(`${pen ? 'L' : 'M'}${px(p[0])} ${px(p[1])}`)
      pen = true
    }
    let column = null, low, high, last
    const flush = () => {
      if (column === null) return
      for (const p of low[2] < high[2] ? [low, high] : [high, low]) go(p)
      go(last)
      column = null
    }
    for (let i = from; i < to; i++) {
      const p = this.place(c, i)
      if (!p) {
        flush()
        pen = false
      } else if (!thin) go(p)
      else { // more points than pixels: the lowest and highest of every column
        p.push(i)
        const here = Math.round(p[0])
        if (here !== column) {
          flush()
          go(p)
          column = here
          low = high = p
        }
        if (p[1] > low[1]) low = p
        if (p[1] < high[1]) high = p
        last = p
      }
    }
    flush()
    return parts.join('')
  }

  markPath(c) {
    const [from, to] = this.range(c), n = to - from
    const shape = mark(c), r = n > 300 ? 1.6 : n > 60 ? 2.6 : 4
    let d = ''
    for (let i = from; i < to; i++) {
      const p = this.place(c, i)
      if (p) d += shape(px(p[0]), px(p[1]), r)
    }
    return d
  }

  drawSticks(c) {
    const zero = this.yLog ? this.box.bottom : this.Y(this.offsets.get(c))
    let d = ''
    for (let i = 0; i < c.x.length; i++) {
      const p = this.place(c, i)
      if (p) d += `M${px(p[0])} ${px(zero)}V${px(p[1])}`
    }
    return s('path', { class: 'sticks', d })
  }

  /** Bars for few points, a band for many. */
  drawErrors(c, bars) {
    const tx = transform(this.xLog), ty = transform(this.yLog), [from, to] = this.range(c)
    const y = (v) => {
      const t = ty(v)
      return Number.isFinite(t) ? Math.max(-5000, Math.min(5000, this.Y(t + this.offsets.get(c)))) : this.box.bottom
    }
    let d = ''
    const upper = [], lower = []
    for (let i = from; i < to; i++) {
      const p = this.place(c, i)
      if (!p) continue
      const e = c.ye[i] ?? 0, top = y(c.y[i] + e), bottom = y(c.y[i] - e)
      if (bars) {
        if (e > 0) d += `M${px(p[0])} ${px(top)}V${px(bottom)}M${px(p[0] - 3.5)} ${px(top)}h7M${px(p[0] - 3.5)} ${px(bottom)}h7`
        if (c.xe?.[i] > 0) d += `M${px(this.X(tx(c.x[i] - c.xe[i])))} ${px(p[1])}H${px(this.X(tx(c.x[i] + c.xe[i])))}`.replace(/M?NaN.*/, '')
      } else {
        upper.push(`${px(p[0])} ${px(top)}`)
        lower.push(`${px(p[0])} ${px(bottom)}`)
      }
    }
    if (bars) return s('path', { class: 'bars', d })
    return s('path', { class: 'band', d: upper.length > 1 ? `M${upper.join('L')}L${lower.reverse().join('L')}Z` : '' })
  }

  /** Curve and point nearest to a place on the screen, or null. */
  nearest(x, y) {
    let best = null, least = Infinity
    const at = inverse(this.xLog)
    const t = this.view ?? this.all
    const value = at(t.x[0] + ((x - this.box.left) / (this.box.right - this.box.left)) * (t.x[1] - t.x[0]))
    const middle = bisector((d) => d).center
    for (const c of this.shown) {
      const centre = c.sorted ? middle(c.x, value) : 0
      const [from, to] = c.sorted ? [Math.max(0, centre - 2), Math.min(c.x.length, centre + 3)] : [0, c.x.length]
      for (let i = from; i < to; i++) {
        const p = this.place(c, i)
        if (!p || p[0] < this.box.left - 8 || p[0] > this.box.right + 8) continue
        const d = (p[0] - x) ** 2 * (c.sorted ? 4 : 1) + (p[1] - y) ** 2
        if (d < least) {
          least = d
          best = { curve: c, i }
        }
      }
    }
    return best
  }

  setCursor(cursor) {
    this.cursor = cursor
    this.drawCursor()
  }

  drawCursor() {
    const at = this.cursor
    this.layer.replaceChildren()
    this.readout.hidden = true
    if (!at || !this.shown.includes(at.curve)) return
    const p = this.place(at.curve, at.i)
    if (!p || p[0] < this.box.left - 1 || p[0] > this.box.right + 1) return
    const f = this.figure, c = at.curve
    this.layer.append(
      s('line', { class: 'cross', x1: px(p[0]), x2: px(p[0]), y1: this.box.top, y2: this.box.bottom }),
      s('circle', { class: 'ink spot', style: paint(c.colour), cx: px(p[0]), cy: px(p[1]), r: 5 }))
    const rows = [h('div', { class: 'at' }, `${quantity(f.xLabel)} = ${number(c.x[at.i], c.xe?.[at.i])} ${unit(f.xUnit)}`)]
    const others = this.shown.length <= 9 ? this.shown : [c]
    for (const o of others) {
      const i = o === c ? at.i : o.sorted && o.x.length ? bisector((d) => d).center(o.x, c.x[at.i]) : -1
      const q = i >= 0 && this.place(o, i)
      if (!q || Math.abs(q[0] - p[0]) > 12) continue
      rows.push(h('div', { class: o === c ? 'row best' : 'row' }, h('i', { class: 'ink', style: paint(o.colour) }), h('span', {}, o.label || o.name),
        h('b', {}, `${number(o.y[i], o.ye?.[i])} ${unit(o.yUnit ?? f.yUnit)}`)))
    }
    this.readout.replaceChildren(...rows)
    this.readout.hidden = false
    const right = p[0] > (this.box.left + this.box.right) / 2
    const scale = this.svg.clientWidth / this.width || 1
    this.readout.style.left = right ? 'auto' : `${(p[0] + 14) * scale}px`
    this.readout.style.right = right ? `${(this.width - p[0] + 14) * scale}px` : 'auto'
    this.readout.style.top = `${this.box.top + 4}px`
  }

  setView(view) {
    if (view) {
      const ok = (r, whole) => r[1] - r[0] > 1e-9 * (whole[1] - whole[0]) && r.every(Number.isFinite)
      if (!ok(view.x, this.all.x) || !ok(view.y, this.all.y)) return
    }
    this.view = view
    this.draw()
  }

  /** Zoom by a factor about a place on the screen; below 1 is closer. */
  zoom(factorX, factorY, x, y) {
    const v = this.view ?? this.all
    const u = (x - this.box.left) / (this.box.right - this.box.left), w = (this.box.bottom - y) / (this.box.bottom - this.box.top)
    const about = (r, part, factor) => {
      const at = r[0] + part * (r[1] - r[0])
      return [at - (at - r[0]) * factor, at + (r[1] - at) * factor]
    }
    this.setView({ x: about(v.x, u, factorX), y: about(v.y, w, factorY) })
  }

  pan(dx, dy, from = this.view ?? this.all) {
    const x = (-dx / (this.box.right - this.box.left)) * (from.x[1] - from.x[0]), y = (dy / (this.box.bottom - this.box.top)) * (from.y[1] - from.y[0])
    this.setView({ x: from.x.map((t) => t + x), y: from.y.map((t) => t + y) })
  }

  /** Numbers a logarithmic axis cannot show. */
  lost() {
    let n = 0
    for (const c of this.shown)
      for (let i = 0; i < c.x.length; i++)
        if (c.y[i] !== null && c.x[i] !== null && ((this.yLog && !(c.y[i] > 0)) || (this.xLog && !(c.x[i] > 0)))) n++
    return n
  }

  /** The picture in words, for those who cannot see it. */
  describe() {
    const f = this.figure, tx = inverse(this.xLog), ty = inverse(this.yLog), v = this.all
    const names = this.shown.map((c) => c.label || c.name).filter(Boolean)
    return `${f.title ?? 'Figure'}: ${axis(f.yLabel, f.yUnit)} against ${axis(f.xLabel, f.xUnit)}, ${this.shown.length} curve${this.shown.length === 1 ? '' : 's'}` +
      `${names.length ? ` (${names.slice(0, 12).join(', ')})` : ''}; horizontal axis from ${plain(tx(v.x[0]), 3)} to ${plain(tx(v.x[1]), 3)}` +
      (this.stacked ? '.' : `, vertical from ${plain(ty(v.y[0]), 3)} to ${plain(ty(v.y[1]), 3)}.`)
  }
}
