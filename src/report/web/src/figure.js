// A figure with all around it: heading, choice of quantity, buttons, legend, caption.
import { category, paint, sequence } from './colour.js'
import { button, download, h, s, slug, toggle } from './dom.js'
import { csv, png, svgText } from './export.js'
import { gestures } from './gestures.js'
import { mark, Plot } from './plot.js'
import { formulas, name as pretty, plain, sentence, unit } from './words.js'

/** What a member of a series is called. */
export function memberLabel(section, member, i) {
  const variable = `${section.variable} `
  if (member.label) return formulas(member.label.startsWith(variable) ? member.label.slice(variable.length) : member.label)
  if (member.value !== undefined) return `${plain(member.value)} ${unit(section.unit)}`.trim()
  return section.members.length > 1 ? `${i + 1}` : ''
}

/** The figure of the data block as Plot wants it. `series`: whether its curves belong to members of the section's series. */
export function prepare(report, section, figure, series) {
  const array = (i) => (i === undefined ? undefined : report.arrays[i])
  const members = section.members
  const many = series && members.length > 1
  const names = [...new Set(figure.curves.map((c) => c.name))]
  const values = members.map((m) => m.value).filter((v) => v !== undefined)
  const lo = Math.min(...values), hi = Math.max(...values)
  const seen = new Map() // curves of equal name and value: the second is dashed
  const curves = figure.curves.map((c, index) => {
    const k = names.indexOf(c.name), member = members[c.member]
    let colour
    if (many) {
      const t = values.length === members.length && hi > lo ? (member.value - lo) / (hi - lo) : c.member / Math.max(1, members.length - 1)
      const key = `${c.name}|${member.value ?? c.member}`, times = seen.get(key) ?? 0
      seen.set(key, times + 1)
      colour = { ...sequence(t), dash: times ? 'again' : -1 }
    } else colour = names.length > 8 ? sequence(index / (names.length - 1)) : category(k)
    if (c.line && figure.points) colour = { ...colour, dash: -1 }
    const own = pretty(c.name)
    return {
      name: own, label: many ? memberLabel(section, member, c.member) : names.length > 1 ? own : '', group: many ? own : null,
      x: array(c.x), y: array(c.y), xe: array(c.x_error), ye: array(c.y_error), line: c.line, colour, yUnit: c.y_unit, how: c.how,
    }
  })
  const units = new Set(curves.map((c) => c.yUnit))
  return {
    title: formulas(figure.title ?? ''), caption: figure.caption && formulas(figure.caption), xLabel: figure.x_label, yLabel: figure.y_label, xUnit: figure.x_unit,
    yUnit: units.size === 1 ? [...units][0] : '', xLog: Boolean(figure.x_log), yLog: Boolean(figure.y_log), points: figure.points,
    sticks: figure.sticks, stacked: Boolean(figure.stacked) && curves.length > 1, curves, groups: many ? [...new Set(curves.map((c) => c.group))] : [],
    series: many ? { label: section.variable, unit: section.unit, lo, hi, known: values.length === members.length && hi > lo } : null,
  }
}

/** The piece of line or the mark that stands before a name in the legend. */
const key = (c, points) => s('svg', { viewBox: '0 0 22 12', width: 22, height: 12, 'aria-hidden': 'true', class: `ink dash${c.colour.dash}`, style: paint(c.colour) },
  points && !c.line ? s('path', { class: 'marks', d: mark(c)(11, 6, 4) }) : s('path', { class: 'line', d: 'M1 6H21' }))

const gradient = (theme) => `linear-gradient(90deg, ${[0, 0.25, 0.5, 0.75, 1].map((t) => sequence(t)[theme]).join(',')})`

function legend(plot, redraw) {
  const chips = plot.chosen.filter((c) => c.label).map((c) => {
    const chip = h('button', { type: 'button', class: `chip ink dash${c.colour.dash}`, style: paint(c.colour), 'aria-pressed': !plot.hidden.has(c),
      title: 'Click: show or hide. Double click or Shift: this one alone.' },
    key(c, plot.figure.points), c.label)
    const alone = () => {
      const only = plot.shown.length === 1 && plot.shown[0] === c
      for (const o of plot.chosen) only || o === c ? plot.hidden.delete(o) : plot.hidden.add(o)
      redraw()
    }
    chip.addEventListener('click', (event) => {
      if (event.shiftKey || event.detail === 2) return alone()
      plot.hidden.has(c) ? plot.hidden.delete(c) : plot.hidden.add(c)
      redraw()
    })
    return chip
  })
  if (chips.length < 2) return []
  const series = plot.figure.series
  const bar = series?.known && h('span', { class: 'bar' }, h('span', { class: 'bar-name' }, pretty(series.label)), h('span', {}, plain(series.lo)),
    h('i', { class: 'ink', style: paint({ light: gradient('light'), dark: gradient('dark') }) }),
    h('span', {}, `${plain(series.hi)} ${unit(series.unit)}`))
  return [bar, h('div', { class: 'chips' }, chips)]
}

/** @return a <figure> */
export function figureElement(figure) {
  const plot = new Plot(figure)
  const legendBox = h('div', { class: 'legend' }), note = h('p', { class: 'note', hidden: true })
  const redraw = () => {
    plot.draw()
    const focused = [...legendBox.querySelectorAll('.chip')].indexOf(document.activeElement)
    legendBox.replaceChildren(...legend(plot, redraw).filter(Boolean))
    if (focused >= 0) legendBox.querySelectorAll('.chip')[focused]?.focus()
    const lost = plot.lost()
    note.hidden = !lost
    note.textContent = lost ? `${lost} value${lost === 1 ? '' : 's'} at or below zero cannot be shown on a logarithmic axis.` : ''
  }
  const set = (change) => (pressed) => {
    change(pressed)
    plot.view = null
    redraw()
  }
  const file = slug(figure.title)
  const several = (figure.groups.length > 1 ? figure.curves.length / figure.groups.length : figure.curves.length) > 1
  const tools = h('div', { class: 'tools', role: 'group', 'aria-label': 'Figure' },
    toggle('log x', 'Logarithmic horizontal axis', plot.xLog, set((on) => (plot.xLog = on))),
    toggle('log y', 'Logarithmic vertical axis', plot.yLog, set((on) => (plot.yLog = on))),
    several && toggle('offset', 'Draw the curves one above another', plot.stacked, set((on) => (plot.stacked = on))),
    button('reset', 'Show everything again (double click, or 0)', () => plot.setView(null)),
    h('span', { class: 'gap' }),
    button('SVG', 'Save the picture as SVG', () => download(`${file}.svg`, svgText(plot), 'image/svg+xml')),
    button('PNG', 'Save the picture as PNG', () => png(plot).then((blob) => download(`${file}.png`, blob)).catch((e) => alert(`No PNG: ${e.message}`))),
    button('CSV', 'Save the numbers of this figure', () => download(`${file}.csv`, csv(figure, plot.chosen), 'text/csv')))
  const tabs = figure.groups.length > 1 && h('div', { class: 'tabs', role: 'group', 'aria-label': 'Quantity shown' }, figure.groups.map((g, i) => {
    const tab = h('button', { type: 'button', class: 'tab', 'aria-pressed': i === 0 }, g)
    tab.addEventListener('click', () => {
      for (const other of tabs.children) other.setAttribute('aria-pressed', other === tab)
      plot.group = g
      plot.view = null
      redraw()
    })
    return tab
  }))
  gestures(plot)
  const others = h('div', { class: 'paper' })
  const how = [...new Set(figure.curves.map((c) => c.how).filter(Boolean))]
  const element = h('figure', { class: 'plot' },
    h('div', { class: 'head' }, h('h4', {}, figure.title), tools), tabs, plot.element, others, legendBox, note,
    (figure.caption || how.length > 0) && h('figcaption', {}, figure.caption && sentence(figure.caption), how.length > 0 && h('span', { class: 'how' }, ` Errors: ${sentence(`x ${formulas(how.join("; "))}`).slice(2)}`)),
    h('p', { class: 'hint no-print' }, 'Drag to zoom, Shift-drag to move, click and turn the wheel; on a touch screen use two fingers. Keys: + − 0 and arrows.'))
  /** On paper letters keep their size, and every quantity is shown, one drawing after another. */
  element.toPaper = () => {
    const kept = [plot.group, plot.view]
    others.replaceChildren(...figure.groups.filter((g) => figure.groups.length > 1 && g !== kept[0]).map((g, i) => {
      Object.assign(plot, { group: g, view: null })
      plot.draw(400)
      const copy = plot.svg.cloneNode(true), id = `${plot.id}p${i}`
      copy.querySelector('clipPath').id = id
      copy.querySelector('[clip-path]').setAttribute('clip-path', `url(#${id})`)
      copy.removeAttribute('tabindex')
      return h('div', { class: 'other' }, h('p', { class: 'tab', 'aria-pressed': true }, g), copy)
    }))
    ;[plot.group, plot.view] = kept
    plot.draw(540)
  }
  element.toScreen = () => plot.draw()
  element.redraw = redraw
  element.start = () => {
    element.toPaper()
    redraw()
  }
  return element
}
