import { readFileSync } from 'node:fs'

const DIST = 'web/dist'
/** What Vite writes of each file: https://vite.dev/guide/backend-integration */
const manifest = JSON.parse(readFileSync(`${DIST}/.vite/manifest.json`, 'utf8'))

/** The files that these bring along, themselves too, and their styles; not what waits until it is wanted. */
const filesOf = (/** @type {string[]} */ ...names) => {
  const needed = new Set(names)
  for (const name of needed) for (const imported of manifest[name].imports ?? []) needed.add(imported)
  return [...new Set([...needed].flatMap((name) => [manifest[name].file, ...(manifest[name].css ?? [])]))].map(
    (file) => `${DIST}/${file}`,
  )
}
const shell = Object.keys(manifest).find((name) => manifest[name].name === 'shell')

export default [
  {
    name: 'agent, one file, as it lies on a host',
    path: 'server/dist/agent.mjs',
    limit: '380 kB',
    gzip: false,
    brotli: false,
  },
  {
    name: 'what every page loads first, sign-in too',
    path: filesOf('index.html').filter((file) => file.endsWith('.js')),
    limit: '120 kiB',
    gzip: true,
  },
  {
    name: 'the fleet page in all, with its styles',
    path: filesOf('index.html', shell, 'src/routes/fleet-page.tsx'),
    limit: '180 kiB',
    gzip: true,
  },
  { name: 'styles', path: `${DIST}/assets/*.css`, limit: '20 kiB', gzip: true },
  { name: 'charts', path: `${DIST}/assets/charts-*.js`, limit: '130 kiB', gzip: true },
  {
    name: 'the Lab: its page, and the simulator in its worker',
    path: [`${DIST}/assets/lab-page-*.js`, `${DIST}/assets/lab-worker-*.js`, `${DIST}/assets/sweep-chart-*.js`],
    limit: '60 kiB',
    gzip: true,
  },
]
