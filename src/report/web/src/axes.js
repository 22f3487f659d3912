// One axis: from numbers to pixels, linear or logarithmic, and where its ticks go.
import { tickStep, ticks } from 'd3-array'
import { superscript } from './words.js'

/** t(x): what is linear on the screen. NaN where a logarithm has no value. */
export const transform = (log) => (log ? (x) => (x > 0 ? Math.log10(x) : NaN) : (x) => x)
export const inverse = (log) => (log ? (t) => 10 ** t : (t) => t)

const minus = (text) => text.replace(/^-/, '−')

function linear(lo, hi, count) {
  const at = ticks(lo, hi, count)
  const step = Math.abs(tickStep(lo, hi, count)), largest = Math.max(Math.abs(lo), Math.abs(hi))
  let power = 0
  if (largest >= 1e5 || largest < 1e-2) power = Math.floor(Math.log10(largest))
  const decimals = Math.max(0, -Math.floor(Math.log10(step / 10 ** power) + 1e-9))
  return {
    power,
    major: at.map((x) => ({ t: x, text: minus((x / 10 ** power).toFixed(Math.min(decimals, 12)).replace(/^-(0(\.0*)?)$/, '$1')) })),
    minor: [],
  }
}

const decadeText = (p) => (p >= -2 && p <= 4 ? String(+(10 ** p).toPrecision(1)) : `10${superscript(p)}`)

function logarithmic(lo, hi, count) {
  if (hi - lo < 0.8) { // less than a decade: ticks at round numbers
    const inner = linear(10 ** lo, 10 ** hi, count)
    return { power: inner.power, minor: [], major: inner.major.map((m) => ({ t: Math.log10(m.t), text: m.text })).filter((m) => Number.isFinite(m.t)) }
  }
  const first = Math.ceil(lo - 1e-9), last = Math.floor(hi + 1e-9)
  const every = Math.max(1, Math.ceil((last - first + 1) / Math.max(2, count)))
  const major = [], minor = []
  for (let p = first; p <= last; p++) {
    if ((p - first) % every === 0) major.push({ t: p, text: decadeText(p) })
    else minor.push(p)
  }
  for (let p = first - 1; p <= last; p++)
    for (let m = 2; m <= 9 && every === 1; m++) {
      const t = p + Math.log10(m)
      if (t < lo || t > hi) continue
      if (hi - lo < 2.2 && (m === 2 || m === 5)) {
        const text = p >= -3 && p < 4 ? String(+(m * 10 ** p).toPrecision(1)) : `${m}·10${superscript(p)}`
        major.push({ t, text })
      } else minor.push(t)
    }
  return { power: 0, major, minor }
}

/** Ticks between lo and hi (in t), about `count` of them: {power: common power of ten, major: [{t, text}], minor: [t]}. */
export function axisTicks(lo, hi, log, count) {
  return log ? logarithmic(lo, hi, count) : linear(lo, hi, count)
}
