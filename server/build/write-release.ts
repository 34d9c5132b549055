import { execFileSync, spawnSync } from 'node:child_process'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { printable } from '@rebootless/shared/domain/printable.ts'
import { chooseKey, KEY_OPTIONS } from '../cli/keys/choose-key.ts'
import { ReleaseError } from '../cli/release/release-files.ts'
import { KeyError } from '../signing/key-error.ts'
import { openSshPublicKey } from '../signing/ssh-signature.ts'
import { DIST } from './build-server.ts'
import { ROOT } from './package-lock.ts'
import { type BuildToRelease, makeRelease } from './release.ts'

const USAGE = `Usage: npm run release -- (--key FILE | --ssh-agent [--key-file PUB]) [--out FOLDER]

Builds everything twice, refuses when the two differ, and writes the release with its sums and the makers' signatures to
FOLDER, which must be empty (server/dist/release when it is not given). Only what is committed is released.

Exit status: 0 done, 1 it could not be, 2 wrong use.`

/** The second build is in another place's time and language, which must not count. */
const SURROUNDINGS = {
  1: { TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  2: { TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8' },
} as const

const from: BuildToRelease = {
  programs: DIST,
  pages: path.join(ROOT, 'web', 'dist'),
  async build(round) {
    const { status } = spawnSync(process.execPath, ['server/setup/build.mjs'], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, ...SURROUNDINGS[round] },
    })
    if (status !== 0) throw new ReleaseError(`Build ${round} failed.`)
  },
}

const git = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim()

const release = async (args: readonly string[]): Promise<number> => {
  const options = { ...KEY_OPTIONS, out: { type: 'string' } } as const
  const { values } = parseArgs({ args: [...args], options })
  // npm runs scripts in the repository's root: paths are meant from where it was started.
  const here = (given: string) => path.resolve(process.env.INIT_CWD ?? '.', given)
  const out = values.out === undefined ? path.join(DIST, 'release') : here(values.out)
  const key = await chooseKey(
    {
      'ssh-agent': values['ssh-agent'],
      key: values.key && here(values.key),
      'key-file': values['key-file'] && here(values['key-file']),
    },
    process.env,
  )
  if (git('status', '--porcelain') !== '') throw new ReleaseError('There are changes that are not committed.')
  const commit = git('rev-parse', 'HEAD')
  const files = await makeRelease(from, key, out)
  console.log(`${out} holds ${files.length} files of commit ${commit}, signed with ${key.where}:`)
  console.log(openSshPublicKey(key.publicKey))
  return 0
}

try {
  process.exitCode = await release(process.argv.slice(2))
} catch (error) {
  if (error instanceof KeyError || error instanceof ReleaseError) {
    console.error(printable(error.message))
    process.exitCode = 1
  } else if (error instanceof TypeError) {
    console.error(`${printable(error.message)}\n\n${USAGE}`)
    process.exitCode = 2
  } else throw error
}
