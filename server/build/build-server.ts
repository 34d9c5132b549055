import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { type LockedPackage, readPackageLock } from './package-lock.ts'
import { writeBillOfBundle } from './write-bill.ts'

const SERVER = join(dirname(fileURLToPath(import.meta.url)), '..')
export const DIST = join(SERVER, 'dist')
/** By the names of the files that they become, the programs of server/start. */
export const SERVER_PROGRAMS = {
  server: 'main',
  console: 'console-main',
  backup: 'backup-main',
  'recorded-fleet': 'recorded-fleet',
  'simulated-fleet': 'simulated-fleet',
  // The thread that reads uploads: server.mjs and simulated-fleet.mjs look for it beside themselves.
  'upload-worker': '../bff/patches/module/upload-worker',
  // The thread that reads feeds of vulnerabilities.
  'feed-worker': '../bff/vulnerabilities/feed-worker',
  // The thread that judges what CVEs are to hosts.
  'exposure-worker': '../bff/exposure/exposure-worker',
  // The thread that stores what agents say.
  'ingest-worker': '../bff/ingest/ingest-worker',
  // The thread that simulates a rollout, for server.mjs.
  'dry-run-worker': 'dry-run-worker',
} as const

/**
 * Bundles a program of server/start into one file, so that a start need not translate it; packages stay in node_modules,
 * since some are native or find their files by their own path. Answers where it is.
 */
export const buildServer = async (program = 'main', outfile = join(DIST, 'server.mjs')): Promise<string> => {
  const { metafile } = await build({
    entryPoints: [join(SERVER, 'start', `${program}.ts`)],
    outfile,
    absWorkingDir: SERVER,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    sourcemap: true,
    logLevel: 'warning',
    metafile: true,
    plugins: [
      {
        name: 'packages-stay-outside',
        setup(bundler) {
          // Our own workspace is no package: its TypeScript must be in the bundle.
          bundler.onResolve({ filter: /^[^./]/ }, (request) =>
            request.kind === 'entry-point' || request.path.startsWith('@rebootless/')
              ? undefined
              : { path: request.path, external: true },
          )
        },
      },
    ],
  })
  const lock = readPackageLock()
  // The database's binaries and the API's page are looked up by name, which the bundler does not see.
  await writeBillOfBundle(outfile, metafile, { loaded: program.endsWith('main') ? namesOf(lock.server) : [], lock })
  return outfile
}

const namesOf = ({ dependencies, optionalDependencies }: LockedPackage = {}): string[] =>
  Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !name.startsWith('@rebootless/'))

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await buildServer())
