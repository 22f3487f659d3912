// A figure as a file: SVG and PNG as it looks now (in light colours, legend included), CSV with its numbers.
import { s } from './dom.js'

const kept = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin', 'stroke-linecap', 'opacity', 'fill-opacity',
  'font-family', 'font-size', 'font-weight', 'text-anchor']

/** A copy of the drawing that needs no style sheet. */
export function standalone(plot) {
  const root = document.documentElement, theme = root.dataset.theme
  root.dataset.theme = 'light'
  const copy = plot.svg.cloneNode(true)
  const from = [plot.svg, ...plot.svg.querySelectorAll('*')], to = [copy, ...copy.querySelectorAll('*')]
  from.forEach((element, i) => {
    const style = getComputedStyle(element)
    for (const name of kept) {
      const value = style.getPropertyValue(name)
      if (value) to[i].setAttribute(name, value)
    }
    to[i].removeAttribute('class')
    to[i].removeAttribute('style')
  })
  const inks = plot.shown.map((c) => c.colour.light)
  root.dataset.theme = theme
  for (const name of ['tabindex', 'role', 'aria-label', 'aria-roledescription']) copy.removeAttribute(name)
  copy.querySelectorAll('g').forEach((g) => g.childNodes.length === 0 && g.remove())

  // Title above, legend below.
  const names = plot.stacked ? [] : plot.shown.map((c) => c.label || c.name)
  const lines = []
  let x = 20, line = 0
  names.forEach((text, i) => {
    const width = 40 + 7 * text.length
    if (x + width > plot.width && x > 20) {
      x = 20
      line++
    }
    lines.push({ text, x, line, colour: inks[i] })
    x += width
  })
  const top = 30, bottom = names.length > 1 ? 22 * (line + 1) + 8 : 6
  const font = { 'font-family': 'system-ui, sans-serif', 'font-size': 13, fill: '#20242c' }
  const body = s('g', { transform: `translate(0 ${top})` }, ...copy.childNodes)
  const height = plot.height + top + bottom
  return s('svg', { xmlns: 'http://www.w3.org/2000/svg', width: plot.width, height, viewBox: `0 0 ${plot.width} ${height}` },
    s('title', {}, plot.figure.title ?? 'figure'), s('desc', {}, plot.describe()),
    s('rect', { width: plot.width, height, fill: '#ffffff' }),
    s('text', { x: 20, y: 21, ...font, 'font-size': 15, 'font-weight': 600 }, plot.figure.title ?? ''), body,
    names.length > 1 ? lines.map((l) => s('g', { transform: `translate(${l.x} ${plot.height + top + 14 + 22 * l.line})` },
      s('line', { x1: 0, x2: 18, y1: -4, y2: -4, stroke: l.colour, 'stroke-width': 2.5 }), s('text', { x: 24, y: 0, ...font }, l.text))) : '')
}

export const svgText = (plot) => '<?xml version="1.0" encoding="UTF-8"?>\n' + new XMLSerializer().serializeToString(standalone(plot)) + '\n'

/** PNG at three pixels a point. @return a promise of a Blob */
export function png(plot) {
  const picture = standalone(plot), scale = 3
  const image = new Image()
  return new Promise((resolve, reject) => {
    image.onload = () => {
      const canvas = document.createElement('canvas')
      canvas.width = picture.getAttribute('width') * scale
      canvas.height = picture.getAttribute('height') * scale
      canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height)
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))), 'image/png')
    }
    image.onerror = () => reject(new Error('the picture could not be drawn'))
    image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(new XMLSerializer().serializeToString(picture))
  })
}

const cell = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
const value = (v) => (v === null || v === undefined ? '' : String(v))

/** Columns x, y, error, ... where all curves share their x, else one row a point with the curve's name. */
export function csv(figure, curves) {
  const named = (text, u) => cell(u ? `${text} (${u})` : text)
  const head = [`# ${figure.title ?? ''}`]
  const title = (c) => [c.group, c.label || c.name].filter((v, i, all) => v && all.indexOf(v) === i).join(' ') || figure.yLabel
  if (curves.length && curves.every((c) => c.x === curves[0].x && !c.xe)) {
    const columns = [{ name: named(figure.xLabel, figure.xUnit), of: curves[0].x }]
    for (const c of curves) {
      columns.push({ name: named(title(c), c.yUnit ?? figure.yUnit), of: c.y })
      if (c.ye) columns.push({ name: named(`${title(c)} error`, c.yUnit ?? figure.yUnit), of: c.ye })
    }
    head.push(columns.map((c) => c.name).join(','))
    return [...head, ...curves[0].x.map((_, i) => columns.map((c) => value(c.of[i])).join(','))].join('\n') + '\n'
  }
  head.push(['curve', named(figure.xLabel, figure.xUnit), `${cell(figure.xLabel)} error`, named(figure.yLabel, figure.yUnit), `${cell(figure.yLabel)} error`].join(','))
  const rows = curves.flatMap((c) => c.x.map((x, i) => [cell(title(c)), value(x), value(c.xe?.[i]), value(c.y[i]), value(c.ye?.[i])].join(',')))
  return [...head, ...rows].join('\n') + '\n'
}

