// Goal: a host fits only where all that decides is known and nothing forbids it, and the reason is named. Method: a host
// that fits, changed in one way at a time; then properties over hosts of which facts are taken away at random.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { patchFit } from './patch-fit.ts'
import type { FitHost, FitStatus, FitSystem } from './patch-fit-host.ts'
import { vendorFit } from './patch-fit-vendor.ts'
import { testFitHost, testFitModule } from './test-module-facts.ts'

const module = testFitModule(5)
const { kernel } = testFitHost()
const withKernel = (parts: Partial<NonNullable<FitHost['kernel']>>): FitHost =>
  testFitHost({ kernel: kernel && { ...kernel, ...parts } })
const status = (name: string, parts: Partial<FitStatus> = {}): FitStatus => ({
  ...{ name, state: 'applied', order: 1, replace: true, srcversion: 'AAA' },
  ...parts,
})
const system = (name: string, parts: Partial<FitSystem> = {}): FitSystem => ({
  ...{
    name,
    foreignPatches: [],
    patches: [],
    versions: [],
    offered: [],
    effectiveKernel: null,
    active: true,
    lostAccess: false,
  },
  ...{ coverageEnded: false, upToDate: null },
  ...parts,
})
const policy = (parts: Partial<NonNullable<FitHost['policy']>>): Partial<FitHost> => {
  const whole = testFitHost().policy
  return { policy: whole && { ...whole, ...parts } }
}
const decided = (host: FitHost, of = module, catalogue: Parameters<typeof patchFit>[2] = []) => {
  const { fits, reasons } = patchFit(of, host, catalogue)
  return [fits, ...reasons.map(({ code }) => code)]
}

test('a host with its kernel, of which all is known, fits', () => {
  expect(patchFit(module, testFitHost(), [])).toEqual({ fits: 'yes', replaces: [], reasons: [] })
})

const unsigned = testFitModule(5, { signature: null })

describe('what forbids it', () => {
  test.each<[string, FitHost, typeof module]>([
    ['architecture', testFitHost({ architecture: 'aarch64' }), module],
    ['release', testFitHost({ release: '6.12.2-amd64' }), module],
    ['no_livepatch', withKernel({ livepatchConfigured: false }), module],
    ['recorded', testFitHost({ origin: 'recorded' }), module],
    ['observed', testFitHost({ hostClass: 'observe' }), module],
    ['quarantined', testFitHost({ quarantined: true }), module],
    ['old_agent', testFitHost({ protocol: 1, policy: null }), module],
    ['stopped', testFitHost(policy({ stopped: true })), module],
    ['action_barred', testFitHost(policy({ actions: ['refresh'] })), module],
    ['modules_disabled', withKernel({ modulesDisabled: true }), module],
    ['unsigned', withKernel({ moduleSignatureEnforced: true }), unsigned],
    ['unsigned', withKernel({ lockdown: 'integrity' }), unsigned],
    ['ftrace_off', withKernel({ ftraceEnabled: false }), module],
    ['forced', testFitHost({ forcedThisBoot: true }), module],
    ['other_system', testFitHost({ systems: [system('kernelcare', { foreignPatches: ['level 11'] })] }), module],
    ['already_there', testFitHost({ stack: [status('lp_new', { order: null, state: 'disabled' })] }), module],
  ])('%s', (code, host, of) => {
    expect(decided(host, of)).toEqual(['no', code])
  })

  test('the same source under another name is there already', () => {
    expect(decided(testFitHost({ stack: [status('lp_old', { srcversion: 'BBB' })] }))).toContain('already_there')
  })

  test('of another kernel nothing else is looked at', () => {
    const host = testFitHost({ release: '5.10.0-1', quarantined: true, kernel: null })
    expect(decided(host)).toEqual(['no', 'release'])
  })
})

describe('what is missing', () => {
  test.each<[string, FitHost, typeof module]>([
    ['not_read', testFitHost({ release: '' }), module],
    ['not_read', testFitHost({ kernel: null }), module],
    ['agent_unheard', testFitHost({ policy: null, protocol: null }), module],
    ['module_unread', testFitHost(), { ...module, facts: null }],
    ['patches_unread', testFitHost({ stackRead: false }), module],
    ['module_loading', withKernel({ modulesDisabled: null }), module],
    ['ftrace_unread', withKernel({ ftraceEnabled: null }), module],
    ['signature_rule', withKernel({ lockdown: null }), unsigned],
    ['signature_rule', withKernel({ moduleSignatureEnforced: null }), unsigned],
    ['signer_trusted', withKernel({ moduleSignatureEnforced: true }), module],
    ['signer_trusted', withKernel({ lockdown: null }), module],
    ['other_system_unread', testFitHost({ systems: [system('ksplice', { foreignPatches: null })] }), module],
  ])('%s', (code, host, of) => {
    expect(decided(host, of)).toEqual(['unknown', code])
  })

  test('whether there is livepatch at all', () => {
    const host = { ...withKernel({ livepatchConfigured: null }), stackRead: false }
    expect(decided(host)).toEqual(['unknown', 'livepatch_support', 'patches_unread'])
    expect(decided({ ...host, stackRead: true })).toEqual(['yes'])
  })

  test('a signer is trusted where a module of the same key is in', () => {
    const host = { ...withKernel({ moduleSignatureEnforced: true }), stack: [status('lp_old')] }
    const older = (keyId: string) =>
      testFitModule(4, {
        ...{ name: 'lp_old', srcversion: 'AAA' },
        signature: { signer: 'Vendor', keyId, hash: null, algorithm: null },
      })
    expect(decided(host, module, [older('aa')])).toEqual(['yes', 'replaces'])
    expect(decided(host, module, [older('bb')])).toEqual(['unknown', 'signer_trusted', 'replaces'])
  })
})

describe('beside other livepatches', () => {
  const host = testFitHost({ stack: [status('lp_old')] })
  const old = (releaseCounter: number, parts: Parameters<typeof testFitModule>[1] = {}) =>
    testFitModule(releaseCounter, { name: 'lp_old', srcversion: 'AAA', ...parts })

  test('a cumulative one takes their place, and says whose', () => {
    expect(patchFit(module, host, [old(4)])).toMatchObject({ fits: 'yes', replaces: ['lp_old'] })
  })
  test('another goes on top', () => {
    const on = testFitModule(5, { replace: false })
    expect(patchFit(on, host, [old(4)]).replaces).toEqual([])
    expect(decided(host, on, [old(4)])).toEqual(['yes', 'goes_on_top'])
  })
  test('or its file does not show which', () => {
    expect(decided(host, testFitModule(5, { replace: null }), [old(4)])).toEqual(['yes', 'place_unknown'])
  })
  test('T21 of the same name for another machine says nothing of the one that is in', () => {
    expect(decided(host, module, [old(6, { architecture: 's390x' }), old(4)])).toEqual(['yes', 'replaces'])
    expect(decided(host, module, [{ ...old(6), release: '5.14.0' }, old(4)])).toEqual(['yes', 'replaces'])
  })
  test('T21 older than a cumulative one that is in', () => {
    expect(decided(host, module, [old(6)])).toEqual(['no', 'would_be_replaced', 'replaces'])
  })
  test('older than one that is not cumulative may go beside it', () => {
    const beside = testFitHost({ stack: [status('lp_old', { replace: false })] })
    expect(decided(beside, module, [old(6, { replace: false })])).toEqual(['yes', 'replaces'])
  })
  test('what sysfs does not show of it, its file does', () => {
    const before612 = testFitHost({ stack: [status('lp_old', { replace: null })] })
    expect(decided(before612, module, [old(6)])[0]).toBe('no')
  })
  test('a build of the same name that is not in is not taken for the one that is', () => {
    expect(decided(host, module, [old(6, { srcversion: 'CCC' })])).toEqual(['yes', 'not_in_catalogue', 'replaces'])
  })
  test.each<[string, string, object, object]>([
    ['a state in a lower version', 'no', { states: [{ id: '1', version: 2 }] }, { states: [{ id: '1', version: 1 }] }],
    ['a state that it does not know', 'no', { states: [{ id: '1', version: 1 }] }, { states: [] }],
    ['the same state', 'yes', { states: [{ id: '1', version: 1 }] }, { states: [{ id: '1', version: 1 }] }],
    ['a state of its own', 'yes', { states: [] }, { states: [{ id: '1', version: 1 }] }],
    ['states that were not read', 'unknown', { states: null }, {}],
    ['own states that were not read', 'unknown', { states: [{ id: '1', version: 1 }] }, { states: null }],
  ])('%s: %s', (_, fits, before, own) => {
    expect(decided(host, testFitModule(5, own), [old(4, before)])[0]).toBe(fits)
  })
  test('one that is not cumulative may leave a state alone', () => {
    const on = testFitModule(5, { replace: false })
    expect(decided(host, on, [old(4, { states: [{ id: '1', version: 1 }] })])[0]).toBe('yes')
  })
})

const statuses = fc.array(
  fc.record({
    name: fc.constantFrom('lp_new', 'lp_old', 'lp_other'),
    state: fc.constantFrom<FitStatus['state']>('patching', 'applied', 'disabled', 'unknown'),
    order: fc.constantFrom(1, 2, null),
    replace: fc.constantFrom(true, false, null),
    srcversion: fc.constantFrom('AAA', 'BBB', null),
  }),
  { maxLength: 3 },
)
const known = fc.constantFrom(true, false, null)
const hosts = fc
  .record({
    livepatchConfigured: known,
    lockdown: fc.constantFrom('none', 'integrity', null),
    moduleSignatureEnforced: known,
    modulesDisabled: known,
    ftraceEnabled: known,
    stack: statuses,
    stackRead: fc.boolean(),
    read: fc.boolean(),
    release: fc.constantFrom('6.12.1-amd64', '6.1.0', ''),
    quarantined: fc.boolean(),
  })
  .map(({ stack, stackRead, read, release, quarantined, ...parts }) => ({
    ...withKernel(parts),
    ...{ stack, stackRead, release, quarantined },
    ...(read ? {} : { kernel: null }),
  }))
const modules = fc.constantFrom(module, unsigned, testFitModule(5, { replace: false, states: null }))

describe('of any host', () => {
  test('the answer follows from the reasons, and is yes only where each fact that decides is known', () => {
    fc.assert(
      fc.property(hosts, modules, (host, of) => {
        const { fits, reasons } = patchFit(of, host, [testFitModule(9, { name: 'lp_old', srcversion: 'AAA' })])
        const kinds = new Set(reasons.map(({ kind }) => kind))
        expect(fits).toBe(kinds.has('no') ? 'no' : kinds.has('unknown') ? 'unknown' : 'yes')
        if (fits !== 'yes') return
        expect(host.release).toBe(of.release)
        expect([host.stackRead, host.kernel?.modulesDisabled, host.kernel?.ftraceEnabled]).toEqual([true, false, true])
        expect(host.kernel?.lockdown).not.toBeNull()
        expect(host.kernel?.moduleSignatureEnforced).not.toBeNull()
        expect(host.stack.some(({ name }) => name === of.name)).toBe(false)
      }),
    )
  })

  test('to know less never turns a no or an unknown into a yes', () => {
    const fields = [
      'livepatchConfigured',
      'lockdown',
      'moduleSignatureEnforced',
      'modulesDisabled',
      'ftraceEnabled',
    ] as const
    fc.assert(
      fc.property(hosts, modules, fc.constantFrom(...fields), (host, of, field) => {
        if (host.kernel === null || patchFit(of, host, []).fits === 'yes') return
        const less = { ...host, kernel: { ...host.kernel, [field]: null } }
        // That the kernel has livepatch is also known by its directory.
        if (field === 'livepatchConfigured' && host.stackRead) return
        expect(patchFit(of, less, []).fits).not.toBe('yes')
      }),
    )
  })
})

describe('a vendor’s update', () => {
  const at = (parts: Partial<FitSystem>) => testFitHost({ systems: [system('ksplice', parts)] })
  const named = { provider: 'ksplice', level: '5.15.0-89.99' } as const
  const newest = { provider: 'ksplice', level: null } as const
  test.each<[string, FitHost, typeof named | typeof newest, string[]]>([
    ['not read', testFitHost({ release: '' }), newest, ['unknown', 'not_read']],
    ['without the tool', testFitHost(), newest, ['no', 'system_absent']],
    ['switched off', at({ active: false, upToDate: false }), newest, ['no', 'system_absent']],
    ['access ended', at({ lostAccess: true, upToDate: false }), newest, ['no', 'access_lost']],
    ['no more support', at({ coverageEnded: true, upToDate: false }), newest, ['no', 'coverage_ended']],
    ['nothing newer', at({ upToDate: true }), newest, ['no', 'already_there']],
    ['something newer', at({ upToDate: false }), newest, ['yes']],
    ['not known whether', at({}), newest, ['unknown', 'vendor_level']],
    ['at the level', at({ effectiveKernel: '5.15.0-89.99' }), named, ['no', 'already_there']],
    ['beyond it', at({ effectiveKernel: '5.15.0-91.101' }), named, ['no', 'already_there']],
    ['below it', at({ effectiveKernel: '5.15.0-80.90' }), named, ['yes']],
    ['of another series', at({ effectiveKernel: '6.1.0-1' }), named, ['unknown', 'vendor_level']],
    ['at no level that is told', at({}), named, ['unknown', 'vendor_level']],
    ['the level is the name of a patch that is in', at({ patches: ['5.15.0-89.99'] }), named, ['no', 'already_there']],
  ])('%s', (_, host, update, expected) => {
    const { fits, reasons } = vendorFit(update, host)
    expect([fits, ...reasons.map(({ code }) => code)]).toEqual(expected)
  })
})

describe('a package of the distribution', () => {
  const allowed = policy({ packageUpdates: true })
  const at = (name: 'klp' | 'kpatch', parts: Partial<FitSystem>, more: Partial<FitHost> = allowed) =>
    testFitHost({ ...more, systems: [system(name, parts)] })
  const newest = { provider: 'klp', level: null } as const
  const third = { provider: 'klp', level: '3' } as const
  const redHat = { provider: 'kpatch', level: '1-4' } as const
  const offered = ['kernel-livepatch-6_4_0-150600_23_25-default-3-150600.4.7.1.x86_64']
  const behind = { upToDate: false, offered, versions: ['2'] }
  const kpatch = (edition: string) => [`kpatch-patch-5_14_0-70_13_1-${edition}.el9_0.x86_64`]
  test.each<[string, FitHost, Parameters<typeof vendorFit>[0], string[]]>([
    ['a newer one is offered', at('klp', behind), newest, ['yes']],
    ['none is there yet', at('klp', { ...behind, versions: [], active: false }), newest, ['yes']],
    ['the newest is there', at('klp', { upToDate: true, versions: ['3'] }), newest, ['no', 'already_there']],
    ['its lists are not known', at('klp', {}), newest, ['unknown', 'vendor_level']],
    ['T27 not allowed by agent.json', at('klp', behind, {}), newest, ['no', 'action_barred']],
    ['T27 not allowed, nor needed', at('klp', { upToDate: true }, {}), newest, ['no', 'already_there']],
    ['the level is offered', at('klp', behind), third, ['yes']],
    ['the level is there', at('klp', { upToDate: true, versions: ['3'] }), third, ['no', 'already_there']],
    ['a later one is there', at('klp', { upToDate: true, versions: ['10'] }), third, ['no', 'already_there']],
    [
      'only an earlier one is offered',
      at('klp', { ...behind, versions: ['1'] }),
      { provider: 'klp', level: '4' },
      ['unknown', 'vendor_level'],
    ],
    ['a level that is no version', at('klp', behind), { provider: 'klp', level: 'July' }, ['unknown', 'vendor_level']],
    ['kpatch: offered', at('kpatch', { upToDate: false, offered: kpatch('1-4'), versions: ['1-2'] }), redHat, ['yes']],
    [
      'kpatch: an earlier one is offered',
      at('kpatch', { upToDate: false, offered: kpatch('1-3') }),
      redHat,
      ['unknown', 'vendor_level'],
    ],
    ['kpatch: there', at('kpatch', { upToDate: true, versions: ['1-4'] }), redHat, ['no', 'already_there']],
    [
      'T27 kpatch: not allowed',
      at('kpatch', { upToDate: false, offered: kpatch('1-4') }, {}),
      redHat,
      ['no', 'action_barred'],
    ],
  ])('%s', (_, host, update, expected) => {
    const { fits, reasons } = vendorFit(update, host)
    expect([fits, ...reasons.map(({ code }) => code)]).toEqual(expected)
  })
})
