// The page: reads the data block and builds everything a reader sees.
import { badge, comparison } from './compare.js'
import { button, download, h, slug, toggle } from './dom.js'
import { figureElement, memberLabel, prepare } from './figure.js'
import { columns, fold, table, tree } from './tables.js'
import { structureElement } from './view3d.js'
import { capital, duration, formulas, name as pretty, unit } from './words.js'

/* global NOTICES */
const root = document.documentElement

function copyable(text) {
  const copy = button('copy', 'Copy', () => navigator.clipboard?.writeText(text).then(() => {
    copy.textContent = 'copied'
    setTimeout(() => (copy.textContent = 'copy'), 1500)
  }))
  return h('div', { class: 'code' }, h('pre', { tabindex: 0 }, text), copy)
}

const anchor = (stage) => `stage-${slug(stage)}-${[...stage].reduce((n, c) => (n * 31 + c.codePointAt(0)) % 997, 0)}`

const values = (report, node) => node.texts ?? report.arrays[node.array] ?? []
const differs = (report, node) => values(report, node).some((v, i, all) => v !== all[0])

/** The vectors of a series' table in the order of interest: the variable, then what differs from member to member, results before
 *  settings, what the task calls a headline first, with errors before without; what is the same everywhere is not among them. */
function telling(report, section, vectors) {
  const rank = (v) => (v.name.replace(/^set_/, '') === section.variable ? (v.texts || v.name !== section.variable ? 0 : 1)
    : /^(potential|options|dynamics|ensemble|thermostat|barostat)\./.test(v.name) ? 6 : v.headline ? 1.5 : v.texts ? 5 : (v.name.includes('.') ? 3 : 2) + (v.errors === undefined ? 1 : 0))
  return vectors.filter((v) => rank(v) < 2 || differs(report, v)).sort((a, b) => rank(a) - rank(b)).filter((v) => rank(v) < 6)
}

/** Whether numbers want a logarithmic axis: all above zero, over more than two decades. */
const isSpread = (list) => {
  const numbers = list.filter((v) => v !== null)
  return numbers.every((v) => v > 0) && Math.max(...numbers) > 100 * Math.min(...numbers)
}

/** One vector of a series' table against the variable, with a choice of vector; where the task draws pictures of its own, only if
 *  it has a headline. */
function trend(report, section, vectors) {
  const numbers = vectors.filter((c) => c.array !== undefined)
  const set = section.members.map((m) => m.value)
  const x = set.every((v) => v !== undefined) ? { name: section.variable, unit: section.unit, array: report.arrays.push(set) - 1 } : numbers.find((c) => c.name === section.variable)
  if (!x) return null
  const ys = numbers.filter((c) => c !== x && differs(report, c) && values(report, c).filter((v) => v !== null).length > 1 && values(report, c).some((v, i) => v !== values(report, x)[i]))
    .sort((a, b) => Boolean(b.headline) - Boolean(a.headline))
  const drawn = (section.figures ?? []).length + (section.collected_figures ?? []).length
  if (section.members.length < 3 || !ys.length || (drawn && !ys[0].headline)) return null
  const make = (y) => figureElement(prepare(report, { members: [{}] }, {
    title: `${capital(pretty(y.name))} against ${pretty(x.name)}`, x_label: x.name, y_label: y.name, x_unit: x.unit, points: true, caption: y.about, y_log: isSpread(values(report, y)),
    curves: [{ member: 0, name: y.name, x: x.array, y: y.array, x_error: x.errors, y_error: y.errors, y_unit: y.unit, how: y.how }],
  }, false))
  const box = h('div', { class: 'trend' })
  const choice = h('select', { onchange: () => show(+choice.value) }, ys.map((y, i) => h('option', { value: i }, `${pretty(y.name)}${y.unit ? ` (${unit(y.unit)})` : ''}`)))
  const show = (i) => {
    const figure = make(ys[i])
    box.replaceChildren(h('label', { class: 'choose no-print' }, 'Show ', choice), figure)
    figure.start()
  }
  box.start = () => show(0)
  return box
}

function section(report, data) {
  const started = []
  const figures = (list, series) => (list ?? []).filter((f) => f.curves.length).map((f) => {
    const element = figureElement(prepare(report, series ? data : { members: [{}] }, f, series))
    started.push(element.start)
    return element
  })
  const named = data.title && data.title !== data.stage
  const body = h('div', { class: 'section-body' },
    (data.paragraphs ?? []).map((p) => h('p', {}, formulas(p))),
    (data.warnings ?? []).length > 0 && h('ul', { class: 'warnings' }, data.warnings.map((w) => h('li', {}, badge('caution', 'warning'), h('span', {}, w)))),
    figures(data.figures, true),
    figures(data.collected_figures, false),
    (data.structures ?? []).map((st) => {
      const element = structureElement(st, formulas(st.caption ?? `Structure of ${data.stage}`))
      started.push(element.start)
      return element
    }))
  if (data.collected) {
    body.append(h('h4', {}, data.variable ? `Against ${pretty(data.variable)}` : 'All members'))
    const vectors = data.collected.children.filter((c) => c.kind === 'array' && c.rows === undefined && values(report, c).length === data.members.length)
    const rest = data.collected.children.filter((c) => !vectors.includes(c))
    const best = telling(report, data, vectors), most = 7
    if (best.length) body.append(columns(report, best.slice(0, most), `${data.stage} series`))
    const figure = trend(report, data, best)
    if (figure) {
      body.append(figure)
      started.push(figure.start)
    }
    if (vectors.length > Math.min(best.length, most)) body.append(fold('All columns', () => columns(report, vectors, `${data.stage} series, all`), `${vectors.length}`))
    if (rest.length) body.append(fold('more of the series', () => tree(report, { children: rest }, data.stage)))
  }
  for (const [i, m] of data.members.entries())
    if (m.note) body.append(h('p', { class: 'note' }, h('b', {}, memberLabel(data, m, i)), ` ${formulas(m.note)}`))
  const single = data.members.length === 1
  const raw = data.members.map((m, i) => (m.result ? fold(single ? 'Results' : memberLabel(data, m, i), () => tree(report, m.result, `${data.stage} ${memberLabel(data, m, i)}`), single ? 'every value' : '',
    single && !(data.figures ?? []).length && !data.collected) : null)).filter(Boolean)
  if (raw.length) body.append(single ? raw[0] : fold('Results of every member', () => h('div', {}, raw), `${raw.length}`))
  if (data.options) body.append(fold('Options', () => tree(report, data.options, `${data.stage} options`), 'as they were used, defaults written out'))
  if (data.command) body.append(fold('Command', () => copyable(data.command), 'repeats this stage alone'))

  const start = () => started.splice(0).forEach((f) => f())
  const details = h('details', { class: 'section', id: anchor(data.stage), open: !data.folded },
    h('summary', {}, h('h2', {}, formulas(data.title ?? data.stage)), h('span', { class: 'meta' },
      named && h('code', {}, data.stage), data.task && h('code', { class: 'task' }, data.task), data.variable && h('span', {}, `${data.members.length} × ${pretty(data.variable)}`), data.wall_s && h('span', {}, duration(data.wall_s)),
      (data.warnings ?? []).length > 0 && badge('caution', `${data.warnings.length} warnings`))),
    data.summary && h('p', { class: 'summary' }, formulas(data.summary)), body)
  details.addEventListener('toggle', () => details.open && start())
  details.start = start
  return details
}

function provenance(report) {
  const p = report.provenance
  const files = (p.input_path ?? []).map((path, i) => ({ path, sum: p.input_sha256?.[i] ?? '' }))
  return h('section', { id: 'provenance' }, h('h2', {}, 'Where it came from'),
    h('dl', { class: 'facts' }, h('dt', {}, 'lithia'), h('dd', {}, p.version), h('dt', {}, 'build'), h('dd', {}, p.build), p.seed && [h('dt', {}, 'seed'), h('dd', {}, p.seed)]),
    p.commands && [h('h3', {}, 'Commands'), p.commands.map(copyable)],
    files.length > 0 && [h('h3', {}, 'Input files'), table([
      { title: 'file', text: true, cell: (f) => h('code', {}, f.path), key: (f) => f.path },
      { title: 'SHA-256', text: true, cell: (f) => h('code', { class: 'sum' }, f.sum) }], files, { label: 'Input files' })],
    report.sections.some((s) => s.wall_s) && [h('h3', {}, 'Times'), table([
      { title: 'stage', text: true, cell: (s) => s.stage, key: (s) => s.stage }, { title: 'task', text: true, cell: (s) => s.task ?? '', key: (s) => s.task ?? '' },
      { title: 'wall time', cell: (s) => duration(s.wall_s), key: (s) => s.wall_s }], report.sections.filter((s) => s.wall_s), { label: 'Times' })],
    p.choices && fold('Chosen at start-up', () => tree(report, p.choices, 'choices')),
    p.study && fold('Run file', () => copyable(p.study), 'with every default written out'))
}

function contents(report) {
  const entry = (id, text, sub) => h('li', {}, h('a', { href: `#${id}` }, text), sub && h('span', { class: 'sub' }, ` ${sub}`))
  const list = h('ol', {}, report.findings.length > 0 && entry('findings', 'Findings'), report.comparisons.length > 0 && entry('compared', 'Published and computed'),
    report.sections.map((s) => entry(anchor(s.stage), formulas(s.title ?? s.stage))), entry('provenance', 'Where it came from'))
  const nav = h('nav', { class: 'toc', 'aria-label': 'Contents' }, h('details', { open: window.innerWidth > 1020 }, h('summary', {}, 'Contents'), list))
  nav.addEventListener('click', (e) => {
    if (!e.target.closest('a')) return
    const target = document.getElementById(e.target.closest('a').hash.slice(1))
    if (target?.tagName === 'DETAILS') target.open = true
    if (window.innerWidth <= 1020) nav.firstChild.open = false
  })
  return nav
}

function footer(report) {
  return h('footer', {}, h('p', {}, `Made by lithia ${report.provenance.version}, GPL-3.0-or-later. This file is whole: it needs no network.`),
    fold('Third-party notices', () => h('div', {}, NOTICES.map((n) => [h('h4', {}, `${n.name} ${n.version}, ${n.license}`), h('pre', { tabindex: 0 }, n.text)])), `${NOTICES.length} packages`))
}

function build(report) {
  const link = (stage, text) => (stage && report.sections.some((s) => s.stage === stage) ? h('a', { href: `#${anchor(stage)}` }, text) : text)
  const sections = report.sections.map((s) => section(report, s))
  const redraw = () => document.querySelectorAll('figure').forEach((f) => f.redraw?.())
  const switches = h('div', { class: 'switches no-print' },
    toggle('all digits', 'Show numbers with every digit instead of 1.234(5)', false, (on) => (root.dataset.digits = on ? 'full' : 'short')),
    button('light / dark', 'Change colours', () => {
      root.dataset.theme = root.dataset.theme === 'dark' ? 'light' : 'dark'
      redraw()
    }),
    button('print', 'Print, or save as PDF', () => window.print()))
  const main = h('main', { id: 'content', tabindex: -1 },
    h('header', { class: 'title' }, h('p', { class: 'mark' }, 'lithia report'), h('h1', {}, formulas(report.title)), (report.paragraphs ?? []).map((p) => h('p', { class: 'lead' }, formulas(p))), switches),
    (report.warnings ?? []).length > 0 && h('ul', { class: 'warnings' }, report.warnings.map((w) => h('li', {}, badge('caution', 'warning'), h('span', {}, w)))),
    report.findings.length > 0 && h('section', { id: 'findings' }, h('h2', {}, 'Findings'), h('ul', { class: 'findings' },
      report.findings.map((f) => h('li', {}, badge(f.verdict), h('span', {}, formulas(f.text), f.section && [' ', link(f.section, '›')]))))),
    report.comparisons.length > 0 && h('section', { id: 'compared' }, h('h2', {}, 'Published against computed'), comparison(report.comparisons, link)),
    sections, provenance(report), footer(report))
  document.getElementById('app').append(h('div', { class: 'page' }, contents(report), main))
  for (const s of sections) if (s.open) s.start()

  addEventListener('beforeprint', () => document.querySelectorAll('figure').forEach((f) => f.toPaper?.()))
  addEventListener('afterprint', () => document.querySelectorAll('figure').forEach((f) => f.toScreen?.()))
  addEventListener('hashchange', () => {
    const target = document.getElementById(location.hash.slice(1))
    if (target?.tagName === 'DETAILS') target.open = true
  })
}

function start() {
  root.dataset.theme = window.matchMedia?.('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  try {
    const report = JSON.parse(document.getElementById('lithia-report').textContent)
    if (report.format !== 1) throw new Error(`format ${report.format} of the data, this page reads 1`)
    build(report)
    root.dataset.ready = 'true'
  } catch (error) {
    root.dataset.failed = String(error?.message ?? error)
    document.getElementById('app').append(h('main', {}, h('h1', {}, 'This report could not be shown'), h('p', {}, `${error?.message ?? error}. The data are in this file, in the element "lithia-report".`)),
      button('save the data', 'Save as JSON', () => download('report.json', document.getElementById('lithia-report').textContent, 'application/json')))
    throw error
  }
}
start()
