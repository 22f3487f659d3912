// Tables that sort, and the tree of a result as tables.
import { button, download, h, slug } from './dom.js'
import { formulas, full, name as pretty, number, unit } from './words.js'

/** A number in both spellings; the page's switch shows one. */
export const num = (value, error, digits) => (value === undefined || value === null ? h('span', { class: 'none', title: 'no value' }, '–')
  : h('span', { class: 'n' }, h('span', { class: 'short' }, number(value, error, digits)), h('span', { class: 'long' }, full(value, error))))

/** columns: [{title, unit, text (a column of words), about, cell: (row) => content, key: (row) => what to sort by}] */
export function table(columns, rows, attributes = {}) {
  const body = h('tbody')
  let order = rows.map((_, i) => i)
  const fill = () => body.replaceChildren(...order.map((i) => h('tr', {}, columns.map((c, k) =>
    h(k === 0 ? 'th' : 'td', { class: c.text ? 'text' : 'num', scope: k === 0 ? 'row' : undefined, 'data-label': c.title }, k === 0 ? c.cell(rows[i], i) : h('span', {}, c.cell(rows[i], i)))))))
  const heads = columns.map((c) => {
    const head = h('th', { scope: 'col', class: c.text ? 'text' : 'num', title: c.about })
    const label = [formulas(c.title), c.unit && h('span', { class: 'unit' }, ` ${unit(c.unit)}`)]
    if (!c.key || rows.length < 2) head.append(...label.filter(Boolean))
    else {
      head.setAttribute('aria-sort', 'none')
      head.append(h('button', { type: 'button', class: 'sort', onclick: () => {
        const up = head.getAttribute('aria-sort') !== 'ascending'
        for (const other of heads) other.hasAttribute('aria-sort') && other.setAttribute('aria-sort', 'none')
        head.setAttribute('aria-sort', up ? 'ascending' : 'descending')
        const keys = rows.map(c.key)
        const before = (a, b) => {
          const p = keys[a], q = keys[b]
          const none = (v) => v === undefined || v === null || Number.isNaN(v)
          if (none(p) || none(q)) return none(p) - none(q)
          const d = typeof p === 'number' && typeof q === 'number' ? p - q : String(p).localeCompare(String(q), 'en', { numeric: true })
          return up ? d : -d
        }
        order = rows.map((_, i) => i).sort((a, b) => before(a, b) || a - b)
        fill()
      } }, ...label.filter(Boolean)))
    }
    return head
  })
  fill()
  return h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': attributes.label ?? 'Table' },
    h('table', { class: attributes.class }, h('thead', {}, h('tr', {}, heads)), body))
}

const isLeaf = (node) => !['group', 'list', 'array'].includes(node.kind)
const length = (report, node) => (node.texts ? node.texts.length : node.array === undefined ? 0 : report.arrays[node.array].length)

/** A leaf's value as content. */
export function leaf(node) {
  if (node.kind === 'boolean') return node.value ? 'yes' : 'no'
  if (node.kind === 'text') return h('span', { class: 'words' }, node.value)
  if (node.kind === 'null') return h('span', { class: 'none', title: 'no value' }, 'none')
  return num(node.value, node.error)
}

const nameCell = (node) => h('span', { title: [node.key, node.about].filter(Boolean).join(': ') }, pretty(node.name ?? ''))

function leaves(nodes) {
  const described = nodes.some((n) => n.about)
  return table([
    { title: 'quantity', text: true, cell: nameCell, key: (n) => n.name },
    { title: 'value', cell: leaf, key: (n) => n.value },
    { title: 'unit', text: true, cell: (n) => unit(n.unit) },
    ...(described ? [{ title: 'what it is', text: true, cell: (n) => [n.about && formulas(n.about), n.how && h('span', { class: 'how' }, ` Error: ${n.how}.`)] }] : []),
  ], nodes, { class: 'leaves', label: 'Values' })
}

function columnsFile(report, nodes) {
  const column = (n) => (n.texts ? n.texts.map((t) => `"${t.replaceAll('"', '""')}"`) : report.arrays[n.array].map((v) => v ?? ''))
  const heads = nodes.flatMap((n) => (n.errors === undefined ? [n.key] : [n.key, `${n.key} error`]))
  const columns = nodes.flatMap((n) => (n.errors === undefined ? [column(n)] : [column(n), report.arrays[n.errors].map((v) => v ?? '')]))
  return heads.join(',') + '\n' + columns[0].map((_, i) => columns.map((c) => c[i]).join(',')).join('\n') + '\n'
}

/** Vectors of one length as the columns of one table. */
export function columns(report, nodes, title, most = 60) {
  const n = length(report, nodes[0])
  const make = (rows) => table(nodes.map((node) => ({
    title: pretty(node.name ?? ''), unit: node.unit, text: Boolean(node.texts), about: node.about,
    cell: (i) => (node.texts ? formulas(node.texts[i]) : num(report.arrays[node.array][i], node.errors === undefined ? undefined : report.arrays[node.errors][i])),
    key: (i) => (node.texts ? node.texts[i] : report.arrays[node.array][i]),
  })), rows, { label: title })
  const save = button('CSV', 'Save these columns', () => download(`${slug(title)}.csv`, columnsFile(report, nodes), 'text/csv'))
  const box = h('div', { class: 'columns' })
  const show = (count) => box.replaceChildren(make(Array.from({ length: Math.min(n, count) }, (_, i) => i)), h('div', { class: 'tools' }, save,
    n > count && button(`all ${n} rows`, 'Show every row', () => show(n))))
  show(n > most ? 8 : most)
  return box
}

/** A result below its heading: values, vectors of equal length side by side, lists as tables, groups folded. */
export function tree(report, node, title) {
  const children = node.children ?? []
  const parts = []
  const plainOnes = children.filter(isLeaf)
  if (plainOnes.length) parts.push(leaves(plainOnes))
  const vectors = new Map()
  for (const c of children.filter((c) => c.kind === 'array' && c.rows === undefined)) {
    const n = length(report, c)
    vectors.set(n, [...(vectors.get(n) ?? []), c])
  }
  for (const [n, nodes] of vectors) parts.push(n === 0 ? h('p', { class: 'note' }, `${nodes.map((v) => pretty(v.name)).join(', ')}: empty`) : columns(report, nodes, title))
  for (const c of children.filter((c) => c.kind === 'array' && c.rows !== undefined)) parts.push(matrix(report, c))
  for (const c of children.filter((c) => c.kind === 'list' && c.headline)) parts.push(h('h4', {}, pretty(c.name ?? '')), list(report, c))
  for (const c of children.filter((c) => c.kind === 'list' && !c.headline)) parts.push(fold(pretty(c.name ?? ''), () => list(report, c), `${c.children.length} entries`))
  for (const c of children.filter((c) => c.kind === 'group' && c.headline)) parts.push(h('h4', {}, pretty(c.name ?? '')), tree(report, c, `${title} ${c.name}`))
  for (const c of children.filter((c) => c.kind === 'group' && !c.headline)) parts.push(fold(pretty(c.name ?? ''), () => tree(report, c, `${title} ${c.name}`)))
  return h('div', { class: 'tree' }, parts.length ? parts : h('p', { class: 'note' }, 'empty'))
}

function matrix(report, node) {
  const values = report.arrays[node.array] ?? []
  const lengths = node.lengths ?? Array(node.rows).fill(node.rows ? values.length / node.rows : 0)
  const widest = Math.max(0, ...lengths)
  const title = [pretty(node.name ?? ''), unit(node.unit)].filter(Boolean).join(', ')
  let at = 0
  const rows = lengths.map((n) => values.slice(at, (at += n)))
  const shown = rows.slice(0, 12)
  return fold(title, () => h('div', {},
    h('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': title }, h('table', { class: 'matrix' }, h('tbody', {}, shown.map((r) =>
      h('tr', {}, r.slice(0, 12).map((v) => h('td', { class: 'num' }, num(v ?? undefined, undefined, 5))), r.length > 12 && h('td', {}, '…')))))),
    rows.length > 12 && h('p', { class: 'note' }, `first 12 of ${rows.length} rows`),
    h('div', { class: 'tools' }, button('CSV', 'Save all rows', () => download(`${slug(title)}.csv`, rows.map((r) => r.map((v) => v ?? '').join(',')).join('\n') + '\n', 'text/csv')))),
  `${node.rows} × ${widest}`)
}

function list(report, node) {
  const items = node.children
  if (!items.length) return h('p', { class: 'note' }, 'empty')
  const names = [...new Map(items.flatMap((i) => (i.children ?? []).filter(isLeaf)).map((n) => [n.name, n])).values()]
  const of = (item, name) => item.children?.find((c) => c.name === name)
  const box = h('div', { class: 'columns' })
  const show = (count) => box.replaceChildren(
    names.length ? table(names.map((n) => ({ title: pretty(n.name), unit: n.unit, text: n.kind === 'text', about: n.about,
      cell: (i) => (of(i, n.name) ? leaf(of(i, n.name)) : ''), key: (i) => of(i, n.name)?.value })), items.slice(0, count), { label: node.name }) : '',
    items.length > count ? h('div', { class: 'tools' }, button(`all ${items.length} rows`, 'Show every row', () => show(items.length))) : '')
  show(items.length > 60 ? 20 : 60)
  const deeper = items.map((item, i) => ({ item, i })).filter(({ item }) => item.children?.some((c) => !isLeaf(c)))
  return h('div', {}, box, deeper.slice(0, 200).map(({ item, i }) => fold(`${pretty(node.name ?? '')} ${i + 1}`, () =>
    tree(report, { children: item.children.filter((c) => !isLeaf(c)) }, `${node.name} ${i + 1}`))))
}

/** A closed part whose content is made when it is first opened. */
export function fold(title, make, more, open = false) {
  const details = h('details', { class: 'fold' }, h('summary', {}, title, more && h('span', { class: 'more' }, ` ${more}`)))
  let made = false
  const build = () => {
    if (made || !details.open) return
    made = true
    details.append(make())
  }
  details.addEventListener('toggle', build)
  if (open) {
    details.open = true
    build()
  }
  return details
}

