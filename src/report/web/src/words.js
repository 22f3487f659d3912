// Numbers, units, formulas and names as they look on paper.

const up = { 0: '⁰', 1: '¹', 2: '²', 3: '³', 4: '⁴', 5: '⁵', 6: '⁶', 7: '⁷', 8: '⁸', 9: '⁹', '-': '⁻' }
const down = '₀₁₂₃₄₅₆₇₈₉'
export const superscript = (n) => String(n).replace(/[-0-9]/g, (c) => up[c])
const subscript = (digits) => digits.replace(/[0-9]/g, (c) => down[+c])

const bases = { A: 'Å', angstrom: 'Å', deg: '°', ohm: 'Ω', um: 'µm', us: 'µs', degC: '°C' }

/** 'cm2/s' to 'cm² s⁻¹', '1/A' to 'Å⁻¹', 'eV/A3' to 'eV Å⁻³'. */
export function unit(text) {
  if (!text) return ''
  const parts = text.split('/')
  return parts.map((part, i) => part.split(/[ *]/).map((factor) => {
    const found = /^(%|[A-Za-z]+)(-?\d+)?$/.exec(factor)
    if (factor === '1' || factor === '') return ''
    if (!found) return i === 0 ? factor : `(${factor})⁻¹`
    const power = (found[2] ? +found[2] : 1) * (i === 0 ? 1 : -1)
    return (bases[found[1]] ?? found[1]) + (power === 1 ? '' : superscript(power))
  }).filter(Boolean).join(' ')).filter(Boolean).join(' ')
}

const elements = new Set(('H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co Ni Cu Zn Ga Ge As Se Br Kr ' +
  'Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re Os Ir Pt ' +
  'Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U').split(' '))

/** 'Li4Ti5O12' to 'Li₄Ti₅O₁₂' inside running text; words that only look like it stay. Units after a number: '9.5 A' to '9.5 Å'. */
export function formulas(text) {
  return String(text).replace(/(\d) (1\/A|A[23]?|eV\/A3?|g\/cm3|cm2\/s|S\/cm)(?![\w/])/g, (_, digit, u) => `${digit} ${unit(u)}`).replace(/\b2[ -]?theta\b/g, '2θ').replace(/\b([VKPE])0('?)(?!['\w]|\.\w)/g, (_, letter, prime) => `${letter}₀${prime && '′'}`).replace(/\b(?:[A-Z][a-z]?(?:\d+(?:\.\d+)?)?){2,}\b/g, (word) => {
    const parts = word.match(/[A-Z][a-z]?(?:\d+(?:\.\d+)?)?/g)
    if (!/\d/.test(word) || !parts.every((p) => elements.has(p.replace(/[\d.]/g, '')))) return word
    return word.replace(/\d+(?:\.\d+)?/g, subscript)
  })
}

/** Names of quantities: 'max_force' to 'max force', 'K0_prime' to 'K₀′', 'alpha2' to 'α₂'. */
export function name(text) {
  const greek = { alpha: 'α', beta: 'β', gamma: 'γ', sigma: 'σ', rho: 'ρ', theta: 'θ', chi: 'χ', tau: 'τ', lambda: 'λ' }
  return formulas(text.replace(/_prime\b/, "'").replace(/_/g, ' ').replace(/\.(?!\d)/g, ' ').replace(/\^(-?\d)/g, (_, p) => superscript(p))
    .replace(/\b2[ -]?theta\b/g, '2θ').replace(/^([A-Za-z])([1-9])(?=\b|′)/, (_, letter, digit) => letter + down[+digit])
    .replace(/\btwo theta\b/g, '2θ').replace(/\b(alpha|beta|gamma|sigma|rho|theta|chi|tau|lambda)(\d?)\b/g, (_, g, digit) => greek[g] + subscript(digit)))
}

/** An axis label with its unit behind it: 'V' in 'A3' or 'V / A3' or 'V (A3)' to 'V (Å³)'. A unit in the label goes before. */
export function axis(label, u) {
  const own = /^(.*\S)\s+(?:\(([^()]+)\)|\/\s*(\S+))$/.exec(label ?? '')
  const text = name(own ? own[1] : label ?? ''), written = own && (own[2] ?? own[3])
  const shown = written ? (/^\S+$/.test(written) ? unit(written) : name(written)) : unit(u)
  return shown ? `${text} (${shown})` : text
}

/** The label without a unit. */
export const quantity = (label) => axis(label, '').replace(/ \([^()]*\)$/, '')

/** '1.234(12)': the error with two digits; without an error `digits` significant ones. As result/table.c writes them. */
export function number(value, error, digits = 6) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  if (!(error > 0) || !Number.isFinite(error)) return plain(value, digits)
  let power = Math.floor(Math.log10(error)), two = Math.round(error * 10 ** (1 - power))
  if (two >= 100) { // 0.0996 rounds up to three digits
    power++
    two = 10
  }
  const size = value === 0 ? power : Math.floor(Math.log10(Math.abs(value)))
  if (power <= 1 && size <= 6 && size >= -4) return `${minus(value.toFixed(Math.min(20, 1 - power)))}(${two})`
  const shift = Math.max(size, power)
  return `${minus((value / 10 ** shift).toFixed(Math.min(20, shift - power + 1)))}(${two}) × 10${superscript(shift)}`
}

const minus = (text) => text.replace(/^-/, '−')

/** A number with so many significant digits, trailing zeros dropped, powers of ten as on paper. */
export function plain(value, digits = 6) {
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (Number.isInteger(value) && size < 1e9) return minus(String(value))
  if (size >= 1e6 || size < 1e-4) {
    const [mantissa, power] = value.toExponential(Math.max(0, digits - 1)).split('e')
    const short = mantissa.includes('.') ? mantissa.replace(/\.?0+$/, '') : mantissa
    return `${minus(short)} × 10${superscript(+power)}`
  }
  const fixed = value.toPrecision(digits)
  return minus(fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed)
}

/** All digits: '1.23456789012 ± 0.005'. */
export function full(value, error) {
  if (value === null || value === undefined || Number.isNaN(value)) return '–'
  return minus(String(value)) + (error > 0 ? ` ± ${error}` : '')
}

/** 75 to '1 min 15 s'. */
export function duration(seconds) {
  if (seconds < 1) return `${plain(seconds * 1000, 2)} ms`
  if (seconds < 60) return `${plain(seconds, 2)} s`
  const whole = Math.round(seconds), hours = Math.floor(whole / 3600), minutes = Math.floor(whole % 3600 / 60)
  return hours ? `${hours} h ${minutes} min` : `${minutes} min ${whole % 60} s`
}

export const capital = (text) => text.replace(/^[a-z](?=[a-z])/, (c) => c.toUpperCase())
/** Words as a sentence: a capital at the beginning, a full stop at the end. */
export const sentence = (text) => capital(text.trim()).replace(/([^.!?:;])$/, '$1.')
