import type { HostPrograms, ProgramResult } from '../../agent/programs/programs.ts'
import { faultyPatch } from '../fleet/faulty-patches.ts'
import type { Script, SimulatedHost } from '../fleet/simulated-host.ts'
import { simulatedModuleOf } from '../fleet/simulated-module.ts'
import { upgrade } from '../fleet/tool-work.ts'
import type { Pending } from '../kernel/simulated-kernel.ts'
import { kpatchPackagesFor } from './kpatch-tool.ts'
import type { Answer } from './stand-in.ts'
import { standInsOf } from './stand-in-of.ts'
import { susePackages } from './suse-tools.ts'

type Acting = (args: readonly string[], host: SimulatedHost, files: ReadonlyMap<string, Uint8Array>) => Script<Answer>

/** Programs of the host's user space that change its kernel, which takes time. `files`: modules that lie on its disk. */
export const actingPrograms = (
  host: SimulatedHost,
  files: ReadonlyMap<string, Uint8Array>,
  others: HostPrograms,
): HostPrograms => ({
  run(program, args, options) {
    const acting = actingFor(program, args, host)
    if (acting === null) return others.run(program, args, options)
    return new Promise<ProgramResult>((resolve) => {
      host.run(
        (function* () {
          const answer = yield* acting(args, host, files)
          const { stdout = '', stderr = '', exitCode = 0 } = answer === 'time_out' ? {} : answer
          resolve({ ok: true, exitCode, stdout, stderr, truncated: false })
        })(),
      )
    })
  },
})

/** kmod is everywhere; a vendor's tool only where it is installed and works. */
const actingFor = (program: string, args: readonly string[], host: SimulatedHost): Acting | null => {
  if (program === '/usr/sbin/insmod') return insmod
  if (program === '/usr/sbin/rmmod') return rmmod
  const commandLine = [program, ...args].join(' ')
  const isUpdate = UPDATES.includes(commandLine) || INSTALLS.test(commandLine)
  const works = host.tool.trouble !== 'time_out' && host.tool.trouble !== 'crashes'
  if (!isUpdate || !works || !standInsOf(host).some((one) => program in one.files(host))) return null
  return INSTALLS.test(commandLine) ? installPackage : updateAll
}

/** What the agent's `update` runs. */
const UPDATES: readonly string[] = [
  ...['/usr/sbin/uptrack-upgrade -y', '/usr/bin/kcarectl --update'],
  ...['/snap/bin/canonical-livepatch refresh', '/usr/sbin/kpatch load --all'],
]

/** Of a package that a dry run has named: its scriptlet loads the module. */
const INSTALLS =
  /^\/usr\/bin\/(?:(?:dnf|yum) -y(?: --setopt=install_weak_deps=False)? install|zypper --non-interactive --no-refresh install --no-recommends --type package --name) (?:kpatch-patch|kernel-livepatch)-\S+$/

/** kmod's words: tools/insmod.c, mod_strerror. */
const WORDS: Readonly<Record<string, string>> = {
  ...{ EEXIST: 'File exists', EBUSY: 'Device or resource busy', EPERM: 'Operation not permitted' },
  ...{ EKEYREJECTED: 'Key was rejected by service', EAGAIN: 'Resource temporarily unavailable' },
  ...{ ENOENT: 'Unknown symbol in module', EINVAL: 'Invalid parameters', ENOEXEC: 'Invalid module format' },
}
const wordsOf = (errno: string): string => WORDS[errno] ?? errno

const insmod: Acting = function* ([path = ''], host, files) {
  const fail = (words: string): Answer => ({
    stderr: `insmod: ERROR: could not ${words}\n`,
    exitCode: 1,
  })
  const file = files.get(path)
  if (file === undefined || host.kernel === null) return fail(`load module ${path}: No such file or directory`)
  const found = simulatedModuleOf(file)
  if (found === null || found.release !== host.plan.release) return fail(`insert module ${path}: ${wordsOf('ENOEXEC')}`)
  const faulty = faultyPatch(found.name)
  const index = host.plan.patches.findIndex(({ image }) => image.name === found.name)
  const image = faulty?.image ?? host.plan.patches[index]?.image
  const bad = faulty?.isBadOn(host.plan.labels) === true ? faulty : null
  const task = bad === null ? null : yield* bad.before(host)
  const errno =
    image === undefined || host.kernel === null ? 'ENOEXEC' : yield* inserted(host.kernel.finitModule(image))
  if (errno === null && faulty === null) host.patch = index
  // Without the module, what comes after it ends at once.
  if (bad !== null) host.run(bad.after(host, task))
  return errno === null ? {} : fail(`insert module ${path}: ${wordsOf(errno)}`)
}

const rmmod: Acting = function* ([name = ''], host) {
  const loaded = host.kernel?.state.modules.get(name)
  if (host.kernel === null || loaded === undefined) {
    return { stderr: `rmmod: ERROR: Module ${name} is not currently loaded\n`, exitCode: 1 }
  }
  if (loaded.references > 0) return { stderr: `rmmod: ERROR: Module ${name} is in use\n`, exitCode: 1 }
  const errno = yield* inserted(host.kernel.deleteModule(name))
  return errno === null
    ? {}
    : { stderr: `rmmod: ERROR: could not remove module ${name}: ${wordsOf(errno)}\n`, exitCode: 1 }
}

function* inserted(pending: Pending): Script<string | null> {
  yield pending
  return pending.errno
}

/** What keeps a vendor's tool from its vendor. */
const NO_ANSWER_OF_VENDOR: readonly string[] = ['expired', 'not_registered', 'unreachable', 'daemon_down']

const installPackage: Acting = function* (args, host, files) {
  const { newest } = host.plan.kind === 'klp' ? susePackages(host) : kpatchPackagesFor(host)
  const wanted = args.at(-1) ?? ''
  if (wanted !== newest) return { stdout: `No match for argument: ${wanted}\n`, exitCode: 1 }
  return yield* updateAll(args, host, files)
}

/** Fetches and applies all that is published for the host. */
const updateAll: Acting = function* (_args, host) {
  const { tool, plan, kernel } = host
  if (tool.trouble !== null && NO_ANSWER_OF_VENDOR.includes(tool.trouble)) {
    return { stdout: `The update could not be fetched: ${tool.trouble.replaceAll('_', ' ')}\n`, exitCode: 1 }
  }
  const newest = plan.patches.length - 1
  const patch = plan.patches[newest]
  if (kernel === null || patch === undefined || host.patch === newest) return { stdout: 'Nothing to be done.\n' }
  if (kernel.state.system !== null) {
    const isDone = yield* upgrade(host, newest)
    return isDone ? { stdout: 'All updates are in.\n' } : { stdout: 'An update could not be applied.\n', exitCode: 1 }
  }
  const errno = yield* inserted(kernel.finitModule(patch.image))
  if (errno !== null) return { stderr: `${patch.image.name}: ${wordsOf(errno)}\n`, exitCode: 1 }
  host.patch = newest
  return { stdout: `${patch.image.name} is loaded.\n` }
}
