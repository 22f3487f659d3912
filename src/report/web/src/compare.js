// Published against computed: one row a quantity, with the deviation absolute, in per cent and in standard errors.
import { h } from './dom.js'
import { num, table } from './tables.js'
import { formulas, plain, unit } from './words.js'

const has = (v) => v !== undefined && v !== null

/** What can be said of one row: {deviation, error, percent, sigmas, verdict, words} */
export function judge(row) {
  if (!has(row.published)) return { verdict: 'note', words: 'nothing published' }
  if (!has(row.computed)) return { verdict: 'open', words: 'not obtained' }
  if (row.published_is !== 'equal' || row.computed_is !== 'equal') {
    const low = { equal: (v) => v, below: () => -Infinity, above: (v) => v }, high = { equal: (v) => v, below: (v) => v, above: () => Infinity }
    const apart = low[row.published_is](row.published) > high[row.computed_is](row.computed) || low[row.computed_is](row.computed) > high[row.published_is](row.published)
    return apart ? { verdict: 'differs', words: 'against the bound' } : { verdict: 'note', words: 'not against the bound' }
  }
  const deviation = row.computed - row.published
  const e1 = row.published_error > 0 ? row.published_error : 0, e2 = row.computed_error > 0 ? row.computed_error : 0
  const error = Math.hypot(e1, e2), percent = row.published !== 0 ? (100 * deviation) / Math.abs(row.published) : undefined
  if (!(error > 0)) return { deviation, error: undefined, percent, verdict: 'note', words: 'no error known' }
  const sigmas = deviation / error, size = Math.abs(sigmas)
  const words = !e1 ? 'published error not stated' : !e2 ? 'computed error unknown' : ''
  return { deviation, error, percent, sigmas, words, verdict: size <= 2 ? 'agrees' : size <= 3 ? 'caution' : 'differs' }
}

const signed = (v, digits) => (v > 0 ? '+' : '') + plain(v, digits)
const bound = { equal: '', below: '< ', above: '> ' }
export const icons = { agrees: '✓', differs: '✗', caution: '!', note: 'i', open: '?' }
export const meanings = { agrees: 'agrees', differs: 'differs', caution: 'caution', note: 'note', open: 'open' }
export const badge = (verdict, text) => h('span', { class: `badge ${verdict}`, title: text ?? meanings[verdict] }, h('span', { 'aria-hidden': 'true' }, icons[verdict]), h('span', { class: 'sr' }, meanings[verdict]))

/** Deviation as a bar from the middle, three standard errors to the edge. */
function strip(sigmas, verdict) {
  if (!Number.isFinite(sigmas)) return null
  const x = Math.max(-1, Math.min(1, sigmas / 5)) * 50
  return h('span', { class: 'strip', 'aria-hidden': 'true' }, h('i', { class: verdict, style: { left: `${Math.min(50, 50 + x)}%`, width: `${Math.abs(x)}%` } }))
}

export function comparison(rows, link) {
  const judged = new Map(rows.map((r) => [r, judge(r)]))
  return table([
    { title: 'quantity', text: true, cell: (r) => [badge(judged.get(r).verdict), ' ', link(r.section, formulas(r.quantity ?? ''))], key: (r) => r.quantity },
    { title: 'published', cell: (r) => [bound[r.published_is], num(r.published, r.published_error), h('span', { class: 'unit' }, ` ${unit(r.unit)}`)], key: (r) => r.published },
    { title: 'computed', cell: (r) => [bound[r.computed_is], num(r.computed, r.computed_error), h('span', { class: 'unit' }, ` ${unit(r.unit)}`)], key: (r) => r.computed },
    { title: 'deviation', about: 'computed minus published', cell: (r) => {
      const j = judged.get(r)
      return has(j.deviation) ? h('span', {}, j.deviation > 0 ? '+' : '', num(j.deviation, j.error), has(j.percent) && h('span', { class: 'sub' }, `${signed(j.percent, 3)} %`)) : h('span', { class: 'sub' }, j.words)
    }, key: (r) => (has(judged.get(r).percent) ? Math.abs(judged.get(r).percent) : undefined) },
    { title: 'in standard errors', about: 'over the two errors in quadrature, as far as known', cell: (r) => {
      const j = judged.get(r)
      return has(j.sigmas) ? h('span', { class: 'sigmas' }, `${signed(j.sigmas, 2)} σ`, strip(j.sigmas, j.verdict), j.words && h('span', { class: 'sub' }, j.words)) : has(j.deviation) ? h('span', { class: 'sub' }, j.words) : ''
    }, key: (r) => (has(judged.get(r).sigmas) ? Math.abs(judged.get(r).sigmas) : undefined) },
    { title: 'likely reason, conditions, source', text: true, cell: (r) => [r.comment && h('div', {}, formulas(r.comment)), r.conditions && h('div', { class: 'sub' }, formulas(r.conditions)), r.source && h('div', { class: 'sub source' }, formulas(r.source))], key: (r) => r.comment ?? '' },
  ], rows, { class: 'compare', label: 'Published against computed' })
}

