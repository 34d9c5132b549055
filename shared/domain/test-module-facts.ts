import type { ModuleFacts, PatchedObject } from '../contract/module-facts.ts'
import type { FitHost } from './patch-fit-host.ts'
import type { FitModule } from './patch-fit-order.ts'

export const MODULE_RELEASE = '6.12.1-amd64'

export const testObject = (name: string | null, functions: readonly string[], sympos = 0): PatchedObject => ({
  name,
  functions: functions.map((function_) => ({ name: function_, sympos, replacement: `new_${function_}` })),
  callbacks: [],
})

/** A cumulative livepatch of one function, signed, read whole. */
export const testFacts = (parts: Partial<ModuleFacts> = {}): ModuleFacts => ({
  ...{ name: 'lp_new', version: '2', srcversion: 'BBB', vermagic: `${MODULE_RELEASE} SMP mod_unload `, buildId: null },
  ...{ release: MODULE_RELEASE, architecture: 'x86_64', description: null, licence: 'GPL', author: null, depends: [] },
  ...{ maker: 'source', objects: [testObject(null, ['do_fix'])], unread: null, replace: true, shadowVariables: [] },
  ...{ states: [], modversions: false, cves: [] },
  signature: { signer: 'Vendor', keyId: 'aa', hash: 'sha256', algorithm: 'rsa' },
  ...parts,
})

export const testFitModule = (releaseCounter: number, parts: Partial<ModuleFacts> = {}): FitModule => {
  const facts = testFacts(parts)
  const { name, release, srcversion } = facts
  return { name, release, srcversion, releaseCounter, facts }
}

/** A host of the lab that is read whole, minds no signature and has nothing. */
export const testFitHost = (parts: Partial<FitHost> = {}): FitHost => ({
  ...{ hostClass: 'lab', protocol: 2, origin: 'agent', connected: true, quarantined: false },
  policy: {
    ...{ hostClass: 'lab', reason: null, approvers: [], threshold: 1, hours: null, neverForce: false, stopped: false },
  },
  ...{ release: MODULE_RELEASE, architecture: 'x86_64', forcedThisBoot: false, stackRead: true, stack: [] },
  kernel: {
    ...{ livepatchConfigured: true, reliableStackTraces: true, lockdown: 'none', moduleSignatureEnforced: false },
    ...{ modulesDisabled: false, ftraceEnabled: true },
  },
  ...{ transition: null, systems: [] },
  ...parts,
})
