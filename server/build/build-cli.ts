import { join } from 'node:path'
import { build } from 'esbuild'
import { DIST } from './build-server.ts'
import { writeBillOfBundle } from './write-bill.ts'

/** Bundles `rebootless` into one file that needs Node 20 and nothing else: approvers have it on machines of their own. */
export const buildCli = async (outfile: string = join(DIST, 'rebootless.mjs')): Promise<string> => {
  const { metafile } = await build({
    entryPoints: [join(DIST, '..', 'cli', 'main.ts')],
    outfile,
    absWorkingDir: join(DIST, '..'),
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    banner: {
      js: [
        '#!/usr/bin/env node',
        '// rebootless, Apache-2.0; holds zod (MIT) and yaml (ISC).',
        // yaml is CommonJS for Node, and asks for Node's own modules in that way.
        "import{createRequire as __require}from'node:module';const require=__require(import.meta.url);",
      ].join('\n'),
    },
  })
  await writeBillOfBundle(outfile, metafile)
  return outfile
}
