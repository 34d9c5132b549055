import { readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile } from 'esbuild'
import { writeBillOfBundle } from './write-bill.ts'

const SERVER = join(dirname(fileURLToPath(import.meta.url)), '..')
const AGENT_BUNDLE = join(SERVER, 'dist', 'agent.mjs')
/** What the agent runs as root beside our own code and Node's. Whoever adds one answers for it on every host. */
const AGENT_PACKAGES = ['ws', 'zod']
const OWN_MODULES = /^(package\.json$|(agent|process|signing|\.\.\/shared\/(contract|domain))\/)/

/**
 * Bundles the agent into one file that needs Node 20 and nothing else, and answers where it is. The same sources give
 * the same bytes (threat-model T34): no time, no path, no random name goes in. Its bill of materials is written beside it. Rejects when a module goes in that is not of
 * our own folders for it and of no listed package.
 */
export const buildAgent = async (outfile: string = AGENT_BUNDLE): Promise<string> => {
  const { version } = JSON.parse(await readFile(join(SERVER, 'package.json'), 'utf8'))
  const node = (name: string) => `import { createRequire as ${name} } from 'node:module'`
  const { metafile } = await build({
    entryPoints: [join(SERVER, 'agent', 'main.ts')],
    outfile,
    absWorkingDir: SERVER,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    // ws is CommonJS and requires Node's own modules; it would look for two native helpers, which a root process
    // must not pick up from whatever folder it lies in.
    banner: {
      js: [
        '#!/usr/bin/env node',
        `// rebootless-agent ${version}, Apache-2.0; holds ws (MIT) and zod (MIT).`,
        `${node('__createRequire')};const require = __createRequire(import.meta.url);`,
      ].join('\n'),
    },
    // Its client alone: the agent dials out, and serves nobody.
    alias: {
      ws: createRequire(import.meta.url)
        .resolve('ws/package.json')
        .replace('package.json', 'lib/websocket.js'),
    },
    // The version alone, not all that the server is made of.
    plugins: [
      {
        name: 'version',
        setup({ onLoad }) {
          onLoad({ filter: /package\.json$/ }, () => ({ contents: JSON.stringify({ version }), loader: 'json' }))
        },
      },
    ],
    define: { 'process.env.WS_NO_BUFFER_UTIL': '"1"', 'process.env.WS_NO_UTF_8_VALIDATE': '"1"' },
    external: ['bufferutil', 'utf-8-validate'],
  })
  const unlisted = unlistedModules(metafile)
  if (unlisted.length > 0) {
    await rm(outfile)
    throw new Error(`the agent would hold what is not listed: ${unlisted.join(', ')}`)
  }
  await writeBillOfBundle(outfile, metafile)
  return outfile
}

/** Paths of modules, as esbuild names them, that the agent may not hold. */
export const unlistedModules = ({ inputs }: Pick<Metafile, 'inputs'>): string[] =>
  Object.keys(inputs).filter((path) => {
    const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]
    return name === undefined ? !OWN_MODULES.test(path) : !AGENT_PACKAGES.includes(name)
  })

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await buildAgent())
