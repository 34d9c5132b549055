import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { RELEASE_NAMESPACE } from '@rebootless/shared/domain/signing-bytes.ts'
import type { SigningKey } from '../cli/keys/signing-key.ts'
import {
  ReleaseError,
  readReleaseFiles,
  SIGNED_ALONE,
  SUMS,
  sha256OfFile,
  signatureOf,
  sumsText,
} from '../cli/release/release-files.ts'
import { verifyRelease } from '../cli/release/verify-release.ts'
import { sshSign } from '../signing/ssh-signature.ts'
import { AGENT_RELEASE, makeAgentRelease, requireTakeable } from './agent-release.ts'
import { SERVER_PROGRAMS } from './build-server.ts'

const PROGRAMS = ['agent', 'rebootless', ...Object.keys(SERVER_PROGRAMS)]
const OF_PROGRAMS = [...PROGRAMS.flatMap((name) => [`${name}.mjs`, `${name}.cdx.json`]), 'web.cdx.json']

export interface BuildToRelease {
  /** Builds everything anew; `round` is 1 or 2, so that the second may differ in all that must not count. */
  build(round: 1 | 2): Promise<void>
  /** Where programs and their bills of materials are built to. */
  readonly programs: string
  /** Where the pages are built to. */
  readonly pages: string
}

/**
 * Builds twice, and puts what was built into `out` with SHA256SUMS and the makers' signatures (threat-model T34), in the form
 * of `ssh-keygen -Y sign`. Answers the names of the files.
 * @throws ReleaseError when the two builds differ, or something is in `out` already; KeyError
 */
export const makeRelease = async (from: BuildToRelease, key: SigningKey, out: string): Promise<readonly string[]> => {
  await mkdir(out, { recursive: true })
  if ((await readdir(out)).length > 0) throw new ReleaseError(`${out} is not empty.`)
  const one = await buildAnew(from, 1)
  const two = await buildAnew(from, 2)
  const names = new Set([...one.keys(), ...two.keys()])
  const differing = [...names].filter((name) => one.get(name)?.sha256 !== two.get(name)?.sha256)
  if (differing.length > 0) throw new ReleaseError(`Two builds of the same sources differ: ${differing.join(', ')}.`)

  for (const [name, { file }] of two) await cp(file, path.join(out, name))
  const sign = async (name: string) => {
    const file = path.join(out, name)
    await writeFile(signatureOf(file), await sshSign(key, RELEASE_NAMESPACE, await readFile(file)))
  }
  for (const name of SIGNED_ALONE) await sign(name)
  const agent = await makeAgentRelease(await readFile(path.join(out, 'agent.mjs')), key)
  requireTakeable(agent, key.publicKey)
  await writeFile(path.join(out, AGENT_RELEASE), agent)
  await writeFile(path.join(out, SUMS), sumsText(await readReleaseFiles(out)))
  await sign(SUMS)
  const { files, faults } = await verifyRelease(out, key.publicKey)
  const changed = [...two].filter(([name]) => !files.includes(name)).map(([name]) => `${name} was not copied.`)
  if (faults.length + changed.length > 0) throw new ReleaseError([...faults, ...changed].join(' '))
  return files
}

interface BuiltFile {
  readonly file: string
  readonly sha256: string
}

/** What lies there from before is taken away first: a build that leaves a file out must not seem to have made it. */
const buildAnew = async (from: BuildToRelease, round: 1 | 2): Promise<Map<string, BuiltFile>> => {
  await rm(from.pages, { recursive: true, force: true })
  for (const name of OF_PROGRAMS) await rm(path.join(from.programs, name), { force: true })
  await from.build(round)
  const built = new Map<string, BuiltFile>()
  for (const name of OF_PROGRAMS) {
    const file = path.join(from.programs, name)
    built.set(name, { file, sha256: await sha256OfFile(file) })
  }
  for (const [name, sha256] of await readReleaseFiles(from.pages)) {
    // Lists of the bundler are for the build alone.
    if (!name.startsWith('.vite/')) built.set(`web/${name}`, { file: path.join(from.pages, name), sha256 })
  }
  return built
}
