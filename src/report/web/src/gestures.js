// What hands do with a figure: drag a box to zoom, shift-drag to pan, wheel (once the figure is clicked, or with Ctrl), two
// fingers, one finger to read out, keys.

export function gestures(plot) {
  const svg = plot.svg
  const fingers = new Map()
  let drag = null, pinch = null

  const where = (event) => {
    const r = svg.getBoundingClientRect(), scale = plot.width / r.width
    return [(event.clientX - r.left) * scale, (event.clientY - r.top) * scale]
  }
  const inside = ([x, y]) => x >= plot.box.left && x <= plot.box.right && y >= plot.box.top && y <= plot.box.bottom

  svg.addEventListener('pointerdown', (event) => {
    const at = where(event)
    if (event.pointerType === 'touch') {
      fingers.set(event.pointerId, at)
      if (fingers.size === 2) pinch = { from: [...fingers.values()].map((p) => [...p]), view: plot.view ?? plot.all, box: { ...plot.box } }
      else plot.setCursor(plot.nearest(...at))
      return
    }
    if (event.button > 1 || !inside(at)) return
    svg.setPointerCapture(event.pointerId)
    drag = { at, pan: event.shiftKey || event.button === 1, view: plot.view ?? plot.all }
    if (event.button === 1) event.preventDefault()
  })

  svg.addEventListener('pointermove', (event) => {
    const at = where(event)
    if (event.pointerType === 'touch') {
      if (!fingers.has(event.pointerId)) return
      fingers.set(event.pointerId, at)
      if (pinch && fingers.size === 2) twoFingers()
      else if (fingers.size === 1) plot.setCursor(plot.nearest(...at))
      return
    }
    if (!drag) plot.setCursor(inside(at) ? plot.nearest(...at) : null)
    else if (drag.pan) plot.pan(at[0] - drag.at[0], at[1] - drag.at[1], drag.view)
    else showBox(at)
  })

  function release(event) {
    fingers.delete(event.pointerId)
    if (fingers.size < 2) pinch = null
    if (!drag) return
    const box = !drag.pan && selection(where(event))
    drag = null
    plot.drawCursor()
    if (box && event.type === 'pointerup') plot.setView(box.view)
  }
  svg.addEventListener('pointerup', release)
  svg.addEventListener('pointercancel', release)
  svg.addEventListener('pointerleave', (event) => event.pointerType !== 'touch' && !drag && plot.setCursor(null))
  svg.addEventListener('dblclick', () => plot.setView(null))

  /** The rectangle dragged; a flat one zooms one axis only. */
  function selection(to) {
    const b = plot.box, clamp = (v, lo, hi) => Math.max(lo, Math.min(hi, v))
    const xs = [drag.at[0], clamp(to[0], b.left, b.right)].sort((p, q) => p - q), ys = [drag.at[1], clamp(to[1], b.top, b.bottom)].sort((p, q) => p - q)
    if (xs[1] - xs[0] < 8 && ys[1] - ys[0] < 8) return null
    if (ys[1] - ys[0] < 14) [ys[0], ys[1]] = [b.top, b.bottom]
    if (xs[1] - xs[0] < 14) [xs[0], xs[1]] = [b.left, b.right]
    const v = drag.view
    const tx = (x) => v.x[0] + ((x - b.left) / (b.right - b.left)) * (v.x[1] - v.x[0])
    const ty = (y) => v.y[0] + ((b.bottom - y) / (b.bottom - b.top)) * (v.y[1] - v.y[0])
    return { xs, ys, view: { x: xs.map(tx), y: [ty(ys[1]), ty(ys[0])] } }
  }

  function showBox(to) {
    const box = selection(to)
    plot.readout.hidden = true
    plot.layer.replaceChildren()
    if (!box) return
    const rect = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
    rect.setAttribute('class', 'zoom-box')
    for (const [k, v] of Object.entries({ x: box.xs[0], y: box.ys[0], width: box.xs[1] - box.xs[0], height: box.ys[1] - box.ys[0] })) rect.setAttribute(k, v)
    plot.layer.append(rect)
  }

  function twoFingers() {
    const now = [...fingers.values()], { from, view, box } = pinch
    const axis = (k, lo, hi, range, flip) => {
      const t = (v) => range[0] + (flip ? (hi - v) / (hi - lo) : (v - lo) / (hi - lo)) * (range[1] - range[0])
      const spread = Math.abs(from[0][k] - from[1][k]), spreadNow = Math.abs(now[0][k] - now[1][k])
      const factor = spread > 40 && spreadNow > 10 ? spread / spreadNow : 1
      const middle = t((from[0][k] + from[1][k]) / 2), shift = t((now[0][k] + now[1][k]) / 2) - middle
      return range.map((v) => middle + (v - middle) * factor - shift * factor)
    }
    plot.setView({ x: axis(0, box.left, box.right, view.x, false), y: axis(1, box.top, box.bottom, view.y, true) })
  }

  svg.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && document.activeElement !== svg) return // the page scrolls on
    event.preventDefault()
    const at = where(event), factor = Math.exp(Math.max(-60, Math.min(60, event.deltaY || event.deltaX)) * (event.ctrlKey ? 0.01 : 0.004))
    const x = at[0] >= plot.box.left, y = at[1] <= plot.box.bottom && !event.shiftKey // over an axis: that one only
    plot.zoom(x ? factor : 1, y ? factor : 1, ...at)
  }, { passive: false })

  svg.addEventListener('keydown', (event) => {
    if (event.altKey || event.metaKey || event.ctrlKey) return
    const step = 0.1, b = plot.box, w = b.right - b.left, t = b.bottom - b.top
    const middle = [(b.left + b.right) / 2, (b.top + b.bottom) / 2]
    const keys = {
      '+': () => plot.zoom(0.8, 0.8, ...middle), '=': () => plot.zoom(0.8, 0.8, ...middle), '-': () => plot.zoom(1.25, 1.25, ...middle),
      0: () => plot.setView(null), Home: () => plot.setView(null), Escape: () => plot.setView(null),
      ArrowLeft: () => (event.shiftKey ? plot.pan(step * w, 0) : move(-1)), ArrowRight: () => (event.shiftKey ? plot.pan(-step * w, 0) : move(1)),
      ArrowUp: () => (event.shiftKey ? plot.pan(0, step * t) : other(1)), ArrowDown: () => (event.shiftKey ? plot.pan(0, -step * t) : other(-1)),
    }
    if (!keys[event.key]) return
    event.preventDefault()
    keys[event.key]()
  })

  function move(step) {
    const at = plot.cursor ?? { curve: plot.shown[0], i: -step }
    if (!at.curve) return
    const n = at.curve.x.length
    plot.setCursor({ curve: at.curve, i: Math.max(0, Math.min(n - 1, at.i + step)) })
    speak()
  }
  function other(step) {
    const all = plot.shown, at = plot.cursor
    if (!all.length) return
    const k = at ? (all.indexOf(at.curve) + step + all.length) % all.length : 0
    plot.setCursor({ curve: all[k], i: Math.min(at?.i ?? 0, all[k].x.length - 1) })
    speak()
  }
  function speak() {
    plot.readout.setAttribute('aria-live', 'polite')
  }
}
