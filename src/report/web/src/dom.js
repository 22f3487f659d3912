// Small helpers to make elements. Text is always text: nothing here parses markup.

const SVG = 'http://www.w3.org/2000/svg'

function fill(element, attributes, children) {
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || (value === false && !key.startsWith('aria-'))) continue
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value)
    else if (key === 'style' && typeof value === 'object')
      for (const [name, v] of Object.entries(value)) element.style.setProperty(name, v)
    else element.setAttribute(key, value === true && !key.startsWith('aria-') ? '' : String(value))
  }
  element.append(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false))
  return element
}

/** h('p', {class: 'note'}, 'text', otherElement) */
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children)
export const s = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children)

/** A button that stays pressed. `change(pressed)` is called on every press. */
export function toggle(label, title, pressed, change) {
  const button = h('button', { type: 'button', title, 'aria-pressed': pressed, class: 'tool' }, label)
  button.addEventListener('click', () => {
    const now = button.getAttribute('aria-pressed') !== 'true'
    button.setAttribute('aria-pressed', now)
    change(now)
  })
  return button
}

export const button = (label, title, click) =>
  h('button', { type: 'button', title, class: 'tool', onclick: click }, label)

/** Hand bytes to the reader as a file. */
export function download(name, content, type) {
  const url = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }))
  const link = h('a', { href: url, download: name })
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(url), 10000)
}

/** A file name from a title. */
export const slug = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 60) || 'figure'
