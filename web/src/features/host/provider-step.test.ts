// Goal: what a host's providers say becomes one act. Method: reports as the contract gives them, one fact at a time.
import type { HostDetail } from '@rebootless/shared/contract/host.ts'
import type { ProviderPatch, ProviderStep } from '@rebootless/shared/contract/provider.ts'
import { type ProviderFindings, providerReport } from '@rebootless/shared/domain/provider-report.ts'
import type { ProviderName } from '@rebootless/shared/domain/words.ts'
import { describe, expect, test } from 'vitest'
import { nextStep } from './next-step.ts'

const host = (
  state: HostDetail['state'],
  findings: Partial<ProviderFindings>,
  facts: Partial<HostDetail> = {},
  name: ProviderName = 'ksplice',
): HostDetail =>
  ({
    ...{ state, stateReason: 'Why.', providers: [name], transition: null, disagreements: [], stack: [] },
    ...{ reboot: 'unknown', rebootNeed: { answer: 'unknown', reason: '' } },
    providerReports: [providerReport(name, { detail: '', ...findings })],
    ...facts,
  }) as HostDetail
const patch = (facts: Partial<ProviderPatch>) =>
  ({
    ...{ id: 'a1b2c3d4', name: 'Use-after-free in x.', state: 'applied', target: 'kernel', cves: [] },
    ...facts,
  }) as ProviderPatch
const module = { id: 'kpatch_1_2', name: 'kpatch_1_2', cves: ['CVE-2021-33909'] }
const step: ProviderStep = {
  action: 'install',
  id: 'a1b2c3d4',
  name: 'CVE-2025-38477: a fix.',
  cves: ['CVE-2025-38477'],
}
const needs = (answer: 'yes' | 'yes_but_covered') =>
  ({ reboot: answer, rebootNeed: { answer, reason: 'A newer kernel is installed.' } }) as const

const exposedTo = (exposed: number, knownExploited: number) => ({
  exposure: { exposed, knownExploited, worst: exposed === 0 ? null : ('high' as const), doubted: false },
})

describe('the next step', () => {
  test.each([
    ['offered steps', host('exposed', { steps: [step, step] }), 'Have Ksplice take the 2 steps that it offers.'],
    [
      'only that something is newer',
      host('exposed', { behind: true }, {}, 'klp'),
      'Have SUSE live patching take the newer patches that it offers.',
    ],
    [
      'a withdrawn patch, before what is offered',
      host('exposed', { steps: [step], patches: [patch({ withdrawn: true })] }),
      'Have Ksplice remove a1b2c3d4: its vendor has taken it back.',
    ],
    [
      'ended coverage',
      host('exposed', { coverage: 'end_of_life' }),
      'Boot a newer kernel: no more patches come for this one.',
    ],
    [
      'ended coverage, a last step, and no newer kernel on disk',
      host(
        'exposed',
        { coverage: 'end_of_life', steps: [step] },
        { kernelRelease: '6.1.12', distribution: { newestInstalled: '6.1.12' } as HostDetail['distribution'] },
      ),
      'Have Ksplice take the step that it offers, then install and boot a newer kernel: no more patches come for this one.',
    ],
    [
      'a module on disk that is not loaded',
      host('exposed', { patches: [patch({ ...module, state: 'not_loaded' })] }, {}, 'kpatch'),
      'Have kpatch load kpatch_1_2.',
    ],
    [
      'a newer module on disk, beside one that is in',
      host('patched', { patches: [patch({ cves: [] }), patch({ ...module, state: 'not_loaded' })] }, {}, 'kpatch'),
      'Have kpatch load kpatch_1_2.',
    ],
    [
      'an older module on disk, whose fixes are in',
      host('patched', { patches: [patch(module), patch({ ...module, state: 'not_loaded' })] }, {}, 'kpatch'),
      'Nothing to do.',
    ],
    [
      'nothing in a kernel that takes no livepatch',
      host('exposed', {}, { kernel: { livepatchConfigured: false } as HostDetail['kernel'] }),
      'Have Ksplice patch this kernel, or boot a fixed one.',
    ],
    [
      'Canonical Livepatch that is not enabled',
      host('exposed', { access: 'not_registered' }, {}, 'canonical'),
      'Enable Canonical Livepatch on this host.',
    ],
    [
      'an expired subscription',
      host('exposed', { access: 'expired', steps: [step] }),
      'Renew the subscription of Ksplice.',
    ],
    [
      'no registration, though patched',
      host('patched', { access: 'not_registered' }),
      'Register this host with Ksplice.',
    ],
    [
      'a failed patch',
      host('failed', { patches: [patch({ state: 'failed' })] }),
      'Read what Ksplice said of its failed patch.',
    ],
    [
      'a tool that fails',
      host('stale', { troubles: [{ source: 'uptrack-show', code: 1, text: 'no' }] }),
      'Find out why Ksplice could not be read.',
    ],
    [
      'a disagreement',
      host('drifted', {}, { disagreements: [{} as HostDetail['disagreements'][0]] }),
      'Find out which account is true.',
    ],
    [
      'two systems at once, of which one offers something',
      host(
        'exposed',
        { steps: [step] },
        { disagreements: [{ provider: 'canonical', subject: 'Ksplice and Canonical Livepatch' } as never] },
      ),
      'Switch Ksplice or Canonical Livepatch off: one system alone may patch a kernel.',
    ],
    [
      'a process in the tool’s way',
      host('patching', { inProgress: true, blockers: [{ pid: 28, tid: null, comm: 'unbound', stack: [] }] }),
      'Find out what keeps unbound (28): it is in the way of Ksplice.',
    ],
    [
      'a thread in its way, whose process is not known',
      host('patching', { inProgress: true, blockers: [{ pid: null, tid: 28, comm: null, stack: [] }] }),
      'Find out what keeps thread 28: it is in the way of Ksplice.',
    ],
    ['a tool at work', host('patching', { inProgress: true }), 'Nothing to do: Ksplice is at work.'],
    ['a reboot', host('patched', {}, needs('yes')), 'Plan a reboot.'],
    [
      'a reboot that can wait',
      host('patched', {}, needs('yes_but_covered')),
      'Nothing to do now; reboot when it suits.',
    ],
    [
      'CVEs that its patches do not fix, and something unread',
      host('patched', { troubles: [{ source: 'uptrack-show', code: 1, text: 'no' }] }, exposedTo(170, 9)),
      'See what it is exposed to: 170 CVEs, 9 of them known to be exploited.',
    ],
    [
      'a CVE that its patches do not fix, and a reboot that can wait',
      host('patched', {}, { ...needs('yes_but_covered'), ...exposedTo(1, 0) }),
      'See what it is exposed to: 1 CVE.',
    ],
    ['CVEs that a reboot ends', host('patched', {}, { ...needs('yes'), ...exposedTo(3, 0) }), 'Plan a reboot.'],
    ['nothing, and is judged', host('patched', { access: 'ok' }, exposedTo(0, 0)), 'Nothing to do.'],
    ['nothing', host('patched', { access: 'ok', coverage: 'supported' }), 'Nothing to do.'],
    [
      'a system that is switched off, and offers',
      host('exposed', { active: false, behind: true }, { reboot: 'no' }),
      'Load a livepatch, or boot a fixed kernel.',
    ],
  ])('of a host with %s', (_, given, lead) => {
    expect(nextStep(given, null).lead).toBe(lead)
  })

  test('says with access trouble what the tool said', () => {
    expect(
      nextStep(host('patched', { access: 'expired', accessDetail: 'Your subscription has expired' }), null).why,
    ).toBe('Your subscription has expired.')
  })
})
