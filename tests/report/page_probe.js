// Put behind the page by test_report_page.sh: uses the page as a reader would, and writes what it found into #probe.
const failures = []
let n = 0
const check = (condition, what) => {
  n++
  if (!condition) failures.push(what)
}
const all = (selector, from = document) => [...from.querySelectorAll(selector)]
const frame = () => new Promise((resolve) => setTimeout(resolve, 60))
const text = (selector) => document.querySelector(selector)?.textContent ?? ''
const pressed = (element, label) => all('button', element).find((b) => b.textContent === label)

function pointer(target, type, x, y, more = {}) {
  target.dispatchEvent(new PointerEvent(type, { bubbles: true, cancelable: true, clientX: x, clientY: y, pointerId: 1, pointerType: 'mouse', button: 0, ...more }))
}
const ticks = (figure) => all('.axes text', figure).map((t) => t.textContent).join(' ')

async function figures() {
  all('details.section').forEach((d) => (d.open = true))
  await frame()
  const list = all('figure.plot')
  check(list.length === 6, `6 figures expected (5 of results, 1 of the series' table), ${list.length} drawn`)
  for (const f of list) {
    const drawn = all('.curve path', f).filter((p) => (p.getAttribute('d') ?? '').length > 20)
    check(drawn.length >= 1, `${text.call(null, 'title')}: no curve in "${f.querySelector('h4').textContent}"`)
    check(!all('path', f).some((p) => /NaN|undefined|Infinity/.test(p.getAttribute('d'))), `a broken path in "${f.querySelector('h4').textContent}"`)
    check((f.querySelector('svg').getAttribute('aria-label') ?? '').length > 30, 'a figure without a description')
  }
  const rdf = list[0]
  check(all('.chip', rdf).length === 8 && all('.curve', rdf.querySelector('.plot-svg')).length === 8, 'one curve and one legend entry a pressure')
  check(all('.tab', rdf.querySelector('.tabs')).map((t) => t.textContent).join() === 'Li-O,Ti-O,O-O', 'a choice of pairs')
  check(text('figure.plot .label') === 'r (Å)', `the axis is called "${text('figure.plot .label')}"`)
  const eos = list.find((f) => f.textContent.includes('Volume of the cell'))
  check(all('.marks', eos.querySelector('.plot-svg')).length === 1 && all('.line', eos.querySelector('.plot-svg')).length === 1, 'points with a fitted line')
  check(all('.bars', eos).some((b) => b.getAttribute('d').length > 50), 'error bars')
  const motion = list.find((f) => f.textContent.includes('Mean-square'))
  check(/10⁻³|0\.01/.test(ticks(motion)) && /100/.test(ticks(motion)), `log ticks: ${ticks(motion)}`)
  await hands(rdf)
}

async function hands(figure) {
  const svg = figure.querySelector('.plot-svg'), before = ticks(figure)
  svg.setPointerCapture = () => {}
  figure.scrollIntoView()
  const r = svg.getBoundingClientRect(), at = (u, v) => [r.left + u * r.width, r.top + v * r.height]
  pointer(svg, 'pointermove', ...at(0.5, 0.5))
  check(!figure.querySelector('.readout').hidden && /r = [\d.]+ Å/.test(figure.querySelector('.readout').textContent), `read-out: "${figure.querySelector('.readout').textContent}"`)
  pointer(svg, 'pointerdown', ...at(0.3, 0.2))
  pointer(svg, 'pointermove', ...at(0.5, 0.6))
  check(figure.querySelector('.zoom-box'), 'a box while dragging')
  pointer(svg, 'pointerup', ...at(0.5, 0.6))
  const zoomed = ticks(figure)
  check(zoomed !== before, 'dragging a box zooms')
  pointer(svg, 'pointerdown', ...at(0.5, 0.5), { shiftKey: true })
  pointer(svg, 'pointermove', ...at(0.2, 0.5), { shiftKey: true })
  pointer(svg, 'pointerup', ...at(0.2, 0.5), { shiftKey: true })
  check(ticks(figure) !== zoomed, 'Shift and drag moves')
  svg.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }))
  check(ticks(figure) === before, 'a double click shows everything again')
  svg.dispatchEvent(new WheelEvent('wheel', { bubbles: true, cancelable: true, ctrlKey: true, deltaY: -100, clientX: at(0.5, 0.5)[0], clientY: at(0.5, 0.5)[1] }))
  check(ticks(figure) !== before, 'Ctrl and wheel zooms')
  svg.dispatchEvent(new KeyboardEvent('keydown', { key: '0', bubbles: true }))
  check(ticks(figure) === before, 'key 0 resets')
  for (const [id, x] of [[1, 0.4], [2, 0.6]]) pointer(svg, 'pointerdown', ...at(x, 0.5), { pointerType: 'touch', pointerId: id })
  for (const [id, x] of [[1, 0.3], [2, 0.7]]) pointer(svg, 'pointermove', ...at(x, 0.5), { pointerType: 'touch', pointerId: id })
  for (const id of [1, 2]) pointer(svg, 'pointerup', ...at(0.5, 0.5), { pointerType: 'touch', pointerId: id })
  check(ticks(figure) !== before, 'two fingers zoom')
  svg.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true }))
  svg.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))
  check(!figure.querySelector('.readout').hidden, 'arrow keys read out')
  pressed(figure, 'log y').click()
  check(/cannot be shown/.test(figure.textContent) === all('.note', figure).some((p) => !p.hidden), 'says what a logarithm hides')
  check(ticks(figure) !== before, 'log y')
  pressed(figure, 'log y').click()
  const chip = figure.querySelector('.chip')
  chip.click()
  check(all('.plot-box .curve', figure).length === 7 && figure.querySelector('.chip').getAttribute('aria-pressed') === 'false', 'the legend hides a curve')
  figure.querySelector('.chip').click()
  all('.tab', figure.querySelector('.tabs'))[1].click()
  check(ticks(figure) !== before, 'another pair has other axes')

  const files = []
  URL.createObjectURL = (blob) => (files.push(blob), '#')
  for (const kind of ['CSV', 'SVG', 'PNG']) pressed(figure, kind).click()
  for (let i = 0; i < 40 && files.length < 3; i++) await frame()
  check(files.length === 3, `three files, not ${files.length}`)
  if (files.length < 3) return
  const csv = (await files[0].text()).split('\n')
  const columns = csv[1].match(/"[^"]*"|[^,]+/g).length // r, and g with its error for each of 8 pressures
  check(columns === 17 && csv.length === 320 + 3, `CSV: ${columns} columns, ${csv.length} lines`)
  const picture = new DOMParser().parseFromString(await files[1].text(), 'image/svg+xml')
  check(!picture.querySelector('parsererror') && picture.querySelectorAll('path').length > 8, 'the SVG is whole')
  check(all('path', picture).every((p) => p.getAttribute('class') === null && p.getAttribute('stroke') !== null), 'the SVG stands without a style sheet')
  check(files[2].type === 'image/png' && files[2].size > 10000, 'the PNG is a picture')
}

async function structures() {
  const list = all('figure.structure')
  check(list.length === 2, 'two structures')
  for (const f of list) {
    const canvas = f.querySelector('canvas'), stage = f.querySelector('.stage')
    check(['webgl', 'svg'].includes(stage.dataset.drawn), 'a structure is drawn')
    check(all('.paper circle', f).length >= 168, 'a picture for paper with every atom')
    check(all('.paper path', f).length > 100, 'octahedra on paper')
    const look = () => (stage.dataset.drawn === 'webgl' ? canvas.toDataURL() : stage.querySelector('svg').innerHTML)
    const before = look()
    canvas.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true }))
    for (let i = 0; i < 20 && look() === before; i++) await frame()
    check(look() !== before, 'a structure turns')
    check(/168 atoms, Li₄Ti₅O₁₂, 3\.48/.test(f.textContent), 'formula and density')
  }
  const crystal = list[0], canvas = crystal.querySelector('canvas')
  canvas.setPointerCapture = () => {}
  crystal.scrollIntoView()
  const r = canvas.getBoundingClientRect()
  for (let k = 0; k < 200 && !crystal.querySelector('.pick').textContent; k++) {
    const x = r.left + r.width * (0.3 + 0.4 * ((k * 0.618) % 1)), y = r.top + r.height * (0.3 + 0.4 * (k / 200))
    pointer(canvas, 'pointerdown', x, y)
    pointer(canvas, 'pointerup', x, y)
  }
  check(/^(Li|Ti|O) \d+/.test(crystal.querySelector('.pick').textContent), 'a click names an atom')
  check(all('.chip', crystal).length === 5, 'species and polyhedra can be chosen')
}

function tables() {
  const rows = all('.compare tbody tr')
  check(rows.length === 6, 'six rows of published against computed')
  check(/114\.1\(57\).*110\.4\(24\).*−3\.25 %.*−0\.6/.test(rows[0].textContent.replace(/−\s/g, '−')), `first row: ${rows[0].textContent}`)
  check(/published error not stated/.test(rows[1].textContent) && /not against the bound/.test(rows[3].textContent) && /not obtained/.test(rows[4].textContent), 'rows say what is missing')
  const sort = all('.compare .sort')[1]
  sort.click()
  check(/resistance/.test(all('.compare tbody tr')[1].textContent), `sorted by published value: ${all('.compare tbody tr').map((t) => t.textContent.slice(0, 12)).join('|')}`)
  all('details.fold').forEach((d) => (d.open = true))
}

function words() {
  const page = document.getElementById('app').textContent
  for (const part of ['Li₄Ti₅O₁₂ under pressure', 'cm² s⁻¹', '<b>bold</b>', '0.6199 Å', 'K₀', '110.4(24)', '584.13(31)', 'weighted least squares', '9f86d081884c7d65', 'd3-array', 'lithia run examples', '4 ms', 'avx2', 'covariance'])
    check(page.includes(part), `the page lacks "${part}"`)
  check(!page.includes('undefined') && !page.includes('NaN') && !page.includes('[object'), 'no undefined, NaN or [object on the page')
  check(document.querySelectorAll('.badge').length > 10, 'badges')
  pressed(document, 'all digits').click()
  check(getComputedStyle(document.querySelector('.leaves .long')).display !== 'none', 'all digits at a switch')
  check(document.getElementById('app').innerText.includes('110.3871234567'), 'all digits are there')
}

function access() {
  check(all('button').every((b) => (b.textContent || b.getAttribute('aria-label') || '').trim()), 'every button has a name')
  check(all('img').every((i) => i.hasAttribute('alt')), 'every image has a text')
  const ids = all('[id]').map((e) => e.id)
  check(new Set(ids).size === ids.length, `ids twice: ${ids.filter((v, i) => ids.indexOf(v) !== i)}`)
  check(all('.toc a').every((a) => document.getElementById(a.hash.slice(1))), 'contents lead somewhere')
  check(document.documentElement.scrollWidth <= window.innerWidth, `the page is ${document.documentElement.scrollWidth} wide in a window of ${window.innerWidth}`)
}

async function run() {
  try {
    check(document.documentElement.dataset.ready === 'true', `the page is ready (${document.documentElement.dataset.failed})`)
    await frame()
    await figures()
    await structures()
    tables()
    await frame()
    words()
    await frame()
    access()
  } catch (error) {
    failures.push(`the probe stopped: ${error.stack}`)
  }
  failures.push(...window.pageErrors)
  const result = document.createElement('pre')
  result.id = 'probe'
  result.textContent = failures.length ? `PROBE FAILED\n${failures.join('\n')}\nPROBE END` : `PROBE PASSED ${n} checks at ${window.innerWidth}`
  document.body.replaceChildren(result)
  if (parent !== window) parent.postMessage(result.textContent, '*') // run in a frame as wide as a phone
}
run()
