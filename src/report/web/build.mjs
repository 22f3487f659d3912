// Bundles src/main.js and page.css into one page, dist/page.html (or the path given), without any outside reference.
// The licence texts of the packages that end up in the bundle go into the page's footer.
import { build } from 'esbuild'
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const out = process.argv[2] ?? join(here, 'dist', 'page.html')
const target = ['chrome90', 'firefox90', 'safari15']

const bundle = (notices) => build({
  absWorkingDir: here,
  entryPoints: ['src/main.js'],
  bundle: true, minify: true, write: false, metafile: true, format: 'iife', target, charset: 'utf8',
  legalComments: 'none', // whole texts are in NOTICES
  define: { NOTICES: JSON.stringify(notices) },
})

async function notice(name) {
  const folder = join(here, 'node_modules', name)
  const about = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
  const file = (await readdir(folder)).find((f) => /^licen[cs]e/i.test(f))
  if (!file) throw new Error(`${name}: no licence file to show in the page`)
  return { name, version: about.version, license: about.license, text: (await readFile(join(folder, file), 'utf8')).trim() }
}

const first = await bundle([])
const packages = new Set(Object.entries(Object.values(first.metafile.outputs)[0].inputs)
  .filter(([path, use]) => path.includes('node_modules/') && use.bytesInOutput > 0)
  .map(([path]) => path.replace(/^.*node_modules\//, '').match(/^(@[^/]+\/)?[^/]+/)[0]))
const notices = await Promise.all([...packages].sort().map(notice))
const script = (await bundle(notices)).outputFiles[0].text
const style = (await build({
  absWorkingDir: here, entryPoints: ['src/page.css'], bundle: true, minify: true, write: false, target, charset: 'utf8',
})).outputFiles[0].text

const page = (await readFile(join(here, 'page.html'), 'utf8'))
  .replace('/*page.css*/', () => style.trim())
  .replace('/*page.js*/', () => script.trim().replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--'))
await mkdir(dirname(out), { recursive: true })
await writeFile(out, page)
