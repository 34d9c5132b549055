import type { RawFile } from '@rebootless/shared/contract/kernel.ts'
import {
  livepatchOf,
  testDistribution,
  testLivepatch,
  testPatch,
  testReport,
  testSnapshot,
} from '@rebootless/shared/domain/test-snapshot.ts'
import type { LinkedHost } from './linked-host.ts'

const RUNNING = '5.15.0-300.163.18.el9uek.x86_64'
const NEWER = '5.15.0-318.199.3.el9uek.x86_64'
const QFQ = { id: 'iw8wjvh1', name: 'CVE-2025-38477: Use-after-free in Quick Fair Queueing scheduler (QFQ) driver.' }

const printed = (path: string, content: string, exitCode: number | null, provider = 'ksplice'): RawFile => ({
  ...{ path, content, errno: null, truncated: false, provider },
  ...(path.startsWith('/usr') ? { exitCode } : {}),
})

/**
 * One host with all that a Provider tab can show: Ksplice at work with a step to take, a withdrawn update, trouble and a
 * process in its way; and kpatch beside it, which names a livepatch that sysfs does not have.
 */
export const mixedHost: LinkedHost = {
  name: 'mixed.story',
  snapshot: (now) => {
    const empty = testSnapshot()
    return testSnapshot({
      takenAt: now,
      hostName: 'mixed.story',
      kernel: { ...empty.kernel, release: RUNNING },
      operatingSystem: { id: 'ol', name: 'Oracle Linux Server 9.5', versionId: '9.5' },
      livepatches: [testLivepatch('kpatch_known')],
      providers: [
        testReport('livepatch', { detail: 'sysfs shows 1 livepatch.' }),
        testReport('ksplice', {
          detail: 'Ksplice has 3 updates in the kernel and 1 in a program.',
          ...{ version: '1.2.83', effectiveKernel: NEWER, coverage: 'supported', coverageUntil: '2027-06-30' },
          ...{ access: 'expired', accessDetail: 'The subscription has expired (exit code 17).', checkedAt: now },
          patches: [
            testPatch('r9hrmw28', { name: 'Enablement update for live patching.', protects: false }),
            testPatch(QFQ.id, { name: QFQ.name, cves: ['CVE-2025-38477'] }),
            testPatch('ibyh7gbw', {
              name: 'CVE-2020-27170, CVE-2020-27171: Information disclosure in BPF verifier.',
              cves: ['CVE-2020-27170', 'CVE-2020-27171'],
              withdrawn: true,
            }),
            testPatch('glibc-2.34', { name: 'glibc', target: 'user_space', cves: ['CVE-2023-4911'] }),
          ],
          steps: [
            { action: 'remove', id: 'ibyh7gbw', name: 'CVE-2020-27170, CVE-2020-27171: …', cves: [] },
            { action: 'remove', ...QFQ, cves: ['CVE-2025-38477'] },
            { action: 'install', ...QFQ, cves: ['CVE-2025-38477'] },
            { action: 'install', id: 'qeibbp29', name: 'CVE-2025-40099: A fix.', cves: ['CVE-2025-40099'] },
          ],
          blockers: [{ pid: 1234, tid: null, comm: 'crond', stack: ['hrtimer_nanosleep', '__do_sys_nanosleep'] }],
          settings: [{ name: 'autoinstall', value: 'no' }],
          troubles: [
            { source: '/usr/sbin/uptrack-show --available', code: 17, text: 'Your subscription has expired.' },
          ],
        }),
        testReport('kpatch', {
          detail: 'kpatch lists 2 modules.',
          version: '0.9.11',
          patches: [
            livepatchOf('kpatch_known', { cves: ['CVE-2024-26581'], atNextBoot: true }),
            livepatchOf('kpatch_gone', { cves: ['CVE-2024-1086'] }),
          ],
        }),
      ],
      distribution: testDistribution({
        ...{ installedKernels: [RUNNING, NEWER], newestInstalled: NEWER, rebootRequired: null },
        ...{ livepatchPackages: [], offer: 'Oracle Linux has Ksplice for this kernel.' },
      }),
      raw: [
        printed('/var/lib/uptrack/effective_kernel', `---\nEffectiveKernel:\n  PackageVersion: ${NEWER}\n...\n`, null),
        printed('/usr/sbin/uptrack-show --available', 'Your subscription has expired.\n', 17),
        printed('/usr/sbin/uptrack-show', `Installed updates:\n[${QFQ.id}] ${QFQ.name}\n`, 0),
        printed('/usr/sbin/kpatch list', 'Loaded patch modules:\nkpatch_known [enabled]\n', 0, 'kpatch'),
      ],
    })
  },
}
